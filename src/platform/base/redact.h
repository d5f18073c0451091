// The last line of defence of the logs: personal data and secrets that should never have come so far.
// Pure functions, cheap enough for every line. What is redacted becomes "[REDACTED]".
#pragma once

#include <string>
#include <string_view>

namespace vigia {

// Of a field whose value is personal or secret whatever it looks like: nome, cpf, email, senha, token, api_key, …
// and names that end in one of the secret ones (db_password). Any case.
bool IsSensitiveName(std::string_view name);

// Brazilian CPF (dotted or plain), RG (dotted), CEP (with its hyphen) and telephone numbers, e-mail addresses, and
// NAME=value with a sensitive name. Numbers inside of longer words, such as hexadecimal ids, stay.
std::string RedactText(std::string_view text);

// JSON objects, one a line. False: nothing had to go, and `out` is untouched. Otherwise `out` holds the lines
// without the values of sensitive names, and with RedactText applied to all other strings but timestamps.
bool RedactLines(std::string_view lines, std::string& out);

}  // namespace vigia
