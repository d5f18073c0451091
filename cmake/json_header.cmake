# nlohmann's headers, the same but quicker to compile: a sixth to two fifths less for sources that write JSON.
# A header that reads otherwise is taken as it is. Target: dep::json.
get_target_property(directories nlohmann_json::nlohmann_json INTERFACE_INCLUDE_DIRECTORIES)
add_library(vigia_json INTERFACE)
add_library(dep::json ALIAS vigia_json)
target_link_libraries(vigia_json INTERFACE nlohmann_json::nlohmann_json)
target_include_directories(vigia_json SYSTEM BEFORE INTERFACE ${CMAKE_BINARY_DIR}/json)

find_file(NLOHMANN_JSON_HEADER nlohmann/json.hpp HINTS ${directories} REQUIRED)
file(READ ${NLOHMANN_JSON_HEADER} text)

# Without its string literals ("…"_json), which nobody here uses: inline functions that are no templates, so that each
# source that sees the header compiles a parser for them, half a second of CPU each time.
string(FIND "${text}" "inline namespace literals\n" literals)
string(FIND "${text}" "#if JSON_USE_GLOBAL_UDLS" global_names)
if(literals GREATER 0 AND global_names GREATER literals)
  string(SUBSTRING "${text}" 0 ${literals} head)
  string(SUBSTRING "${text}" ${literals} -1 text)
  string(FIND "${text}" "NLOHMANN_JSON_NAMESPACE_END" end)
  string(SUBSTRING "${text}" ${end} -1 text)
  string(REPLACE "#if JSON_USE_GLOBAL_UDLS" "#if 0" text "${text}")
  string(PREPEND text "${head}")
endif()

# Values are made with `new`, which is what std::allocator does. The lambda, and with it the unique_ptr, is a type of its
# own for each type that becomes a value: for each length of a literal, too.
string(REPLACE "        AllocatorType<T> alloc;
        using AllocatorTraits = std::allocator_traits<AllocatorType<T>>;

        auto deleter = [&](T * obj)
        {
            AllocatorTraits::deallocate(alloc, obj, 1);
        };
        std::unique_ptr<T, decltype(deleter)> obj(AllocatorTraits::allocate(alloc, 1), deleter);
        AllocatorTraits::construct(alloc, obj.get(), std::forward<Args>(args)...);
        JSON_ASSERT(obj != nullptr);
        return obj.release();
" "        return ::new T(std::forward<Args>(args)...);
" text "${text}")

# Constructors from const char*, which literals prefer to the template: that one is instantiated for each length.
set(before "    basic_json(std::nullptr_t = nullptr) noexcept")
string(REPLACE "${before}" "    basic_json(const char* text) : basic_json(string_t(text)) {}\n${before}" text "${text}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/json/nlohmann/json.hpp CONTENT "${text}" @ONLY)

find_file(NLOHMANN_JSON_REF_HEADER nlohmann/detail/json_ref.hpp HINTS ${directories})
if(NLOHMANN_JSON_REF_HEADER)
  file(READ ${NLOHMANN_JSON_REF_HEADER} text)
  set(before "    json_ref(std::initializer_list<json_ref> init)")
  string(REPLACE "${before}" "    json_ref(const char* text) : owned_value(text) {}\n${before}" text "${text}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/json/nlohmann/detail/json_ref.hpp CONTENT "${text}" @ONLY)
endif()
