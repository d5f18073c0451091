#include "training/report_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "catalog/catalog.h"
#include "training/artifact_json.h"

namespace vigia::training {
namespace {

using evaluation::Metric;

int PerHundred(double share) { return static_cast<int>(std::lround(100 * share)); }

}  // namespace

std::string Decimal(double value, Language language, int decimals) {
  if (std::isnan(value)) return "–";
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (language == Language::kPortuguese) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

std::string Percent(double share, Language language, int decimals) {
  return std::isnan(share) ? "–" : Decimal(100 * share, language, decimals) + "%";
}

Bilingual FeatureTitle(const std::string& feature) {
  const catalog::RawFeature* known = catalog::FindRaw(feature);
  if (known == nullptr) return {feature, feature};
  return {std::string(known->title_pt), std::string(known->title_en)};
}

Bilingual FamilyTitle(Family family) {
  switch (family) {
    case Family::kLogisticRegression: return {"Regressão logística", "Logistic regression"};
    case Family::kGradientBoosting: return {"Gradient boosting (XGBoost)", "Gradient boosting (XGBoost)"};
    case Family::kRandomForest: return {"Floresta aleatória (XGBoost)", "Random forest (XGBoost)"};
  }
  return {};
}

const std::vector<MetricWords>& ReportedMetrics() {
  static const std::vector<MetricWords> kMetrics = {
      {Metric::kRocAuc,
       {"ROC-AUC", "ROC-AUC"},
       {"chance de um aluno em risco ter nota de risco maior que a de um aluno fora de risco",
        "chance that a pupil at risk scores above one who is not"}},
      {Metric::kPrAuc,
       {"PR-AUC", "PR-AUC"},
       {"precisão média em todos os limiares", "average precision over all thresholds"}},
      {Metric::kRecall,
       {"Sensibilidade (recall)", "Recall"},
       {"dos que ficaram defasados, quantos foram apontados", "of those who fell behind, how many were flagged"}},
      {Metric::kPrecision,
       {"Precisão", "Precision"},
       {"dos apontados, quantos ficaram defasados", "of those flagged, how many fell behind"}},
      {Metric::kF1, {"F1", "F1"}, {"equilíbrio entre precisão e sensibilidade", "balance of precision and recall"}},
      {Metric::kF2, {"F2", "F2"}, {"o mesmo, com mais peso na sensibilidade", "the same, with more weight on recall"}},
      {Metric::kBrier,
       {"Brier", "Brier score"},
       {"erro quadrático médio das probabilidades (menor é melhor)",
        "mean squared error of the probabilities (lower is better)"}},
      {Metric::kCalibrationError,
       {"Erro de calibração", "Calibration error"},
       {"distância média entre o previsto e o observado, em 10 faixas, ponderada pelos alunos de cada faixa",
        "mean distance between predicted and observed in 10 bins, weighted by the pupils in each"}},
  };
  return kMetrics;
}

std::vector<Bilingual> ProblemWords(const TrainedModel& model) {
  const auto& e = model.cross_validated;
  const double base = e.metrics[Metric::kBaseRate].value;
  const std::string periods = Join(PeriodNames(model.years), ", ");
  return {
      {fmt::format("O modelo estima, com o que se sabe de um aluno neste ano, o risco de ele estar defasado "
                   "(fase abaixo da ideal para a idade) no ano que vem. Foi treinado com {} registros de {} alunos"
                   "{}; {} deles estavam defasados no ano seguinte.",
                   e.n, e.pupils, periods.empty() ? "" : " (" + periods + ")", Percent(base, Language::kPortuguese)),
       fmt::format("From what is known of a pupil this year, the model estimates the risk of being behind (a phase "
                   "below the one for the age) next year. It was trained on {} records of {} pupils{}; {} of them "
                   "were behind in the following year.",
                   e.n, e.pupils, periods.empty() ? "" : " (" + periods + ")", Percent(base, Language::kEnglish))},
      {"Todas as medidas abaixo são de alunos que o modelo não viu ao ser treinado (validação cruzada agrupada por "
       "aluno); entre colchetes, intervalos de 95% por bootstrap de alunos.",
       "All measures below are of pupils whom the model did not see in training (cross-validation grouped by "
       "pupil); brackets hold 95% intervals by a bootstrap of pupils."}};
}

std::vector<Bilingual> ThresholdWords(const TrainedModel& model) {
  const auto& e = model.cross_validated;
  const double base = e.metrics[Metric::kBaseRate].value, recall = e.metrics[Metric::kRecall].value;
  const double precision = e.metrics[Metric::kPrecision].value, flagged = e.metrics[Metric::kFlaggedRate].value;
  const ThresholdPoint &chosen = model.threshold.chosen, &literal = model.threshold.literal;
  const int at_risk = PerHundred(base), found = PerHundred(base * recall), named = PerHundred(flagged);
  std::vector<Bilingual> words = {
      {fmt::format("Em uma turma de 100 alunos como estes, cerca de {} estarão defasados no ano que vem. O modelo "
                   "aponta {}: {} estarão mesmo defasados e {} não. {} dos que estarão defasados escapam.",
                   at_risk, named, PerHundred(flagged * precision), named - PerHundred(flagged * precision),
                   at_risk - found),
       fmt::format("Of 100 pupils like these, about {} will be behind next year. The model flags {}: {} will indeed be "
                   "behind and {} will not. {} of those who will be behind are missed.",
                   at_risk, named, PerHundred(flagged * precision), named - PerHundred(flagged * precision),
                   at_risk - found)},
      {fmt::format("É apontado quem tem risco de {} ou mais. A regra: a maior precisão cuja sensibilidade média na "
                   "validação cruzada seja ao menos {}; precisões a menos de {} erro-padrão da maior contam como "
                   "iguais, e entre elas vale o limiar mais baixo (sem essa tolerância seria {}).",
                   Decimal(chosen.threshold, Language::kPortuguese),
                   Percent(model.recipe.threshold.min_recall, Language::kPortuguese, 0),
                   Decimal(model.recipe.threshold.tolerance_se, Language::kPortuguese, 1),
                   Decimal(literal.threshold, Language::kPortuguese)),
       fmt::format(
           "Flagged is who has a risk of {} or more. The rule: the highest precision whose mean cross-validated "
           "recall is at least {}; precisions within {} standard errors of the highest count as equal, and of "
           "those the lowest threshold is taken (without that tolerance: {}).",
           Decimal(chosen.threshold, Language::kEnglish),
           Percent(model.recipe.threshold.min_recall, Language::kEnglish, 0),
           Decimal(model.recipe.threshold.tolerance_se, Language::kEnglish, 1),
           Decimal(literal.threshold, Language::kEnglish))}};
  if (model.threshold.flags_too_many) {
    words.push_back({"ATENÇÃO: este limiar aponta mais que o dobro dos alunos que estão em risco.",
                     "WARNING: this threshold flags more than twice the pupils who are at risk."});
  }
  return words;
}

Bilingual PersistenceWords(const TrainedModel& model) {
  const auto& e = model.cross_validated;
  if (!e.persistence) return {"Os dados não têm a defasagem atual.", "The data do not hold the current lag."};
  const auto& rule = *e.persistence;
  const auto words = [&](Language language, const char* format) {
    return fmt::format(fmt::runtime(format), Percent(rule[Metric::kRecall].value, language),
                       Percent(rule[Metric::kPrecision].value, language),
                       Percent(e.metrics[Metric::kRecall].value, language),
                       Percent(e.metrics[Metric::kPrecision].value, language));
  };
  return {words(Language::kPortuguese,
                "A regra simples “defasado hoje, defasado no ano que vem” tem sensibilidade {} e precisão {}; "
                "o modelo, {} e {}."),
          words(Language::kEnglish,
                "The simple rule “behind now, behind next year” has recall {} and precision {}; "
                "the model, {} and {}.")};
}

Bilingual SelectionWords(const TrainedModel& model) {
  const Bilingual family = FamilyTitle(model.candidate.family);
  return {fmt::format(
              "Foram comparados {} candidatos em {} repetições de {} partes. Primeiro as entradas: as estáveis, se o "
              "melhor que as usa fica a menos de um erro-padrão da maior ROC-AUC. Depois, entre eles, o mais simples "
              "a menos de um erro-padrão do melhor: regressão logística, boosting, floresta. Escolhido: {}.",
              model.comparison.size(), model.recipe.repeats, model.recipe.folds, family.pt),
          fmt::format(
              "{} candidates were compared in {} repeats of {} folds. First the inputs: the stable ones, if the best "
              "that takes them is within one standard error of the highest ROC-AUC. Then, among those, the simplest "
              "within one standard error of the best: logistic regression, boosting, forest. Chosen: {}.",
              model.comparison.size(), model.recipe.repeats, model.recipe.folds, family.en)};
}

Bilingual CalibrationWords(const TrainedModel& model) {
  std::vector<std::string> pt, en;
  for (const CalibrationTrial& trial : model.calibration.trials) {
    const std::string name(CalibrationName(trial.method));
    const std::string name_pt = name == "none" ? "nenhuma" : name == "sigmoid" ? "sigmoide" : "isotônica";
    pt.push_back(name_pt + " " + Decimal(trial.brier, Language::kPortuguese, 4));
    en.push_back(name + " " + Decimal(trial.brier, Language::kEnglish, 4));
  }
  const bool isotonic = model.calibration.chosen == CalibrationMethod::kIsotonic;
  const bool sigmoid = model.calibration.chosen == CalibrationMethod::kSigmoid;
  return {fmt::format("Calibração: {} (Brier fora da amostra: {}).",
                      sigmoid    ? "sigmoide"
                      : isotonic ? "isotônica"
                                 : "nenhuma",
                      Join(pt, "; ")),
          fmt::format("Calibration: {} (Brier score on held-out folds: {}).", CalibrationName(model.calibration.chosen),
                      Join(en, "; "))};
}

std::vector<Bilingual> LimitWords(const TrainedModel& model) {
  std::vector<Bilingual> limits = {
      {"A nota é um motivo para olhar para um aluno, nunca uma decisão sobre ele. Erra em alguns de cada cem.",
       "The score is a reason to look at a pupil, never a decision about one. It is wrong for some of every hundred."},
      {"Quando a proporção de alunos defasados cai de um ano para o outro, as probabilidades ficam altas demais: "
       "acompanhe a proporção de apontados e recalibre com os rótulos novos.",
       "When the share of pupils behind falls from one year to the next, probabilities run high: watch the flagged "
       "rate, and recalibrate when new labels arrive."},
      {"A escolha das entradas e a tolerância do limiar levaram em conta totais publicados de 2023–2024 e dados de "
       "2023 sem rótulo.",
       "The choice of inputs and the threshold's tolerance were informed by published totals of 2023–2024 and by "
       "unlabelled data of 2023."},
      {"Só há alunos presentes nos dois anos: de quem sai do programa nada se sabe.",
       "Only pupils present in both years are here: nothing is known of those who leave the programme."},
      {"Grupos marcados com ~ têm menos de 30 alunos, ou menos de 5 de uma das classes: seus números são ruído.",
       "Groups marked ~ have fewer than 30 pupils, or fewer than 5 of a class: their numbers are noise."},
  };
  std::vector<std::string> absent;
  for (const auto& raw : model.spec.raw) {
    if (!raw.in_training) absent.push_back(raw.name);
  }
  if (!absent.empty()) {
    limits.push_back({"Sem nenhum dado no treino, e por isso sem uso: " + Join(absent, ", ") + ".",
                      "Without any data in training, and so not used: " + Join(absent, ", ") + "."});
  }
  return limits;
}

std::vector<CandidateSummary> Ranked(const TrainedModel& model) {
  std::vector<CandidateSummary> ranked = model.comparison;
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return SelectionScore(a) > SelectionScore(b); });
  return ranked;
}

}  // namespace vigia::training
