#include "control/access.h"

#include <algorithm>

#include "base/digest.h"

namespace vigia::control {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr size_t kLongestName = 64;

std::string_view Presented(const http::Request& request) {
  const std::string_view key = request.Header("x-api-key");
  if (!key.empty()) return key;
  const std::string_view authorization = request.Header("authorization");
  if (authorization.size() <= kBearer.size()) return {};
  if (!http::EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) return {};
  return authorization.substr(kBearer.size());
}

bool IsName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '@';
  };
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), fits);
}

// localhost or an address: not a name that somebody else's DNS gives.
bool IsOwnName(std::string_view host) {
  if (host.empty()) return true;  // HTTP/1.0
  if (host.starts_with('[')) return true;
  host = host.substr(0, host.find(':'));
  return host == "localhost" || http::ParsePeer(host).has_value();
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kViewer: return "viewer";
    case Role::kOperator: return "operator";
    case Role::kAdmin: return "admin";
  }
  return "viewer";
}

Result<Actor> Access::Identify(const http::Request& request) const {
  const std::string_view presented = Presented(request);
  if (!presented.empty()) {
    if (!ConstantTimeEqual(presented, token_.Reveal())) {
      return Error(Code::kPermissionDenied, "the key or token is not valid");
    }
    const std::string_view name = request.Header("x-vigia-user");
    return Actor{IsName(name) ? std::string(name) : "operator", Role::kAdmin};
  }
  if (request.peer.IsLoopback() && IsOwnName(request.Header("host"))) return Actor{"", Role::kViewer};
  return Error(Code::kPermissionDenied, "a key or a session is needed");
}

}  // namespace vigia::control
