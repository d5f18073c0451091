// What both reports say, in both languages.
#pragma once

#include <string>
#include <vector>

#include "training/artifacts.h"

namespace vigia::training {

enum class Language { kPortuguese, kEnglish };

struct Bilingual {
  std::string pt, en;
  const std::string& In(Language language) const { return language == Language::kPortuguese ? pt : en; }
};

struct MetricWords {
  evaluation::Metric metric;
  Bilingual name, meaning;
};
// In the order in which reports list them.
const std::vector<MetricWords>& ReportedMetrics();

std::vector<Bilingual> ProblemWords(const TrainedModel& model);
// What the threshold does to a hundred pupils, for a teacher.
std::vector<Bilingual> ThresholdWords(const TrainedModel& model);
std::vector<Bilingual> LimitWords(const TrainedModel& model);
Bilingual PersistenceWords(const TrainedModel& model);
Bilingual SelectionWords(const TrainedModel& model);
Bilingual CalibrationWords(const TrainedModel& model);

// "genero" as the catalogue calls it: "Gênero", "Sex". The name itself when the catalogue has none.
Bilingual FeatureTitle(const std::string& feature);
Bilingual FamilyTitle(Family family);

// "83,3%" in Portuguese, "83.3%" in English; "–" for NaN.
std::string Percent(double share, Language language, int decimals = 1);
std::string Decimal(double value, Language language, int decimals = 3);

// Highest first.
std::vector<CandidateSummary> Ranked(const TrainedModel& model);

}  // namespace vigia::training
