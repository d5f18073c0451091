#include "base/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace vigia {

namespace {

constexpr std::string_view kRedacted = "[REDACTED]";
constexpr std::array<std::string_view, 14> kPersonalNames = {"nome",     "name",      "cpf",      "email",   "e-mail",
                                                             "telefone", "phone",     "endereco", "address", "cep",
                                                             "rg",       "documento", "document", "celular"};
constexpr std::array<std::string_view, 9> kSecretNames = {"senha",  "password", "passwd", "token",        "api_key",
                                                          "apikey", "api-key",  "secret", "authorization"};
constexpr size_t kLongestName = 40;
// Fewer digits than this are neither a telephone number nor anything longer.
constexpr size_t kFewestDigits = 8;
// A number without anything between its digits is at most a CPF or a telephone with its area code. A longer run of
// letters and digits is a request id or a hash: numbers are words of their own.
constexpr size_t kLongestRun = 11;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWord(char c) { return IsDigit(c) || IsLetter(c) || c == '_'; }

// Walks over a text; every step says whether it could be made.
class Walk {
 public:
  Walk(std::string_view text, size_t at) : text_(text), at_(at) {}
  bool Digits(size_t count) {
    if (text_.size() - at_ < count) return false;
    if (!std::all_of(text_.begin() + static_cast<ptrdiff_t>(at_), text_.begin() + static_cast<ptrdiff_t>(at_ + count),
                     IsDigit))
      return false;
    at_ += count;
    return true;
  }
  bool Digit(char low, char high) { return at_ < text_.size() && text_[at_] >= low && text_[at_] <= high && Skip(1); }
  bool One(std::string_view of) { return at_ < text_.size() && of.find(text_[at_]) != of.npos && Skip(1); }
  void Maybe(std::string_view of) { One(of); }
  size_t at() const { return at_; }

 private:
  bool Skip(size_t count) {
    at_ += count;
    return true;
  }
  std::string_view text_;
  size_t at_;
};

// Each returns where the match that begins at `at` ends; 0: there is none.
size_t EndOfCpf(std::string_view text, size_t at) {
  Walk walk(text, at);
  if (!walk.Digits(3)) return 0;
  walk.Maybe(".");
  if (!walk.Digits(3)) return 0;
  walk.Maybe(".");
  if (!walk.Digits(3)) return 0;
  walk.Maybe("-");
  return walk.Digits(2) ? walk.at() : 0;
}

size_t EndOfRg(std::string_view text, size_t at) {
  for (const size_t first : {2U, 1U}) {
    Walk walk(text, at);
    if (walk.Digits(first) && walk.One(".") && walk.Digits(3) && walk.One(".") && walk.Digits(3) && walk.One("-") &&
        walk.One("0123456789Xx")) {
      return walk.at();
    }
  }
  return 0;
}

size_t EndOfCep(std::string_view text, size_t at) {
  Walk walk(text, at);
  return walk.Digits(5) && walk.One("-") && walk.Digits(3) ? walk.at() : 0;
}

// [+55] [(]DDD[)] [9]XXXX-XXXX; without an area code only as 9XXXX-XXXX.
size_t EndOfPhone(std::string_view text, size_t at) {
  Walk bare(text, at);
  if (bare.Digit('9', '9') && bare.Digits(4) && bare.One("-") && bare.Digits(4)) return bare.at();
  Walk walk(text, at);
  if (text.substr(at, 3) == "+55") {
    walk = Walk(text, at + 3);
    walk.Maybe(" -");
  }
  const bool parenthesis = walk.One("(");
  if (!walk.Digit('1', '9') || !walk.Digit('1', '9')) return 0;
  if (parenthesis && !walk.One(")")) return 0;
  walk.Maybe(" -");
  const Walk subscriber = walk;
  if (walk.Digit('9', '9') && walk.Digits(4)) {
    walk.Maybe(" -");
    if (walk.Digits(4)) return walk.at();
  }
  walk = subscriber;
  if (!walk.Digit('2', '5') || !walk.Digits(3)) return 0;
  walk.Maybe(" -");
  return walk.Digits(4) ? walk.at() : 0;
}

bool BeginsHere(std::string_view text, size_t at) {
  if (at == 0) return true;
  const char before = text[at - 1];
  if (IsWord(before) || before == '-') return false;
  return before != '.' || at < 2 || !IsDigit(text[at - 2]);
}

bool EndsHere(std::string_view text, size_t at) {
  if (at >= text.size()) return true;
  if (IsWord(text[at])) return false;
  return (text[at] != '-' && text[at] != '.') || at + 1 >= text.size() || !IsDigit(text[at + 1]);
}

size_t EndOfNumber(std::string_view text, size_t at) {
  const char c = text[at];
  if ((!IsDigit(c) && c != '(' && c != '+') || !BeginsHere(text, at)) return 0;
  for (const auto end_of : {EndOfCpf, EndOfRg, EndOfCep, EndOfPhone}) {
    const size_t end = end_of(text, at);
    if (end != 0 && EndsHere(text, end)) return end;
  }
  return 0;
}

struct Span {
  size_t begin = 0, end = 0;
};

// The address around an '@' that begins no earlier than `from`; empty: it is none.
Span MailAround(std::string_view text, size_t at, size_t from) {
  const auto local = [](char c) { return IsWord(c) || c == '.' || c == '%' || c == '+' || c == '-'; };
  const auto host = [](char c) { return IsDigit(c) || IsLetter(c) || c == '.' || c == '-'; };
  size_t begin = at, end = at + 1;
  while (begin > from && local(text[begin - 1])) --begin;
  while (end < text.size() && host(text[end])) ++end;
  while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const std::string_view domain = text.substr(at + 1, end - at - 1);
  const size_t dot = domain.rfind('.');
  if (begin == at || dot == domain.npos || dot == 0 || domain.size() - dot < 3) return {};
  return {begin, end};
}

// The value after the '=' of a sensitive name; empty: the name is not.
Span SecretAfter(std::string_view text, size_t at) {
  size_t begin = at;
  while (begin > 0 && (IsWord(text[begin - 1]) || text[begin - 1] == '-')) --begin;
  if (!IsSensitiveName(text.substr(begin, at - begin))) return {};
  size_t end = at + 1;
  while (end < text.size() && std::string_view(" ,;&)\n\t").find(text[end]) == std::string_view::npos) ++end;
  return {at + 1, end};
}

// What a byte means to the scan of a string.
enum Kind : uint8_t { kLetter = 0, kDigit = 1, kMark = 2, kBetween = 4, kEscape = 8, kQuote = 16 };

constexpr std::array<uint8_t, 256> MakeKinds() {
  std::array<uint8_t, 256> kinds{};
  kinds.fill(kBetween);
  for (char c = 'a'; c <= 'z'; ++c) kinds[static_cast<uint8_t>(c)] = kLetter;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[static_cast<uint8_t>(c)] = kLetter;
  kinds['_'] = kLetter;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<uint8_t>(c)] = kDigit;
  kinds['@'] = kinds['='] = kMark;
  kinds['\\'] = kEscape;
  kinds['"'] = kQuote;
  return kinds;
}
constexpr std::array<uint8_t, 256> kKinds = MakeKinds();

// What a string holds that makes a closer look worth while.
struct Look {
  size_t digits = 0;
  bool marks = false;   // '@' or '='
  bool one_run = true;  // of letters and digits
  bool Worth(size_t size) const { return marks || (digits >= kFewestDigits && (!one_run || size <= kLongestRun)); }
};

// The index of the closing quote of the string that begins at `at`; npos: it does not end.
size_t EndOfString(std::string_view text, size_t at, Look& look) {
  unsigned seen = 0;
  size_t digits = 0;
  for (size_t i = at; i < text.size(); ++i) {
    const unsigned kind = kKinds[static_cast<uint8_t>(text[i])];
    digits += kind & kDigit;
    seen |= kind;
    if (kind < kEscape) continue;
    if (kind == kQuote) {
      look = {digits, (seen & kMark) != 0, (seen & (kBetween | kEscape)) == 0};
      return i;
    }
    ++i;  // the escaped byte is no quote
  }
  return std::string_view::npos;
}

// Copies what is kept, and only when something is not.
class Redaction {
 public:
  Redaction(std::string_view lines, std::string& out) : lines_(lines), out_(out) {}
  void Replace(size_t begin, size_t end, std::string_view with) {
    if (copied_ == 0) out_.clear();
    out_.append(lines_.substr(copied_, begin - copied_)).append(with);
    copied_ = end;
  }
  bool Finish() {
    if (copied_ == 0) return false;
    out_.append(lines_.substr(copied_));
    return true;
  }

 private:
  std::string_view lines_;
  std::string& out_;
  size_t copied_ = 0;
};

constexpr unsigned Pair(char a, char b) {
  return (static_cast<unsigned>(a) & 31U) << 5U | (static_cast<unsigned>(b) & 31U);
}

// Most names end here, after a look at three bytes.
bool MayBeSensitive(std::string_view name) {
  if (name.size() < 2 || name.size() > kLongestName) return false;
  const auto bit = [](char c) { return 1U << (static_cast<unsigned>(c) & 31U); };  // the same for both cases
  constexpr auto bits = [](std::string_view letters) {
    unsigned all = 0;
    for (const char c : letters) all |= 1U << (static_cast<unsigned>(c) & 31U);
    return all;
  };
  const char last = name.back();
  switch (Pair(name[name.size() - 2], last)) {  // senha, password, passwd, token, api_key, secret, authorization
    case Pair('h', 'a'):
    case Pair('r', 'd'):
    case Pair('w', 'd'):
    case Pair('e', 'n'):
    case Pair('e', 'y'):
    case Pair('e', 't'):
    case Pair('o', 'n'): return true;
    default: break;
  }
  return name.size() <= 9 && (bit(name.front()) & bits("nceptrad")) != 0 && (bit(last) & bits("efloptsgr")) != 0;
}

}  // namespace

bool IsSensitiveName(std::string_view name) {
  if (!MayBeSensitive(name)) return false;
  std::array<char, kLongestName> buffer{};
  std::transform(name.begin(), name.end(), buffer.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view lower(buffer.data(), name.size());
  if (std::find(kPersonalNames.begin(), kPersonalNames.end(), lower) != kPersonalNames.end()) return true;
  return std::any_of(kSecretNames.begin(), kSecretNames.end(), [&](std::string_view secret) {
    if (lower.size() < secret.size() || lower.substr(lower.size() - secret.size()) != secret) return false;
    return lower.size() == secret.size() || !IsLetter(lower[lower.size() - secret.size() - 1]);
  });
}

std::string RedactText(std::string_view text) {
  std::string out;
  size_t kept = 0;
  const auto replace = [&](Span span) {
    out.append(text.substr(kept, span.begin - kept)).append(kRedacted);
    kept = span.end;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    Span span;
    if (text[i] == '@') {
      span = MailAround(text, i, kept);
    } else if (text[i] == '=') {
      span = SecretAfter(text, i);
    } else if (const size_t end = EndOfNumber(text, i); end != 0) {
      span = {i, end};
    }
    if (span.end <= span.begin || span.begin < kept) continue;
    replace(span);
    i = span.end - 1;
  }
  out.append(text.substr(kept));
  return out;
}

bool RedactLines(std::string_view lines, std::string& out) {
  Redaction redaction(lines, out);
  std::string_view key;  // of the value that comes next
  size_t at = 0;
  while (true) {
    while (at < lines.size() && lines[at] != '"') ++at;  // never far
    if (at == lines.size()) break;
    // Of a key only its end is wanted, and it is where the next quote is, unless that one is escaped.
    Look look;
    size_t end = lines.find('"', at + 1);
    if (end == std::string_view::npos) break;
    const bool key_ends = end + 1 < lines.size() && lines[end + 1] == ':' && lines[end - 1] != '\\';
    if (!key_ends) end = EndOfString(lines, at + 1, look);
    if (end == std::string_view::npos) break;
    const std::string_view text = lines.substr(at + 1, end - at - 1);
    if (end + 1 < lines.size() && lines[end + 1] == ':') {
      key = text;
      const size_t value = lines.find_first_not_of(' ', end + 2);
      if (value != lines.npos && (IsDigit(lines[value]) || lines[value] == '-') && IsSensitiveName(key)) {
        const size_t after = std::min(lines.find_first_of(",}\n ", value), lines.size());
        redaction.Replace(value, after, "\"[REDACTED]\"");
        at = after;
        continue;
      }
    } else if (IsSensitiveName(key) && !text.empty()) {
      redaction.Replace(at + 1, end, kRedacted);
    } else if (look.Worth(text.size()) && key != "timestamp") {
      const std::string kept = RedactText(text);
      if (kept != text) redaction.Replace(at + 1, end, kept);
    }
    at = end + 1;
  }
  return redaction.Finish();
}

}  // namespace vigia
