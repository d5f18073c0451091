#include "registry/version.h"

#include <algorithm>

#include "base/text.h"

namespace vigia::registry {

namespace {

constexpr size_t kMaxLength = 64;
constexpr size_t kMaxDigits = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNumeric(std::string_view part) { return !part.empty() && std::all_of(part.begin(), part.end(), IsDigit); }

// Decimal, without leading zeros.
bool IsNumber(std::string_view part) {
  return IsNumeric(part) && part.size() <= kMaxDigits && (part.size() == 1 || part[0] != '0');
}

bool IsIdentifier(std::string_view part) {
  const auto allowed = [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !part.empty() && std::all_of(part.begin(), part.end(), allowed) && (!IsNumeric(part) || IsNumber(part));
}

std::strong_ordering CompareIdentifiers(const std::string& a, const std::string& b) {
  if (IsNumeric(a) && IsNumeric(b)) return *ParseInteger(a) <=> *ParseInteger(b);
  if (IsNumeric(a) != IsNumeric(b)) return IsNumeric(a) ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.compare(b) <=> 0;
}

}  // namespace

std::string Version::ToString() const {
  std::string text =
      "v" + std::to_string(numbers[0]) + "." + std::to_string(numbers[1]) + "." + std::to_string(numbers[2]);
  return pre_release.empty() ? text : text + "-" + Join(pre_release, ".");
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (const auto order = numbers <=> other.numbers; std::is_neq(order)) return order;
  if (pre_release.empty() != other.pre_release.empty()) {
    return pre_release.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  return std::lexicographical_compare_three_way(pre_release.begin(), pre_release.end(), other.pre_release.begin(),
                                                other.pre_release.end(), CompareIdentifiers);
}

Result<Version> ParseVersion(std::string_view text) {
  const Error bad(Code::kInvalidArgument, "version: must look like v1.2.3 or v1.2.3-rc.1");
  if (text.size() > kMaxLength || text.empty() || text[0] != 'v') return bad;
  text.remove_prefix(1);
  const size_t dash = text.find('-');
  const auto numbers = Split(text.substr(0, dash), '.');
  if (numbers.size() != 3 || !std::all_of(numbers.begin(), numbers.end(), IsNumber)) return bad;
  Version version;
  for (size_t i = 0; i < 3; ++i) version.numbers[i] = static_cast<uint64_t>(*ParseInteger(numbers[i]));
  if (dash == std::string_view::npos) return version;
  for (const std::string_view part : Split(text.substr(dash + 1), '.')) {
    if (!IsIdentifier(part)) return bad;
    version.pre_release.emplace_back(part);
  }
  return version;
}

bool VersionLess(std::string_view a, std::string_view b) {
  const auto first = ParseVersion(a), second = ParseVersion(b);
  if (first.ok() && second.ok()) return *first < *second;
  if (first.ok() != second.ok()) return second.ok();
  return a < b;
}

}  // namespace vigia::registry
