// Who asks, and what they may do.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "auth/rate_limiter.h"
#include "auth/sessions.h"
#include "auth/users.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/message.h"

namespace vigia::control {

using auth::Role;  // each may do what those before it may
using auth::RoleName;

inline constexpr std::string_view kSessionCookie = "vigia_session";

struct Actor {
  std::string name;  // of a person; what is written is attributed to it. Empty:
                     // nobody in particular
  Role role = Role::kViewer;
};

// A program of this machine: from a loopback address, under one of this machine's names, neither from a
// page in a browser nor through a proxy.
bool IsLocalProgram(const http::Request& request);

// A name and a password, or a key.
struct Credentials {
  std::string user, password;
  Secret key;
};

// In this order:
//   the home's token makes its bearer an administrator under the name in
//   X-Vigia-User: whoever can read the file owns the home; a user's key makes
//   its bearer that user; so does the cookie of a session, with the session's
//   token in X-CSRF-Token for whatever is not only read. Without any of these,
//   and as long as no users are configured, clients on this machine may look
//   (by a name of this machine, so that a page of another site that has been
//   given our address cannot); all others may not.
// Users are read again within half a second of a change to their file; sessions
// older than their user's last change end. Thread-safe. What is given outlives
// it.
class Access {
 public:
  struct World {
    const Files& files;
    const Clock& clock;
    Entropy& entropy;
    std::string users_file;  // state/users.json below the home
    auth::SessionSettings sessions = {};
  };
  Access(Secret token, const World& world);

  struct Who {
    Actor actor;
    std::optional<auth::Session> session;  // when the cookie said so
  };
  // kPermissionDenied: nobody whom we know. kFailedPrecondition: a session
  // without its X-CSRF-Token.
  Result<Who> Identify(const http::Request& request) const;

  // Whether this request would be let in now: for an answer that goes on, such as a stream of events. Asking is no
  // request of theirs, and does not keep a session alive. Callable from any thread as long as this lives.
  std::function<bool()> StillLetsIn(const http::Request& request) const;

  // kPermissionDenied: wrong, without saying what. kResourceExhausted: too many
  // tries from this address, or for this user, or altogether: a password takes
  // 20 ms to check.
  Result<auth::Sessions::Opened> SignIn(const Credentials& credentials, const http::Peer& peer);
  void SignOut(const http::Request& request);
  Who WhoIs(const auth::Session& session) const;
  bool HasUsers() const;
  Duration LongestSession() const { return world_.sessions.longest; }

 private:
  using Users = std::shared_ptr<const std::vector<auth::User>>;
  Users CurrentUsers() const;
  std::optional<Who> OfSession(const http::Request& request) const;
  bool HoldsSession(std::string_view cookie) const;
  Status Throttle(const Credentials& credentials, const http::Peer& peer);

  const Secret token_;
  const World world_;
  mutable auth::Sessions sessions_;
  auth::RateLimiter tries_;

  mutable std::mutex mutex_;
  mutable Users users_;  // guarded by mutex_, as all below
  mutable std::optional<MonoTime> looked_at_;
  mutable WallTime modified_{};
  mutable uint64_t size_ = 0;
  mutable bool unreadable_ = false;  // there may be users: nobody is let in without one
};

}  // namespace vigia::control
