// Result<T>: a value or an Error. Every function that can fail because of input or environment
// returns one; a broken invariant is CHECKed instead. Neither may be dropped silently.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace vigia {

// Protocol-neutral causes. http/ maps them to status codes in one exhaustive switch.
enum class Code {
  kInvalidArgument,  // the caller's input is wrong
  kNotFound,
  kAlreadyExists,
  kFailedPrecondition,  // valid input, but not in this state
  kPermissionDenied,
  kResourceExhausted,  // disk, memory or a limit
  kUnavailable,        // try again later
  kDeadlineExceeded,
  kDataLoss,  // stored bytes are not what was written
  kInternal,
};

std::string_view CodeName(Code code);

class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  Code code() const { return code_; }
  // One line for a person: what is wrong, and where. Never holds a secret or personal data.
  const std::string& message() const { return message_; }
  bool retryable() const { return code_ == Code::kUnavailable || code_ == Code::kDeadlineExceeded; }

  // "context: message", so that the outermost line tells the whole way down.
  Error Prefixed(std::string_view context) const { return Error(code_, std::string(context) + ": " + message_); }

 private:
  Code code_;
  std::string message_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & { return Get(*this); }
  const T& value() const& { return Get(*this); }
  T value() && { return std::move(Get(*this)); }  // by value: for (auto& x : F().value()) is safe
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // REQUIRES: !ok().
  const Error& error() const { return std::get<1>(state_); }

  Result Prefixed(std::string_view context) && {
    if (ok()) return std::move(*this);
    return error().Prefixed(context);
  }

 private:
  template <typename Self>
  static auto& Get(Self& self) {
    if (!self.ok()) {
      std::fprintf(stderr, "FATAL: value() of a failed Result: %s\n", self.error().message().c_str());
      std::abort();
    }
    return std::get<0>(self.state_);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using Value = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const {}
  const Error& error() const { return *error_; }  // REQUIRES: !ok().

  Result Prefixed(std::string_view context) && {
    if (ok()) return {};
    return error_->Prefixed(context);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

namespace internal {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line, std::string_view what);
}  // namespace internal

}  // namespace vigia

// auto rows = TRY(Read(path));  returns the error to the caller, or yields the value.
#define TRY(expression) VIGIA_TRY(expression, try_error_, VIGIA_JOIN(try_result_, __COUNTER__))

// Like TRY, with context in front of the message.
#define TRY_CONTEXT(expression, context) \
  VIGIA_TRY(expression, try_error_.Prefixed(context), VIGIA_JOIN(try_result_, __COUNTER__))

// Distinct names, so that one TRY may stand inside another.
#define VIGIA_JOIN_(a, b) a##b
#define VIGIA_JOIN(a, b) VIGIA_JOIN_(a, b)
#define VIGIA_TRY(expression, outgoing, result)          \
  __extension__({                                        \
    auto result = (expression);                          \
    if (!result.ok()) [[unlikely]] {                     \
      const ::vigia::Error& try_error_ = result.error(); \
      return outgoing;                                   \
    }                                                    \
    std::move(result).value();                           \
  })

// A broken invariant: ends the process with a message, in every build.
#define CHECK(condition, what)                                                \
  do {                                                                        \
    if (!(condition)) [[unlikely]]                                            \
      ::vigia::internal::CheckFailed(#condition, __FILE__, __LINE__, (what)); \
  } while (false)
