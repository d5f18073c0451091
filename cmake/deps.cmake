# Third-party libraries: Debian's packages, and DuckDB from npm (see cmake/npm).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
include(json_header)

function(vigia_pkg target module)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  add_library(dep::${target} ALIAS PkgConfig::${target})
endfunction()

# A library without pkg-config or CMake files: found by name, refused by name.
function(vigia_find_library target library header)
  find_library(${target}_LIBRARY NAMES ${library} REQUIRED)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  add_library(dep::${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(dep::${target} PROPERTIES
    IMPORTED_LOCATION ${${target}_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${${target}_INCLUDE})
endfunction()

find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(simdjson REQUIRED)
vigia_pkg(openssl openssl)
vigia_pkg(sodium libsodium)
vigia_pkg(sqlite sqlite3)
vigia_pkg(zip libzip)
vigia_pkg(expat expat)
vigia_pkg(pugixml pugixml)
vigia_pkg(curl libcurl)
vigia_find_library(xlsxwriter xlsxwriter xlsxwriter.h)
vigia_find_library(http_parser http_parser http_parser.h)
vigia_find_library(jq jq jq.h)
vigia_find_library(re2 re2 re2/re2.h)
vigia_find_library(xgboost xgboost xgboost/c_api.h)

if(VIGIA_TESTS OR VIGIA_FUZZ)
  find_package(GTest REQUIRED)
  vigia_find_library(rapidcheck rapidcheck rapidcheck.h)
endif()
if(VIGIA_BENCH)
  find_package(benchmark REQUIRED)
endif()

# `./dev setup` unpacks the npm packages here: the library is Node's binding, the header the C API.
set(VIGIA_DUCKDB_DIR ${CMAKE_SOURCE_DIR}/build/deps/duckdb CACHE PATH "DuckDB: include/duckdb.h, lib/libduckdb.so")
if(NOT EXISTS ${VIGIA_DUCKDB_DIR}/lib/libduckdb.so)
  message(FATAL_ERROR "DuckDB is not in ${VIGIA_DUCKDB_DIR}: run ./dev setup")
endif()
add_library(dep::duckdb SHARED IMPORTED GLOBAL)
set_target_properties(dep::duckdb PROPERTIES
  IMPORTED_LOCATION ${VIGIA_DUCKDB_DIR}/lib/libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${VIGIA_DUCKDB_DIR}/include)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
file(CREATE_LINK ${VIGIA_DUCKDB_DIR}/lib/libduckdb.so ${CMAKE_BINARY_DIR}/lib/libduckdb.so COPY_ON_ERROR SYMBOLIC)
