# The architecture as code. src/CMakeLists.txt declares groups and the order of their modules;
# each module declares what it uses. Configuration stops on anything else:
#   - a dependency that is not declared yet (so no cycles, and the order in MODULES is real)
#   - a dependency in a group that this group does not list in MAY_USE
#
#   vigia_group(<group> MODULES <m>... [MAY_USE <group>...])
#   vigia_module(<module>
#     [SOURCES <file>...]      listed, never globbed; none makes a header-only module
#     [EXPOSES <module>...]    modules whose types appear in this module's headers
#     [USES <module>...]       modules used in .cc files only
#     [LIBRARIES <target>...]  third-party libraries, private to this module
#     [EXPOSED_LIBRARIES <target>...] third-party libraries seen in this module's headers (base only)
#     [TESTS <file>...] [TEST_USES <module>...] [TEST_LIBRARIES <target>...]
#     [BATCH <n>]              sources compiled together: fewer than 8 where they are heavy, so that a changed one
#                              is compiled in ten seconds
#     [TEST_BATCH <n>]         the same of tests, fewer than 6
#     [SEPARATE]               sources compiled one by one: hot code, or names that clash on purpose
#     [COLD]                   code that waits more than it computes: built with -O1, a fifth faster to compile
#     [BENCHES <file>...]
#     [PCH <header>...])       own headers, heavy, that most of this module's sources include

function(vigia_group group)
  cmake_parse_arguments(ARG "" "" "MODULES;MAY_USE" ${ARGN})
  foreach(other IN LISTS ARG_MAY_USE)
    get_property(known GLOBAL PROPERTY VIGIA_GROUP_${other} SET)
    if(NOT known)
      message(FATAL_ERROR "group '${group}' may use '${other}', which is not declared above it")
    endif()
  endforeach()
  set_property(GLOBAL PROPERTY VIGIA_GROUP_${group} "${ARG_MODULES}")
  set_property(GLOBAL PROPERTY VIGIA_GROUP_${group}_MAY_USE "${ARG_MAY_USE}")
  foreach(module IN LISTS ARG_MODULES)
    set(VIGIA_CURRENT_GROUP ${group})
    set(VIGIA_CURRENT_MODULE ${module})
    add_subdirectory(${group}/${module})
    if(NOT TARGET vigia_${module})
      message(FATAL_ERROR "group '${group}' lists module '${module}', but its folder does not declare it")
    endif()
  endforeach()
endfunction()

function(vigia_check_dependency group module dependency)
  if(NOT TARGET vigia_${dependency})
    message(FATAL_ERROR "module '${module}' uses '${dependency}', which is not declared above it")
  endif()
  get_target_property(owner vigia_${dependency} VIGIA_GROUP)
  get_property(allowed GLOBAL PROPERTY VIGIA_GROUP_${group}_MAY_USE)
  if(NOT owner STREQUAL group AND NOT owner IN_LIST allowed)
    message(FATAL_ERROR
      "module '${module}' of group '${group}' may not use '${dependency}' of group '${owner}'")
  endif()
endfunction()

# Shares the precompiled header of all modules, or makes one that also holds the module's own heavy headers.
# Headers are named as #include <…> has them: a header that holds no path of the clone is one for all clones, for ccache.
function(vigia_apply_pch target kind)
  if(NOT VIGIA_PCH OR NOT TARGET vigia_pch_${kind})
    return()
  endif()
  if(ARGN)
    string(REPLACE cold code header ${kind})
    target_precompile_headers(${target} PRIVATE <base/pch_${header}.h> ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM vigia_pch_${kind})
  endif()
endfunction()

# For a library or the shared header of such libraries; see COLD.
function(vigia_compile_cold target)
  if(NOT VIGIA_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# Test code is compiled often and run once: not optimising it takes a third off its build.
function(vigia_fast_compile target)
  if(NOT VIGIA_SANITIZE)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
  endif()
endfunction()

# Sources of one target share what they include and instantiate, which is most of their compile time. Their
# anonymous namespaces are one then. Batches are small enough for a changed file to be compiled in seconds.
function(vigia_compile_together target batch)
  if(VIGIA_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
  endif()
endfunction()

# Benchmarks: not part of `all`, which is what the tests need.
function(vigia_bench name)
  add_executable(${name} EXCLUDE_FROM_ALL ${ARGN})
  if(NOT TARGET benches)
    add_custom_target(benches)
  endif()
  add_dependencies(benches ${name})
endfunction()

function(vigia_module module)
  cmake_parse_arguments(ARG "COLD;SEPARATE" "BATCH;TEST_BATCH"
    "SOURCES;EXPOSES;USES;LIBRARIES;EXPOSED_LIBRARIES;TESTS;TEST_USES;TEST_LIBRARIES;BENCHES;PCH" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "module '${module}': unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT module STREQUAL VIGIA_CURRENT_MODULE)
    message(FATAL_ERROR "folder ${VIGIA_CURRENT_GROUP}/${VIGIA_CURRENT_MODULE} declares module '${module}'")
  endif()
  if(NOT ARG_BATCH)
    set(ARG_BATCH 8)
  endif()
  if(NOT ARG_TEST_BATCH)
    set(ARG_TEST_BATCH 6)
  endif()
  set(group ${VIGIA_CURRENT_GROUP})
  foreach(dependency IN LISTS ARG_USES ARG_EXPOSES ARG_TEST_USES)
    vigia_check_dependency(${group} ${module} ${dependency})
  endforeach()

  set(target vigia_${module})
  list(TRANSFORM ARG_USES PREPEND vigia_ OUTPUT_VARIABLE uses)
  list(TRANSFORM ARG_EXPOSES PREPEND vigia_ OUTPUT_VARIABLE exposes)
  list(TRANSFORM ARG_TEST_USES PREPEND vigia_ OUTPUT_VARIABLE test_uses)
  set(root ${CMAKE_SOURCE_DIR}/src/${group})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_include_directories(${target} PUBLIC ${root})
    target_link_libraries(${target}
      PUBLIC ${exposes} ${ARG_EXPOSED_LIBRARIES} PRIVATE ${uses} ${ARG_LIBRARIES} vigia_warnings)
    if(NOT ARG_SEPARATE)
      vigia_compile_together(${target} ${ARG_BATCH})
    endif()
    list(TRANSFORM ARG_PCH REPLACE "(.+)" "<\\1>" OUTPUT_VARIABLE heavy)
    if(ARG_COLD)
      vigia_compile_cold(${target})
      vigia_apply_pch(${target} cold ${heavy})
    else()
      vigia_apply_pch(${target} code ${heavy})
    endif()
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${root})
    target_link_libraries(${target} INTERFACE ${exposes} ${ARG_EXPOSED_LIBRARIES})
  endif()
  set_target_properties(${target} PROPERTIES VIGIA_GROUP ${group})

  if(VIGIA_TESTS AND ARG_TESTS)
    add_executable(${module}_test ${ARG_TESTS})
    # The whole archive is linked with declared dependencies only,
    # so a use of an undeclared sibling's symbol does not link.
    if(ARG_SOURCES)
      target_link_libraries(${module}_test PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,${target}>)
    else()
      target_link_libraries(${module}_test PRIVATE ${target})
    endif()
    target_link_libraries(${module}_test PRIVATE
      ${uses} ${test_uses} ${ARG_TEST_LIBRARIES} GTest::gmock_main vigia_warnings)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND VIGIA_SANITIZE MATCHES thread)
      # GCC 12 reports bounds inside its own string library when it instruments for threads.
      target_compile_options(${module}_test PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
    endif()
    vigia_compile_together(${module}_test ${ARG_TEST_BATCH})
    vigia_apply_pch(${module}_test test)
    vigia_fast_compile(${module}_test)
    add_test(NAME ${module}_test COMMAND ${module}_test)
    # A fixed seed: a property that fails today fails tomorrow. Another: RC_PARAMS=seed=N build/.../x_test.
    set_tests_properties(${module}_test PROPERTIES LABELS unit TIMEOUT ${VIGIA_TEST_TIMEOUT}
      ENVIRONMENT "RC_PARAMS=seed=20261120;${VIGIA_TEST_ENVIRONMENT}")
  endif()
  if(VIGIA_BENCH AND ARG_BENCHES)
    vigia_bench(${module}_bench ${ARG_BENCHES})
    target_link_libraries(${module}_bench PRIVATE
      ${target} ${uses} ${test_uses} ${ARG_TEST_LIBRARIES} benchmark::benchmark_main vigia_warnings)
  endif()
endfunction()

# A program: main.cc and the modules it wires together.
function(vigia_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  foreach(dependency IN LISTS ARG_USES)
    vigia_check_dependency(${VIGIA_CURRENT_GROUP} ${name} ${dependency})
  endforeach()
  list(TRANSFORM ARG_USES PREPEND vigia_ OUTPUT_VARIABLE uses)
  add_executable(${name} ${ARG_SOURCES})
  if(NOT TARGET programs)
    add_custom_target(programs)  # what is shipped, without tests and benchmarks
  endif()
  add_dependencies(programs ${name})
  target_link_libraries(${name} PRIVATE ${uses} ${ARG_LIBRARIES} vigia_warnings)
  set_target_properties(${name} PROPERTIES BUILD_RPATH "$ORIGIN/../lib" INSTALL_RPATH "$ORIGIN/../lib"
    BUILD_WITH_INSTALL_RPATH ON)
endfunction()
