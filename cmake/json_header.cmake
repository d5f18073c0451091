# nlohmann's header without its string literals ("…"_json), which nobody here uses: inline functions that are no
# templates, so that each source that sees the header compiles a parser for them, half a second of CPU each time.
# A header that reads otherwise is taken as it is. Target: dep::json.
get_target_property(directories nlohmann_json::nlohmann_json INTERFACE_INCLUDE_DIRECTORIES)
find_file(NLOHMANN_JSON_HEADER nlohmann/json.hpp HINTS ${directories} REQUIRED)
add_library(vigia_json INTERFACE)
add_library(dep::json ALIAS vigia_json)
target_link_libraries(vigia_json INTERFACE nlohmann_json::nlohmann_json)

file(READ ${NLOHMANN_JSON_HEADER} text)
string(FIND "${text}" "inline namespace literals\n" literals)
string(FIND "${text}" "#if JSON_USE_GLOBAL_UDLS" global_names)
if(literals GREATER 0 AND global_names GREATER literals)
  string(SUBSTRING "${text}" 0 ${literals} head)
  string(SUBSTRING "${text}" ${literals} -1 text)
  string(FIND "${text}" "NLOHMANN_JSON_NAMESPACE_END" end)
  string(SUBSTRING "${text}" ${end} -1 text)
  string(REPLACE "#if JSON_USE_GLOBAL_UDLS" "#if 0" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/json/nlohmann/json.hpp CONTENT "${head}${text}" @ONLY)
  target_include_directories(vigia_json SYSTEM BEFORE INTERFACE ${CMAKE_BINARY_DIR}/json)
endif()
