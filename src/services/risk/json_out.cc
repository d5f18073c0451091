#include "risk/json_out.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace vigia::risk {

namespace {

void AppendDigits(std::string& out, uint64_t value, int digits) {
  char text[20];
  for (int i = digits; i-- > 0;) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(text, static_cast<size_t>(digits));
}

}  // namespace

void AppendInteger(std::string& out, uint64_t value) {
  char text[20];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  out.append(text, static_cast<size_t>(end - text));
}

void AppendFixed6(std::string& out, double value) {
  const auto millionths = static_cast<uint64_t>(std::llround(std::clamp(value, 0.0, 1.0) * 1e6));
  AppendInteger(out, millionths / 1'000'000);
  out += '.';
  AppendDigits(out, millionths % 1'000'000, 6);
}

void AppendMilliseconds(std::string& out, std::chrono::nanoseconds time) {
  const auto micros = static_cast<uint64_t>(std::max<int64_t>(1, (time.count() + 500) / 1000));
  AppendInteger(out, micros / 1000);
  out += '.';
  AppendDigits(out, micros % 1000, 3);
}

}  // namespace vigia::risk
