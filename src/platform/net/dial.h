// TCP connections with a deadline.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace vigia::net {

// Tries each address of the host in turn. The socket is non-blocking and close-on-exec. Errors:
// kUnavailable (name, refused), kDeadlineExceeded. Looking a name up may take longer than the timeout
// (the system's resolver cannot be interrupted); numeric addresses and a hosts file do not.
Result<UniqueFd> Dial(const std::string& host, uint16_t port, Duration timeout);

}  // namespace vigia::net
