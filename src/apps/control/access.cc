#include "control/access.h"

#include <algorithm>

#include "auth/password.h"
#include "base/digest.h"
#include "base/text.h"

namespace vigia::control {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr Duration kLookEvery = std::chrono::milliseconds(500);
// Of sign-ins that are tried, right or wrong.
constexpr auth::Rate kOfAddress{30, 10}, kOfUser{12, 6}, kOfAll{120, 20};

std::string_view Presented(const http::Request& request) {
  const std::string_view key = request.Header("x-api-key");
  if (!key.empty()) return key;
  const std::string_view authorization = request.Header("authorization");
  if (authorization.size() <= kBearer.size()) return {};
  if (!http::EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) return {};
  return authorization.substr(kBearer.size());
}

// RFC 6265, section 4.2: "a=1; b=2". Empty when there is none of this name.
std::string_view CookieOf(const http::Request& request, std::string_view name) {
  std::string_view rest = request.Header("cookie");
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    const std::string_view pair = Trim(rest.substr(0, end));
    const size_t equal = pair.find('=');
    if (equal != std::string_view::npos && pair.substr(0, equal) == name) return pair.substr(equal + 1);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

// localhost or an address: not a name that somebody else's DNS gives.
bool IsOwnName(std::string_view host) {
  if (host.empty()) return true;  // HTTP/1.0
  if (host.starts_with('[')) return true;
  host = host.substr(0, host.find(':'));
  return host == "localhost" || http::ParsePeer(host).has_value();
}

bool Reads(http::Method method) { return method == http::Method::kGet || method == http::Method::kHead; }

Error Nobody() { return Error(Code::kPermissionDenied, "the user, password or key is not valid"); }

}  // namespace

bool IsLocalProgram(const http::Request& request) {
  for (const char* header : {"origin", "sec-fetch-site", "forwarded", "x-forwarded-for"}) {
    if (!request.Header(header).empty()) return false;
  }
  return request.peer.IsLoopback() && IsOwnName(request.Header("host"));
}

Access::Access(Secret token, const World& world)
    : token_(std::move(token)), world_(world), sessions_(world.sessions, world.entropy), tries_(1 << 10) {}

Access::Users Access::CurrentUsers() const {
  const std::lock_guard lock(mutex_);
  const MonoTime now = world_.clock.Mono();
  if (looked_at_ && now - *looked_at_ < kLookEvery) return users_;
  looked_at_ = now;
  const auto info = world_.files.Info(world_.users_file);
  if (!info.ok()) {
    unreadable_ = info.error().code() != Code::kNotFound;
    if (!unreadable_ || !users_) users_ = std::make_shared<std::vector<auth::User>>();
    modified_ = {};
    return users_;
  }
  if (users_ && info->modified == modified_ && info->size == size_) return users_;
  auto read = auth::ReadUsers(world_.files, world_.users_file);
  unreadable_ = !read.ok();
  if (!read.ok() && !users_) users_ = std::make_shared<std::vector<auth::User>>();
  if (!read.ok()) return users_;  // those who were there stay, until the file is whole again
  users_ = std::make_shared<std::vector<auth::User>>(*std::move(read));
  modified_ = info->modified;
  size_ = info->size;
  return users_;
}

bool Access::HasUsers() const {
  const Users users = CurrentUsers();
  const std::lock_guard lock(mutex_);
  return unreadable_ || !users->empty();
}

std::optional<Access::Who> Access::OfSession(const http::Request& request) const {
  const std::string_view cookie = CookieOf(request, kSessionCookie);
  if (cookie.empty()) return std::nullopt;
  auto session = sessions_.Find(cookie, world_.clock.Now());
  if (!session) return std::nullopt;
  const Users users = CurrentUsers();
  const auth::User* const user = auth::FindByName(*users, session->user);
  if (user == nullptr || session->opened_at < user->changed_at) {
    sessions_.Close(cookie);
    return std::nullopt;
  }
  return Who{{user->name, user->role}, std::move(session)};
}

Result<Access::Who> Access::Identify(const http::Request& request) const {
  const std::string_view presented = Presented(request);
  if (!presented.empty()) {
    if (ConstantTimeEqual(presented, token_.Reveal())) {
      const std::string_view name = request.Header("x-vigia-user");
      return Who{{auth::IsUserName(name) ? std::string(name) : "operator", Role::kAdmin}, std::nullopt};
    }
    const Users users = CurrentUsers();
    const auth::User* const user = auth::FindByKey(*users, presented);
    if (user == nullptr) return Error(Code::kPermissionDenied, "the key or token is not valid");
    return Who{{user->name, user->role}, std::nullopt};
  }
  if (auto who = OfSession(request)) {
    if (Reads(request.method)) return *std::move(who);
    if (ConstantTimeEqual(request.Header("x-csrf-token"), who->session->csrf)) return *std::move(who);
    return Error(Code::kFailedPrecondition, "a change by a session needs the session's X-CSRF-Token");
  }
  if (!HasUsers() && request.peer.IsLoopback() && IsOwnName(request.Header("host"))) return Who{};
  return Error(Code::kPermissionDenied, "a key or a session is needed");
}

bool Access::HoldsSession(std::string_view cookie) const {
  const auto session = sessions_.Peek(cookie, world_.clock.Now());
  if (!session) return false;
  const auth::User* const user = auth::FindByName(*CurrentUsers(), session->user);
  return user != nullptr && session->opened_at >= user->changed_at;
}

std::function<bool()> Access::StillLetsIn(const http::Request& request) const {
  const Secret presented{std::string(Presented(request))}, cookie{std::string(CookieOf(request, kSessionCookie))};
  return [this, presented, cookie] {
    if (!presented.empty()) {
      return ConstantTimeEqual(presented.Reveal(), token_.Reveal()) ||
             auth::FindByKey(*CurrentUsers(), presented.Reveal()) != nullptr;
    }
    return (!cookie.empty() && HoldsSession(cookie.Reveal())) || !HasUsers();
  };
}

Status Access::Throttle(const Credentials& credentials, const http::Peer& peer) {
  const MonoTime now = world_.clock.Mono();
  const bool fits = tries_.Take(auth::RateLimiter::IdOf(peer), kOfAddress, now).allowed &&
                    tries_.Take(auth::RateLimiter::IdOf("user " + credentials.user), kOfUser, now).allowed &&
                    tries_.Take(auth::RateLimiter::IdOf(std::string_view("all")), kOfAll, now).allowed;
  if (!fits) return Error(Code::kResourceExhausted, "too many sign-ins were tried: wait a moment");
  return {};
}

Result<auth::Sessions::Opened> Access::SignIn(const Credentials& credentials, const http::Peer& peer) {
  TRY(Throttle(credentials, peer));
  const Users users = CurrentUsers();
  const WallTime now = world_.clock.Now();
  if (!credentials.key.empty()) {
    const auth::User* const user = auth::FindByKey(*users, credentials.key.Reveal());
    if (user == nullptr) return Nobody();
    return sessions_.Open(user->name, now);
  }
  const auth::User* const user = auth::FindByName(*users, credentials.user);
  // Also nobody's password is verified: the time tells no one which names exist.
  const bool right = auth::VerifyPassword(user != nullptr ? user->password : std::string(), credentials.password);
  if (user == nullptr || !right) return Nobody();
  return sessions_.Open(user->name, now);
}

void Access::SignOut(const http::Request& request) { sessions_.Close(CookieOf(request, kSessionCookie)); }

Access::Who Access::WhoIs(const auth::Session& session) const {
  const Users users = CurrentUsers();
  const auth::User* const user = auth::FindByName(*users, session.user);
  return {{session.user, user != nullptr ? user->role : Role::kViewer}, session};
}

}  // namespace vigia::control
