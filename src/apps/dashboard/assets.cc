#include "dashboard/assets.h"

#include <string_view>

#include "dashboard/embedded.h"

namespace vigia::dashboard {
namespace {

// Everything from this host, nothing inline, no frames. Styles set from script use the CSSOM, which this allows.
constexpr std::string_view kSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view Bytes(const Extent& extent) { return {EmbeddedBytes() + extent.offset, extent.size}; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `visit` with each element of a comma list until it returns true.
template <typename Visit>
bool AnyElement(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    if (visit(Trim(list.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

// RFC 9110, section 12.5.3, as far as gzip goes: a weight of zero refuses it.
bool TakesGzip(std::string_view accept) {
  return AnyElement(accept, [](std::string_view element) {
    const size_t semicolon = element.find(';');
    const std::string_view coding = Trim(element.substr(0, semicolon));
    if (!http::EqualsIgnoreCase(coding, "gzip") && coding != "*") return false;
    if (semicolon == std::string_view::npos) return true;
    const std::string_view weight = Trim(element.substr(semicolon + 1));
    return weight.find_first_of("123456789") != std::string_view::npos;
  });
}

bool Matches(std::string_view if_none_match, std::string_view etag) {
  return AnyElement(if_none_match, [etag](std::string_view element) {
    if (element.starts_with("W/")) element.remove_prefix(2);
    return element == "*" || element == etag;
  });
}

void Answer(http::Exchange& exchange, const Embedded& file) {
  http::Response& response = exchange.response;
  response.content_type = file.content_type;
  response.AddHeader("ETag", file.etag);
  response.AddHeader("Cache-Control", file.keep == Keep::kForever ? "public, max-age=31536000, immutable" : "no-cache");
  response.AddHeader("Vary", "Accept-Encoding");
  response.AddHeader("X-Content-Type-Options", "nosniff");
  response.AddHeader("Content-Security-Policy", kSecurityPolicy);
  response.AddHeader("Referrer-Policy", "no-referrer");
  response.AddHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.AddHeader("Cross-Origin-Resource-Policy", "same-origin");
  response.AddHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  if (Matches(exchange.request.Header("If-None-Match"), file.etag)) {
    response.status = 304;
    return;
  }
  const bool gzip = TakesGzip(exchange.request.Header("Accept-Encoding"));
  if (gzip) response.AddHeader("Content-Encoding", "gzip");
  response.body = Bytes(gzip ? file.gzip : file.identity);
}

}  // namespace

std::vector<http::Route> AssetRoutes() {
  std::vector<http::Route> routes;
  for (const Embedded& file : EmbeddedFiles()) {
    routes.push_back({.method = http::Method::kGet,
                      .path = std::string(file.path),
                      .access = http::Access::kPublic,
                      .action = [&file](http::Exchange& exchange) { Answer(exchange, file); }});
  }
  return routes;
}

}  // namespace vigia::dashboard
