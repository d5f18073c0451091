// Inline SVG charts of the HTML report. They take their colours from the page's CSS variables.
#pragma once

#include <string>

#include "evaluation/evaluation.h"
#include "training/importance.h"

namespace vigia::training {

std::string RocChart(const evaluation::Evaluation& evaluation);
std::string PrChart(const evaluation::Evaluation& evaluation);
std::string CalibrationChart(const evaluation::Evaluation& evaluation);
std::string HistogramChart(const evaluation::Evaluation& evaluation);

}  // namespace vigia::training
