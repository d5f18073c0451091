// Stages that let a request through, or answer 401, 403 or 429. Behind the routing stage.
#pragma once

#include <memory>

#include "auth/access.h"
#include "base/clock.h"
#include "http/stage.h"

namespace vigia::auth {

// Blocked addresses get 403. Routes with Access::kKey want an X-API-Key (or "Authorization: Bearer");
// without any configured key they are open to loopback clients only.
std::unique_ptr<http::Stage> MakeKeyStage(const AccessHolder& access, RateLimiter& failures, const Clock& clock);

// Routes with Limited::kYes: one token per request from the bucket of the key, or of the address when
// there are no keys. HEAD takes none. X-RateLimit-Limit and -Remaining on every response, Retry-After
// (seconds, rounded up) on 429.
std::unique_ptr<http::Stage> MakeLimitStage(const AccessHolder& access, RateLimiter& limiter, const Clock& clock);

}  // namespace vigia::auth
