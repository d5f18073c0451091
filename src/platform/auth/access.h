// Who may do what, and how often: the policy in force. Replaced as a whole; immutable.
//
// state/access.json, written by commands and read within a second:
//   {"rate_limit_rpm": {"value": 120, "until": "…Z" or null} or null,
//    "blocked": [{"address": "203.0.113.9", "until": "…Z" or null, "reason": "…"}]}
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/keys.h"
#include "auth/rate_limiter.h"
#include "base/live.h"
#include "base/result.h"
#include "http/message.h"

namespace vigia::auth {

struct Blocked {
  http::Peer peer;
  std::optional<WallTime> until;
  std::string reason;
};

struct AccessChanges {
  std::optional<double> rate_limit_rpm;
  std::optional<WallTime> rate_limit_until;
  std::vector<Blocked> blocked;
};
Result<AccessChanges> ParseAccess(std::string_view text);
std::string FormatAccess(const AccessChanges& changes);
Result<AccessChanges> ReadAccess(const Files& files, const std::string& path);  // no file: no changes

struct AccessPolicy {
  KeySet keys;
  // Of keys without a rate of their own, and of addresses when there are no keys. Unset: not limited.
  std::optional<Rate> rate;
  std::optional<Rate> rate_until_changed;  // while rate_limit_until has not passed
  std::optional<WallTime> rate_until;
  Rate failures{60, 60};  // wrong or missing keys, per address
  std::vector<Blocked> blocked;
  std::vector<http::Peer> protected_peers;  // never blocked

  std::optional<Rate> RateAt(WallTime now) const {
    return rate_until_changed && (!rate_until || now < *rate_until) ? rate_until_changed : rate;
  }
  bool IsBlocked(const http::Peer& peer, WallTime now) const;
};

using AccessHolder = Live<AccessPolicy>;

}  // namespace vigia::auth
