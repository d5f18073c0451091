// Small pieces that several artifacts share.
#pragma once

#include "base/json.h"
#include "training/trainer.h"

namespace vigia::training {

// What a client would send for a raw row: missing values left out, categories by name.
Json InstanceJson(const features::FeatureSpec& spec, const std::vector<double>& raw);

// The hyperparameters that its family has.
Json HyperparametersJson(const Candidate& candidate);

// "2022-2023" for every feature year.
std::vector<std::string> PeriodNames(const std::vector<int>& years);

double Round6(double value);

}  // namespace vigia::training
