#include "base/result.h"

namespace vigia {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return "invalid_argument";
    case Code::kNotFound: return "not_found";
    case Code::kAlreadyExists: return "already_exists";
    case Code::kFailedPrecondition: return "failed_precondition";
    case Code::kPermissionDenied: return "permission_denied";
    case Code::kResourceExhausted: return "resource_exhausted";
    case Code::kUnavailable: return "unavailable";
    case Code::kDeadlineExceeded: return "deadline_exceeded";
    case Code::kDataLoss: return "data_loss";
    case Code::kInternal: return "internal";
  }
  return "unknown";
}

namespace internal {

void CheckFailed(const char* condition, const char* file, int line, std::string_view what) {
  std::fprintf(stderr, "FATAL: %s:%d: %s is false: %.*s\n", file, line, condition, static_cast<int>(what.size()),
               what.data());
  std::abort();
}

}  // namespace internal
}  // namespace vigia
