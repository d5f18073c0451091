#include "control/stream_end.h"

namespace vigia::control {

Result<int64_t> LastSequence(const storage::Ledger& ledger, const std::string& stream) {
  const auto exists = [&](int64_t seq) -> Result<bool> {
    return !TRY(ledger.Read(stream, seq - 1, 1))
    .empty();
  };
  int64_t low = 0, high = 64;  // low exists (or is none), high is to be seen
  while (TRY(exists(high))) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (TRY(exists(middle)) ? low : high) = middle;
  }
  return low;
}

}  // namespace vigia::control
