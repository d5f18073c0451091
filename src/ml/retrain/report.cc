#include "retrain/report.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace vigia::retrain {

namespace {

using evaluation::Metric;
using evaluation::MetricIntervals;

constexpr Metric kShown[] = {Metric::kRocAuc, Metric::kPrAuc, Metric::kRecall,           Metric::kPrecision,
                             Metric::kF2,     Metric::kBrier, Metric::kCalibrationError, Metric::kFlaggedRate};

Json ToJson(const MetricIntervals& metrics) {
  Json json = Json::object();
  for (const Metric metric : kShown) json[std::string(evaluation::MetricName(metric))] = ToJson(metrics[metric]);
  return json;
}

Json ToJson(const Comparison& comparison) {
  Json guardrails = Json::array();
  for (const Guardrail& rail : comparison.guardrails) {
    guardrails.push_back({{"metric", evaluation::MetricName(rail.metric)},
                          {"allowed", {{rail.metric == Metric::kBrier ? "rise" : "drop", rail.margin}}},
                          {"champion", rail.champion},
                          {"challenger", rail.challenger},
                          {"difference", evaluation::ToJson(rail.difference)},
                          {"estimate_within", rail.estimate_within},
                          {"status", GuardrailStatusName(rail.status)}});
  }
  return {{"holdout", HoldoutName(comparison.holdout)},
          {"champion_may_have_seen_the_rows", comparison.holdout == Holdout::kGrouped},
          {"years", comparison.years},
          {"champion_trained_until", comparison.champion_year},
          {"n", comparison.rows},
          {"n_positive", comparison.positives},
          {"n_pupils", comparison.pupils},
          {"folds", comparison.folds},
          {"champion_threshold", comparison.champion_threshold},
          {"challenger_thresholds", comparison.challenger_thresholds},
          {"proven", comparison.decision.proven},
          {"guardrails", guardrails},
          {"champion", ToJson(comparison.champion)},
          {"challenger", ToJson(comparison.challenger)},
          {"difference", ToJson(comparison.difference)}};
}

struct Words {
  const char* english;
  const char* portuguese;
};

Words VerdictWords(Verdict verdict) {
  switch (verdict) {
    case Verdict::kApproved: return {"approved", "aprovado"};
    case Verdict::kRejected: return {"rejected", "rejeitado"};
    case Verdict::kUndecided: return {"undecided: too few rows to tell", "indefinido: linhas insuficientes para dizer"};
  }
  return {"", ""};
}

Words OutcomeWords(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPromoted: return {"it is the champion now", "agora é o campeão"};
    case Outcome::kRejected:
      return {"kept in the registry, marked as rejected", "guardado no registro, marcado como rejeitado"};
    case Outcome::kKept: return {"kept in the registry, not promoted", "guardado no registro, não promovido"};
    case Outcome::kDryRun: return {"dry run: nothing was changed", "simulação: nada foi alterado"};
  }
  return {"", ""};
}

Words StatusWords(GuardrailStatus status) {
  switch (status) {
    case GuardrailStatus::kPassed: return {"passed", "passou"};
    case GuardrailStatus::kFailed: return {"FAILED", "FALHOU"};
    case GuardrailStatus::kTooSmall: return {"too few rows to tell", "linhas insuficientes"};
  }
  return {"", ""};
}

Words NextStep(const Report& report) {
  if (report.outcome == Outcome::kDryRun) {
    return {"Run it again without --dry-run to act on this.", "Execute de novo sem --dry-run para aplicar."};
  }
  if (report.outcome == Outcome::kPromoted) {
    return {"Watch drift and performance; `vigia registry rollback` goes back within a second.",
            "Observe drift e desempenho; `vigia registry rollback` volta em um segundo."};
  }
  if (report.outcome == Outcome::kRejected) {
    return {"Look for what changed in the data. `--force` would promote it anyway, and be recorded.",
            "Procure o que mudou nos dados. `--force` promoveria mesmo assim, com registro."};
  }
  return {"Gather more labelled rows, or let it run as a shadow or a canary before promoting it.",
          "Reúna mais linhas rotuladas, ou use shadow ou canary antes de promover."};
}

std::string Cell(double value) { return std::isnan(value) ? "–" : fmt::format("{:.3f}", value); }

std::string Table(const Comparison& comparison) {
  std::string text =
      "| Metric / Métrica | Champion / Campeão | Challenger / Desafiante | Difference / Diferença [95%] "
      "| Allowed / Permitido | |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const Guardrail& rail : comparison.guardrails) {
    const Words status = StatusWords(rail.status);
    text += fmt::format("| {} | {} | {} | {} [{}, {}] | {}{:.2f} | {} / {} |\n", evaluation::MetricName(rail.metric),
                        Cell(rail.champion), Cell(rail.challenger), Cell(rail.difference.value),
                        Cell(rail.difference.low), Cell(rail.difference.high),
                        rail.metric == Metric::kBrier ? "+" : "−", rail.margin, status.english, status.portuguese);
  }
  return text;
}

std::string Years(const std::vector<int>& years) {
  std::vector<std::string> texts;
  for (const int year : years) texts.push_back(std::to_string(year));
  return Join(texts, ", ");
}

std::string ComparedText(const Comparison& c) {
  std::string text = fmt::format(
      "Compared on {} rows of {} pupils ({} at risk), feature years {}; each row scored by a challenger trained "
      "without that pupil ({} folds).\n\nComparado em {} linhas de {} alunos ({} em risco), anos {}; cada linha "
      "avaliada por um desafiante treinado sem o aluno ({} partes).\n\n",
      c.rows, c.pupils, c.positives, Years(c.years), c.folds, c.rows, c.pupils, c.positives, Years(c.years), c.folds);
  if (c.holdout == Holdout::kLaterYears) {
    text += fmt::format(
        "The champion was trained on years up to {} and has not seen these rows. / O campeão foi treinado com anos até "
        "{} e não viu estas linhas.\n\n",
        c.champion_year, c.champion_year);
  } else {
    text +=
        "**Caveat:** the champion may have been trained on some of these rows, which flatters it. / **Ressalva:** o "
        "campeão pode ter sido treinado com algumas destas linhas, o que o favorece.\n\n";
  }
  return text;
}

}  // namespace

Json ToJson(const Report& report) {
  Json json = {{"new_version", report.request.version},
               {"created_at", FormatTime(report.created_at)},
               {"by", report.request.by},
               {"verdict", VerdictName(report.verdict)},
               {"outcome", OutcomeName(report.outcome)},
               {"dry_run", report.request.mode == Mode::kDryRun},
               {"force", report.request.force == Force::kYes},
               {"forced", report.forced},
               {"reasons", report.reasons},
               {"warnings", report.warnings},
               {"next_step", NextStep(report).english}};
  json["data"] = {{"path", report.request.data},
                  {"n", report.rows},
                  {"n_positive", report.positives},
                  {"n_pupils", report.pupils},
                  {"years", report.years}};
  json["champion"] = report.champion.empty() ? Json(nullptr) : Json(report.champion);
  json["challenger"] = {{"model_family", report.family},
                        {"model_name", report.name},
                        {"threshold", report.threshold},
                        {"cross_validated", ToJson(report.cross_validated)}};
  json["comparison"] = report.comparison ? ToJson(*report.comparison) : Json(nullptr);
  return json;
}

std::string Markdown(const Report& report) {
  const Words verdict = VerdictWords(report.verdict), outcome = OutcomeWords(report.outcome), next = NextStep(report);
  std::string text = fmt::format("# Retraining / Retreino: {}\n\n", report.request.version);
  text += fmt::format("**{}** — {}. / **{}** — {}.\n\n", verdict.english, outcome.english, verdict.portuguese,
                      outcome.portuguese);
  if (report.forced) {
    text += fmt::format("**Forced by {}** against the verdict. / **Forçado por {}** contra o resultado.\n\n",
                        report.request.by, report.request.by);
  }
  text += fmt::format("{} — {}, {} rows / linhas, {} pupils / alunos, years / anos {}\n\n",
                      FormatTime(report.created_at).substr(0, 16), report.request.data, report.rows, report.pupils,
                      Years(report.years));
  text += fmt::format("Challenger / Desafiante: {} ({}), threshold / limiar {:.4f}. Champion / Campeão: {}.\n\n",
                      report.name, report.family, report.threshold,
                      report.champion.empty() ? "none / nenhum" : report.champion);
  if (report.comparison) text += ComparedText(*report.comparison) + Table(*report.comparison) + "\n";
  text += "## Reasons / Motivos\n\n";
  for (const std::string& reason : report.reasons) text += "- " + reason + "\n";
  for (const std::string& warning : report.warnings) text += "- ⚠ " + warning + "\n";
  return text + fmt::format("\n## Next / A seguir\n\n{}\n\n{}\n", next.english, next.portuguese);
}

Result<ReportPaths> WriteReport(Files& files, const std::string& folder, const Report& report) {
  const std::string base = JoinPath(JoinPath(folder, report.request.version), "retrain_report_");
  std::string stem = base + FormatDateCompact(report.created_at);
  if (files.Exists(stem + ".json")) {
    const std::string time = FormatTime(report.created_at);  // 2026-11-20T10:35:00.123456Z
    stem += "_" + time.substr(11, 2) + time.substr(14, 2) + time.substr(17, 2) + time.substr(20, 6);
  }
  TRY(files.Write(stem + ".md", Markdown(report)));
  TRY(files.Write(stem + ".json", PrettyJson(ToJson(report))));
  return ReportPaths{stem + ".json", stem + ".md"};
}

}  // namespace vigia::retrain
