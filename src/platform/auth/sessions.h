// Who is signed in: kept in memory, so that a restart signs everybody out, and never on disk.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"

namespace vigia::auth {

struct SessionSettings {
  Duration idle = std::chrono::hours(1);      // without a request
  Duration longest = std::chrono::hours(12);  // whatever happens
  size_t most = 1'000;                        // the one that ends first makes room
};

struct Session {
  std::string user;
  std::string csrf;  // 256 random bits, in hexadecimal: what a page sends with each change
  WallTime opened_at{};
  WallTime expires_at{};
};

// Thread-safe. The entropy outlives it.
class Sessions {
 public:
  Sessions(SessionSettings settings, Entropy& entropy) : settings_(settings), entropy_(entropy) {}

  struct Opened {
    Secret token;  // 256 random bits, in hexadecimal: the cookie
    Session session;
  };
  Opened Open(std::string user, WallTime now);
  // The session, with its end moved on; nullopt when there is none, or it has ended.
  std::optional<Session> Find(std::string_view token, WallTime now);
  // The same without moving its end on: to look whether somebody is still signed in is no request of theirs.
  std::optional<Session> Peek(std::string_view token, WallTime now) const;
  void Close(std::string_view token);
  size_t size() const;

 private:
  const SessionSettings settings_;
  Entropy& entropy_;
  mutable std::mutex mutex_;
  std::map<std::string, Session> sessions_;  // by the token's SHA-256: looking one up tells nothing of another
};

}  // namespace vigia::auth
