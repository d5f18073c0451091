# Seconds that a unit test may take, and what every test finds in its environment.
set(VIGIA_TEST_TIMEOUT 120)
set(VIGIA_TEST_ENVIRONMENT VIGIA_TIME_FACTOR=1)
if(VIGIA_SANITIZE)
  add_compile_options(-fsanitize=${VIGIA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VIGIA_SANITIZE})
  # Instrumented programs are 3 to 15 times slower; time limits of tests grow, what they check does not change.
  set(VIGIA_TEST_TIMEOUT 1200)
  set(VIGIA_TEST_ENVIRONMENT
    VIGIA_TIME_FACTOR=10
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    UBSAN_OPTIONS=print_stacktrace=1
    TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/sanitizers/tsan.supp:history_size=4)
endif()
