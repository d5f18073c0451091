#include "net/mail.h"

#include <fmt/format.h>

#include <array>

#include "base/base64.h"

namespace vigia::net {
namespace {

std::string OneLine(std::string_view value) {
  std::string line(value);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

bool IsAscii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

// RFC 2047: words of at most 75 characters, never cutting a character in two.
std::string EncodeHeader(std::string_view value) {
  const std::string line = OneLine(value);
  if (IsAscii(line)) return line;
  std::string encoded;
  for (size_t at = 0; at < line.size();) {
    size_t end = std::min(line.size(), at + 42);
    while (end < line.size() && end > at + 1 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    encoded +=
        (encoded.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + Base64(std::string_view(line).substr(at, end - at)) + "?=");
    at = end;
  }
  return encoded;
}

// "Fri, 20 Nov 2026 12:00:00 +0000"
std::string MailDate(WallTime time) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::string clock = FormatTime(time).substr(11, 8);
  return fmt::format("{}, {:02} {} {} {} +0000", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock);
}

}  // namespace

std::string ComposeMail(const Mail& mail) {
  std::string text = "Date: " + MailDate(mail.date) + "\r\nFrom: " + OneLine(mail.from) +
                     "\r\nTo: " + OneLine(mail.to) + "\r\nSubject: " + EncodeHeader(mail.subject) + "\r\n";
  if (!mail.message_id.empty()) text += "Message-ID: <" + OneLine(mail.message_id) + ">\r\n";
  for (const auto& [name, value] : mail.headers) text += name + ": " + EncodeHeader(value) + "\r\n";
  text += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const std::string body = Base64(mail.body);
  for (size_t at = 0; at < body.size(); at += 76) text += body.substr(at, 76) + "\r\n";
  return text;
}

}  // namespace vigia::net
