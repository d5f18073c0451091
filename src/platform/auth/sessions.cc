#include "auth/sessions.h"

#include <algorithm>

#include "base/digest.h"

namespace vigia::auth {

Sessions::Opened Sessions::Open(std::string user, WallTime now) {
  Opened opened;
  opened.token = Secret(RandomHex(entropy_, 32));
  opened.session = {std::move(user), RandomHex(entropy_, 32), now, now + std::min(settings_.idle, settings_.longest)};
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.expires_at <= now; });
  if (sessions_.size() >= settings_.most) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
      return a.second.expires_at < b.second.expires_at;
    }));
  }
  sessions_[Sha256Hex(opened.token.Reveal())] = opened.session;
  return opened;
}

std::optional<Session> Sessions::Find(std::string_view token, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(Sha256Hex(token));
  if (found == sessions_.end()) return std::nullopt;
  Session& session = found->second;
  if (session.expires_at <= now) {
    sessions_.erase(found);
    return std::nullopt;
  }
  session.expires_at = std::min(now + settings_.idle, session.opened_at + settings_.longest);
  return session;
}

std::optional<Session> Sessions::Peek(std::string_view token, WallTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(Sha256Hex(token));
  if (found == sessions_.end() || found->second.expires_at <= now) return std::nullopt;
  return found->second;
}

void Sessions::Close(std::string_view token) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(Sha256Hex(token));
}

size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace vigia::auth
