// The columns of a modeling dataset: the raw features a model may use, and what stands beside them.
#pragma once

#include <span>
#include <string_view>

namespace vigia::catalog {

enum class Kind { kNumber, kInteger, kCategory };

struct RawFeature {
  std::string_view name;  // without the year
  Kind kind;
  double min, max;                           // numbers: what is plausible, both included
  std::span<const std::string_view> levels;  // categories: all there are
  std::string_view title_pt, title_en;       // for reports
};

// In the order of the dataset's columns.
std::span<const RawFeature> RawFeatures();
// Null when there is none.
const RawFeature* FindRaw(std::string_view name);

inline constexpr std::string_view kTarget = "em_risco";  // 1: behind (Defasagem < 0) in the label year; else 0
inline constexpr std::string_view kYear = "ano";         // the year that the features describe
inline constexpr std::string_view kPupil = "aluno";      // an integer per pupil and build, drawn at random

inline constexpr double kHighestScore = 10;  // of the indicators INDE, IAA, IEG, IPS, IPP, IDA, IPV, IAN and the marks
inline constexpr double kScoreOverflow = 10.05;  // up to here an overflow is rounding, and clipped

}  // namespace vigia::catalog
