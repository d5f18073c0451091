#include "cli/plane_client.h"

#include <fmt/format.h>

#include "audit/audit.h"
#include "control/token.h"

namespace vigia::cli {

PlaneClient::PlaneClient(std::string url, Secret token, std::string user)
    : http_(net::MakeHttpClient()), url_(std::move(url)), token_(std::move(token)), user_(std::move(user)) {}

Result<PlaneClient> PlaneClient::Connect(Context& context) {
  const auto address = control::ReadAddress(context.files, context.home);
  if (!address.ok()) {
    return Error(Code::kUnavailable, "no control plane runs in this home (vigia up starts one)");
  }
  Secret token = TRY(control::ReadToken(context.files, context.home));
  return PlaneClient(address->url, std::move(token), audit::CurrentUser());
}

Result<Json> PlaneClient::Get(const std::string& path) const {
  net::HttpRequest request;
  request.url = url_ + path;
  return Ask(std::move(request));
}

Result<Json> PlaneClient::Send(const std::string& method, const std::string& path, const Json& body) const {
  net::HttpRequest request;
  request.method = method;
  request.url = url_ + path;
  request.body = CompactJson(body);
  request.headers.emplace_back("Content-Type", "application/json");
  return Ask(std::move(request));
}

Result<Json> PlaneClient::Ask(net::HttpRequest request) const {
  request.headers.emplace_back("Authorization", "Bearer " + token_.Reveal());
  request.headers.emplace_back("X-Vigia-User", user_);
  const auto answer = http_->Send(request);
  if (!answer.ok()) {
    if (answer.error().code() == Code::kUnavailable) {
      return Error(Code::kUnavailable, "the control plane does not answer at " + url_ + " (vigia up starts one)");
    }
    return answer.error();
  }
  auto document = ParseJson(answer->body);
  if (answer->status >= 200 && answer->status <= 299) {
    if (!document.ok()) return Error(Code::kUnavailable, "the control plane answered with something else than JSON");
    return document;
  }
  std::string detail = fmt::format("the control plane answered {}", answer->status);
  if (document.ok() && document->is_object() && document->contains("detail") && (*document)["detail"].is_string()) {
    detail = (*document)["detail"].get<std::string>();
  }
  return Error(answer->status == 404 ? Code::kNotFound : Code::kFailedPrecondition, detail);
}

std::string TextOrDash(const Json& value) { return value.is_string() ? value.get<std::string>() : "-"; }

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace vigia::cli
