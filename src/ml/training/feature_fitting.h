// Fits a FeatureSpec to training rows: what was seen, medians to impute, ranges to clip to.
#pragma once

#include <span>
#include <vector>

#include "features/pipeline.h"
#include "training/data.h"
#include "training/matrix.h"

namespace vigia::training {

struct FittedFeatures {
  features::Pipeline pipeline;
  std::vector<int> monotone;  // one per input
};

// Uses the named rows of `data` and no other, so that a validation fold stays unseen.
Result<FittedFeatures> FitFeatures(const std::vector<PlannedInput>& plan, const TrainingData& data,
                                   std::span<const size_t> rows);

// The estimator's inputs for the named rows.
Matrix ComputeInputs(const features::Pipeline& pipeline, const TrainingData& data, std::span<const size_t> rows);

std::vector<size_t> AllRows(const TrainingData& data);
std::vector<uint8_t> PickLabels(const TrainingData& data, std::span<const size_t> rows);

}  // namespace vigia::training
