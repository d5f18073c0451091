#include "base/json.h"

#include <cmath>

template nlohmann::ordered_json::basic_json(const nlohmann::ordered_json&);
template nlohmann::ordered_json::basic_json(nlohmann::ordered_json&&);
template nlohmann::ordered_json::basic_json(nlohmann::ordered_json::initializer_list_t, bool,
                                            nlohmann::detail::value_t);
template nlohmann::ordered_json::~basic_json();
template nlohmann::ordered_json& nlohmann::ordered_json::operator=(nlohmann::ordered_json);
template bool nlohmann::ordered_json::operator==(const nlohmann::ordered_json&) const;
template nlohmann::ordered_json& nlohmann::ordered_json::operator[](std::string);
template const nlohmann::ordered_json& nlohmann::ordered_json::operator[](const std::string&) const;
template void nlohmann::ordered_json::push_back(nlohmann::ordered_json&&);
template const char* nlohmann::ordered_json::type_name() const;
template union nlohmann::ordered_json::json_value;
template class nlohmann::detail::serializer<nlohmann::ordered_json>;

namespace vigia {

Result<Json> ParseJson(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return Error(Code::kInvalidArgument, "not valid JSON at byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    return Error(Code::kInvalidArgument, "not valid JSON");
  }
}

std::string PrettyJson(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string CompactJson(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

namespace {

Result<const Json*> GetMember(const Json& object, const std::string& key, const char* wanted,
                              bool (Json::*is_wanted)() const noexcept) {
  if (!object.is_object()) return Error(Code::kInvalidArgument, "expected an object with key '" + key + "'");
  const auto found = object.find(key);
  if (found == object.end()) return Error(Code::kInvalidArgument, "key '" + key + "' is missing");
  if (!((*found).*is_wanted)()) return Error(Code::kInvalidArgument, "key '" + key + "' is not " + wanted);
  return &*found;
}

}  // namespace

Result<double> GetNumber(const Json& object, const std::string& key) {
  return TRY(GetMember(object, key, "a number", &Json::is_number))
  ->get<double>();
}

Result<int64_t> GetInteger(const Json& object, const std::string& key) {
  return TRY(GetMember(object, key, "an integer", &Json::is_number_integer))
  ->get<int64_t>();
}

Result<bool> GetBool(const Json& object, const std::string& key) {
  return TRY(GetMember(object, key, "a boolean", &Json::is_boolean))
  ->get<bool>();
}

Result<std::string> GetString(const Json& object, const std::string& key) {
  return TRY(GetMember(object, key, "a string", &Json::is_string))
  ->get<std::string>();
}

Result<const Json*> GetArray(const Json& object, const std::string& key) {
  return GetMember(object, key, "an array", &Json::is_array);
}

Result<const Json*> GetObject(const Json& object, const std::string& key) {
  return GetMember(object, key, "an object", &Json::is_object);
}

Json MemberOrNull(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() ? *found : Json(nullptr);
}

}  // namespace vigia
