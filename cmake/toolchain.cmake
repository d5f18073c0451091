# ccache and mold make a rebuild cheap; both are optional, so that a bare compiler still builds.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # base_dir and nohashdir let clones in different folders share one cache;
  # pch_defines and time_macros are what ccache needs to cache precompiled headers.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
# GCC collects garbage from 30 MiB on, which takes a tenth of a build; a source here needs at most 600 MiB without.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-expand=200> $<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=524288>)
endif()

# One library per module: drop what a program does not reach.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)

# The same -fPIE everywhere, so that libraries and programs share the precompiled headers.
add_compile_options(-fPIE)
add_link_options(-pie)
