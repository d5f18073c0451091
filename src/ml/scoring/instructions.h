// Whether the compiler can make functions for instructions that only some x86-64 processors have. Internal to scoring.
#pragma once

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define VIGIA_X86_PATHS 1
#endif
