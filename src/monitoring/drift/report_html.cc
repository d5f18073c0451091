// The page of a drift report. Every text is Portuguese first, English below it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "drift/page.h"
#include "drift/report.h"

namespace vigia::drift {

namespace {

struct Words {
  std::string_view pt, en, colour;
};

Words StatusWords(DriftStatus status) {
  switch (status) {
    case DriftStatus::kRed: return {"CRÍTICO", "critical", "red"};
    case DriftStatus::kYellow: return {"ATENÇÃO", "warning", "yellow"};
    case DriftStatus::kGreen: return {"ESTÁVEL", "stable", "green"};
    case DriftStatus::kTooFewRows: return {"POUCAS LINHAS", "too few rows", "grey"};
    case DriftStatus::kNoBaseline: return {"SEM REFERÊNCIA", "no baseline", "grey"};
    case DriftStatus::kNoData: return {"SEM DADOS", "no data", "grey"};
  }
  CHECK(false, "unknown drift status");
}

std::string Badge(DriftStatus status) {
  const Words words = StatusWords(status);
  return fmt::format("<span class=\"badge {}\">{} · {}</span>", words.colour, words.pt, words.en);
}

std::string SlotName(const baseline::Bins& bins, size_t slot) {
  if (slot == bins.missing()) return "ausente · missing";
  if (slot == bins.below()) return "abaixo · below";
  if (slot == bins.above()) return "acima · above";
  if (slot == bins.unseen()) return "novo · unseen";
  return SlotLabel(bins, slot);
}

// Cuts after `letters` letters, never inside one.
std::string Shortened(const std::string& text, size_t letters) {
  size_t at = 0, seen = 0;
  while (at < text.size() && seen < letters) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
    ++seen;
  }
  return at < text.size() ? text.substr(0, at) + "…" : text;
}

double ShareOf(uint64_t count, uint64_t total) {
  return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
}

// Two bars for each slot that either side uses, and for all core bins.
std::string Chart(const FeatureDrift& drift) {
  std::vector<size_t> used;
  uint64_t baseline_rows = 0, current_rows = 0;
  double tallest = 1e-9;
  for (size_t slot = 0; slot < drift.bins.slots(); ++slot) {
    baseline_rows += drift.baseline_counts[slot];
    current_rows += drift.current_counts[slot];
    if (slot < drift.bins.core() || drift.baseline_counts[slot] + drift.current_counts[slot] > 0) used.push_back(slot);
  }
  for (const size_t slot : used) {
    tallest = std::max({tallest, ShareOf(drift.baseline_counts[slot], baseline_rows),
                        ShareOf(drift.current_counts[slot], current_rows)});
  }
  if (used.empty()) return "";
  // One line per slot, so that names have room on a phone.
  constexpr double kLine = 22, kBar = 8, kLeft = 128, kLongest = 170;
  std::string svg = fmt::format("<svg viewBox=\"0 0 360 {:.0f}\" role=\"img\" aria-label=\"{}\">",
                                kLine * static_cast<double>(used.size()), EscapeHtml(drift.name));
  for (size_t i = 0; i < used.size(); ++i) {
    const size_t slot = used[i];
    const double top = kLine * static_cast<double>(i) + 2;
    const double before = ShareOf(drift.baseline_counts[slot], baseline_rows);
    const double now = ShareOf(drift.current_counts[slot], current_rows);
    const auto bar = [&](std::string_view kind, double share, double y) {
      return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{}\"/>", kind, kLeft, y,
                         kLongest * share / tallest, kBar);
    };
    svg += fmt::format("<text x=\"{}\" y=\"{:.0f}\" text-anchor=\"end\">{}</text>", kLeft - 5, top + 12,
                       EscapeHtml(Shortened(SlotName(drift.bins, slot), 22)));
    svg += bar("b", before, top) + bar("n", now, top + kBar);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\">{:.1f}→{:.1f}%</text>", kLeft + kLongest + 4, top + 12,
                       100 * before, 100 * now);
  }
  return svg + "</svg>\n";
}

std::string Mean(const FeatureDrift& drift) {
  if (!drift.baseline_mean || !drift.current_mean) return "";
  return fmt::format("<span>média · mean {:.4g} → {:.4g}</span>", *drift.baseline_mean, *drift.current_mean);
}

std::string FeatureCard(const FeatureDrift& drift, const Thresholds& thresholds) {
  std::string card =
      fmt::format("<div class=\"card\"><div class=\"head\"><h3>{}</h3>{}<span class=\"small\">PSI {:.3f}",
                  EscapeHtml(drift.name), Badge(drift.status), drift.psi.psi);
  if (drift.type == baseline::FeatureType::kUnknown) return card + "</span></div></div>\n";
  card +=
      fmt::format(" · ruído até · noise up to {:.3f}</span></div>\n<div class=\"small\">", drift.psi.noise_threshold);
  const bool beyond = drift.psi_adjusted_p <= thresholds.alpha;
  card +=
      beyond
          ? fmt::format("além do ruído de amostragem (p = {:.2g}) · beyond sampling noise<br>", drift.psi_adjusted_p)
          : fmt::format("dentro do ruído de amostragem (p = {:.2g}) · within sampling noise<br>", drift.psi_adjusted_p);
  card += fmt::format("<span>ausentes · missing {:.1f}% → {:.1f}%</span> {}</div>\n", 100 * drift.baseline_missing_rate,
                      100 * drift.current_missing_rate, Mean(drift));
  return card + Chart(drift) + "</div>\n";
}

struct Advice {
  std::string_view pt, en;
};

std::vector<Advice> NextSteps(DriftStatus global) {
  switch (global) {
    case DriftStatus::kRed:
      return {
          {"Investigue em até 4 horas: veja abaixo os atributos em vermelho e confira se a coleta ou a planilha de "
           "origem mudou.",
           "Investigate within 4 hours: look at the red features below, and whether collection or the source changed."},
          {"Se há rótulos, rode `vigia performance report --window 30`; se o desempenho caiu, faça rollback.",
           "If there are labels, run `vigia performance report --window 30`; if performance fell, roll back."},
          {"Se a mudança é genuína, retreine com dados recentes: `vigia retrain`.",
           "If the change is genuine, retrain on recent data: `vigia retrain`."}};
    case DriftStatus::kYellow:
      return {{"Acompanhe por 24 horas e gere o relatório de novo amanhã; pode ser sazonal.",
               "Watch for 24 hours and run the report again tomorrow; it may be seasonal."},
              {"Compare a referência e o período atual dos atributos em amarelo.",
               "Compare baseline and current of the yellow features."}};
    case DriftStatus::kGreen: return {{"Nada a fazer.", "Nothing to do."}};
    case DriftStatus::kTooFewRows:
      return {{"Poucas previsões para julgar: use um período maior (`--last-n-days`).",
               "Too few predictions to judge: use a longer window (`--last-n-days`)."}};
    case DriftStatus::kNoBaseline:
    case DriftStatus::kNoData:
      return {
          {"Nenhuma previsão desta versão no período: confira se o serviço recebe tráfego e se a versão está certa.",
           "No prediction of this version in the window: check that the service has traffic and that the version is "
           "right."}};
  }
  CHECK(false, "unknown drift status");
}

// "2026-11-13 10:35".
std::string Minute(WallTime time) {
  const std::string text = FormatTime(time);
  return text.substr(0, 10) + " " + text.substr(11, 5);
}

std::string Overview(const DriftReport& report) {
  std::string html = "<div class=\"card facts\">";
  html += Fact("modelo · model", report.model_version);
  html += Fact("início · from (UTC)", Minute(report.window.start));
  html += Fact("fim · until (UTC)", Minute(report.window.end));
  html += Fact("previsões · predictions", fmt::format("{}", report.instances));
  html += Fact("pedidos · requests", fmt::format("{}", report.requests));
  html += Fact("linhas da referência · baseline rows", fmt::format("{}", report.baseline_rows));
  html += Fact("vermelhos · red", fmt::format("{} / {}", report.Count(DriftStatus::kRed), report.features.size()));
  html += Fact("amarelos · yellow", fmt::format("{}", report.Count(DriftStatus::kYellow)));
  html += Fact("marcados em risco · flagged", fmt::format("{:.1f}% → {:.1f}%", 100 * report.baseline_positive_rate,
                                                          100 * report.current_positive_rate));
  return html + "</div>\n";
}

}  // namespace

std::string ToHtml(const DriftReport& report) {
  const Thresholds& thresholds = report.thresholds;
  std::string html = PageHead("Drift " + report.model_version);
  html += "<h1>Relatório de drift <span class=\"en\">Drift report</span></h1>\n" + Badge(report.global) + "\n";
  html += Overview(report);
  html += "<h2>O que fazer <span class=\"en\">What to do next</span></h2>\n<div class=\"card\">";
  for (const Advice& advice : NextSteps(report.global)) html += Both(advice.pt, advice.en);
  html +=
      "</div>\n<p class=\"key small\"><i style=\"background:var(--base)\"></i>referência · baseline"
      "<i style=\"background:var(--now)\"></i>período atual · current</p>\n";
  html += "<h2>Escore de risco <span class=\"en\">Risk score</span></h2>\n" + FeatureCard(report.score, thresholds);
  html += "<h2>Atributos, do pior ao melhor <span class=\"en\">Features, worst first</span></h2>\n";
  for (const FeatureDrift* drift : report.WorstFirst()) html += FeatureCard(*drift, thresholds);
  html += Both(
      fmt::format("Vermelho: PSI ≥ {} ou proporção de ausentes ± {}; amarelo: PSI ≥ {} ou ± {}; em ambos os "
                  "casos só além do ruído de amostragem (todos os testes juntos: {} de chance de qualquer alarme "
                  "falso, correção de Holm).",
                  thresholds.feature_psi_red, thresholds.missing_delta_red, thresholds.feature_psi_yellow,
                  thresholds.missing_delta_yellow, thresholds.alpha),
      fmt::format("Red: PSI ≥ {} or missing rate ± {}; yellow: PSI ≥ {} or ± {}; in both cases only beyond sampling "
                  "noise (all tests together: {} chance of any false alarm, Holm's correction).",
                  thresholds.feature_psi_red, thresholds.missing_delta_red, thresholds.feature_psi_yellow,
                  thresholds.missing_delta_yellow, thresholds.alpha));
  return html + PageFoot(report.created_at);
}

}  // namespace vigia::drift
