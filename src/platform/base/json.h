// JSON for everything that is not the hot path. Objects keep the order in which keys were added.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

// What most sources call is compiled once, in json.cc. Not the whole class: half of it is formats that nobody uses.
extern template nlohmann::ordered_json::basic_json(const nlohmann::ordered_json&);
extern template nlohmann::ordered_json::basic_json(nlohmann::ordered_json&&);
extern template nlohmann::ordered_json::basic_json(nlohmann::ordered_json::initializer_list_t, bool,
                                                   nlohmann::detail::value_t);
extern template nlohmann::ordered_json::~basic_json();
extern template nlohmann::ordered_json& nlohmann::ordered_json::operator=(nlohmann::ordered_json);
extern template bool nlohmann::ordered_json::operator==(const nlohmann::ordered_json&) const;
extern template nlohmann::ordered_json& nlohmann::ordered_json::operator[](std::string);
extern template const nlohmann::ordered_json& nlohmann::ordered_json::operator[](const std::string&) const;
extern template void nlohmann::ordered_json::push_back(nlohmann::ordered_json&&);
extern template const char* nlohmann::ordered_json::type_name() const;
extern template union nlohmann::ordered_json::json_value;
extern template class nlohmann::detail::serializer<nlohmann::ordered_json>;

namespace vigia {

using Json = nlohmann::ordered_json;

// Errors say where (byte offset), never what: input may hold personal data.
Result<Json> ParseJson(std::string_view text);

// Two-space indent and a final newline, for files that people read.
// Bytes that are not UTF-8 become U+FFFD; NaN and infinities become null.
std::string PrettyJson(const Json& value);
std::string CompactJson(const Json& value);

// Typed access to an object's member; errors name the key and the wanted type.
Result<double> GetNumber(const Json& object, const std::string& key);
Result<int64_t> GetInteger(const Json& object, const std::string& key);
Result<bool> GetBool(const Json& object, const std::string& key);
Result<std::string> GetString(const Json& object, const std::string& key);
Result<const Json*> GetArray(const Json& object, const std::string& key);
Result<const Json*> GetObject(const Json& object, const std::string& key);
// The member of an object, or null: for documents whose members may be missing.
Json MemberOrNull(const Json& object, const char* key);

}  // namespace vigia
