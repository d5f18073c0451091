add_library(vigia_warnings INTERFACE)
target_compile_options(vigia_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  -Wimplicit-fallthrough -Wcast-qual -Wunused -Wformat=2 -Wnull-dereference)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports null dereferences and restrict overlaps inside its own inlined library code.
  target_compile_options(vigia_warnings INTERFACE
    -Wduplicated-cond -Wlogical-op -Wno-null-dereference -Wno-restrict -Wno-maybe-uninitialized)
endif()
