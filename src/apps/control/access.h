// Who asks, and what they may do.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "http/message.h"

namespace vigia::control {

enum class Role { kViewer, kOperator, kAdmin };  // each may do what those before it may
std::string_view RoleName(Role role);

struct Actor {
  std::string name;  // of a person; what is written is attributed to it. Empty: nobody in particular
  Role role = Role::kViewer;
};

// The home's token makes its bearer an administrator under the name in X-Vigia-User: whoever can read the
// file owns the home. Without it, clients on this machine may look (by a name of this machine, so that a
// page of another site that has been given our address cannot), and others may not.
// Immutable, so thread-safe.
class Access {
 public:
  explicit Access(Secret token) : token_(std::move(token)) {}
  // kPermissionDenied: nobody whom we know.
  Result<Actor> Identify(const http::Request& request) const;

 private:
  const Secret token_;
};

}  // namespace vigia::control
