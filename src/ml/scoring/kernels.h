// The inner loops of FlatForest, one set per instruction set. Internal to scoring.
//
// Row kernels: `slots` are one row's; return `sum` plus the leaves, added one by one in order.
// Block kernels: `block` holds kBlockRows values per slot, one per row; `sums` likewise.
#pragma once

#include "scoring/instructions.h"
#include "scoring/trees.h"

namespace vigia::scoring {

float RowPortable(const ShallowTrees& trees, const float* slots, float sum);
float RowDeep(const DeepTrees& trees, const float* slots, float sum);
void BlockDeep(const DeepTrees& trees, const float* block, float* sums);
void BlockPortable(const ShallowTrees& trees, const float* block, float* sums);

#ifdef VIGIA_X86_PATHS
// On the row's `width` inputs, not on slots. REQUIRES: the trees have keys.
float RowAvx512(const ShallowTrees& trees, const float* inputs, size_t width, float sum);
// One slot of a full block: `column` is the feature in the first of kBlockRows rows.
void FillAvx512(const float* column, size_t width, float missing, float* out);
void BlockAvx512(const ShallowTrees& trees, const float* block, float* sums);
void BlockAvx2(const ShallowTrees& trees, const float* block, float* sums);
#endif

}  // namespace vigia::scoring
