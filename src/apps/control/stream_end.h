// Where a stream of the ledger ends.
#pragma once

#include <string>

#include "storage/ledger.h"

namespace vigia::control {

// The sequence number of the last entry; 0 when there is none. A few small reads: numbers have no gaps.
Result<int64_t> LastSequence(const storage::Ledger& ledger, const std::string& stream);

}  // namespace vigia::control
