// Small text helpers that more than one module needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vigia {

std::string ToUpperAscii(std::string_view text);
std::string ToLowerAscii(std::string_view text);
std::string_view Trim(std::string_view text);  // ASCII white space
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// The whole text as a number, in the C locale ("6.5", "-1e3"); nullopt otherwise. No NaN, no infinity.
std::optional<double> ParseNumber(std::string_view text);
std::optional<int64_t> ParseInteger(std::string_view text);

// The shortest text that reads back as the same double.
std::string FormatNumber(double value);

// Appends a JSON string literal. Control bytes are escaped; bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

// & < > " ' escaped, for HTML text and attributes.
std::string EscapeHtml(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace vigia
