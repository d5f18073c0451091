// JSON for everything that is not the hot path. Objects keep the order in which keys were added.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

// Compiled once, in json.cc, and not in each of the sources that use them.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;
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
