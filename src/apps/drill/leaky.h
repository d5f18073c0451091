// A service that leaks when it is told to: what the drill `memory` watches.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace vigia::drill {

// GET /health says that it is well. After a POST /leak it keeps a tenth of what is left up to its limit, again and
// again, ten times a second, and never gives anything back: it passes 85 % within two seconds, and its limit never.
class LeakyService {
 public:
  // On 127.0.0.1. The clock outlives it.
  static Result<std::unique_ptr<LeakyService>> Start(uint16_t port, int64_t megabytes, const Clock& clock);
  virtual ~LeakyService() = default;
};

// How much it keeps next, in bytes. Pure.
int64_t NextLeak(int64_t resident, int64_t limit);

}  // namespace vigia::drill
