// Numbers into JSON, fast, without a locale and without an allocation.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace vigia::risk {

// A probability with six decimals, rounded half away from zero. REQUIRES: 0 <= value <= 1.
void AppendFixed6(std::string& out, double value);
// Milliseconds with three decimals, at least 0.001.
void AppendMilliseconds(std::string& out, std::chrono::nanoseconds time);
void AppendInteger(std::string& out, uint64_t value);

}  // namespace vigia::risk
