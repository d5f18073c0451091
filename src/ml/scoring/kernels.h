// The inner loops of FlatForest, one set per instruction set. Internal to scoring.
//
// Row kernels: `slots` are one row's; return `sum` plus the leaves, added one by one in order.
// Block kernels: `block` holds sixteen values per slot, one per row; sums[16] likewise.
#pragma once

#include "scoring/trees.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define VIGIA_X86_PATHS 1
#endif

namespace vigia::scoring {

float RowPortable(const ShallowTrees& trees, const float* slots, float sum);
float RowDeep(const DeepTrees& trees, const float* slots, float sum);
void BlockDeep(const DeepTrees& trees, const float* block, float* sums);
void BlockPortable(const ShallowTrees& trees, const float* block, float* sums);

#ifdef VIGIA_X86_PATHS
// slot_count: how many `slots` holds; at least 16 floats more may be read behind them.
float RowAvx512(const ShallowTrees& trees, const float* slots, size_t slot_count, float sum);
void BlockAvx512(const ShallowTrees& trees, const float* block, float* sums);
void BlockAvx2(const ShallowTrees& trees, const float* block, float* sums);
#endif

}  // namespace vigia::scoring
