#include "training/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vigia::training {
namespace {

using evaluation::Metric;

// The plot's square inside the picture, in SVG units.
constexpr double kLeft = 42, kTop = 12, kSide = 260, kWidth = 316, kHeight = 316;

double X(double share) { return kLeft + share * kSide; }
double Y(double share) { return kTop + (1 - share) * kSide; }

std::string Frame(const std::string& inside, const std::string& x_title, const std::string& y_title) {
  std::string svg = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img">)", kWidth, kHeight);
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    svg += fmt::format(R"(<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/>)", X(0), Y(tick), X(1));
    svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{:.0f}</text>)", X(tick), Y(0) + 16,
                       100 * tick);
  }
  svg += inside;
  svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", X(0.5), Y(0) + 34, x_title);
  svg += fmt::format(R"svg(<text transform="translate(12 {:.1f}) rotate(-90)" text-anchor="middle">{}</text></svg>)svg",
                     Y(0.5), y_title);
  return svg;
}

std::string PercentTicks() {
  std::string ticks;
  for (const double tick : {0.0, 0.5, 1.0}) {
    ticks += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{:.0f}</text>)", X(0) - 6, Y(tick) + 4,
                         100 * tick);
  }
  return ticks;
}

std::string Diagonal() {
  return fmt::format(R"(<path class="guide" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>)", X(0), Y(0), X(1), Y(1));
}

std::string Dot(double x, double y, const char* kind, double radius) {
  return fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>)", kind, X(x), Y(y), radius);
}

double FalsePositiveRate(const evaluation::ConfusionMatrix& c) {
  const auto negatives = static_cast<double>(c.false_positives + c.true_negatives);
  return negatives > 0 ? static_cast<double>(c.false_positives) / negatives : 0;
}

}  // namespace

std::string RocChart(const evaluation::Evaluation& e) {
  std::string path;
  for (const auto& point : e.curves.roc) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", X(point.false_positive_rate),
                        Y(point.true_positive_rate));
  }
  std::string inside = PercentTicks() + Diagonal();
  inside +=
      fmt::format(R"(<path class="area" d="{}L{:.1f} {:.1f}Z"/><path class="line" d="{}"/>)", path, X(1), Y(0), path);
  if (e.persistence) {
    inside += Dot(FalsePositiveRate(e.persistence_confusion), e.persistence_confusion.Recall(), "rule", 5);
  }
  inside += Dot(FalsePositiveRate(e.confusion), e.confusion.Recall(), "here", 6);
  return Frame(inside, "falsos alarmes · false alarms %", "recall %");
}

std::string PrChart(const evaluation::Evaluation& e) {
  std::string path;
  for (const auto& point : e.curves.pr) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", X(point.recall), Y(point.precision));
  }
  const double base = e.metrics[Metric::kBaseRate].value;
  std::string inside = PercentTicks();
  inside += fmt::format(R"(<path class="guide" d="M{:.1f} {:.1f}H{:.1f}"/><path class="line" d="{}"/>)", X(0), Y(base),
                        X(1), path);
  if (e.persistence) {
    inside += Dot(e.persistence_confusion.Recall(), e.persistence_confusion.Precision(), "rule", 5);
  }
  inside += Dot(e.confusion.Recall(), e.confusion.Precision(), "here", 6);
  return Frame(inside, "recall %", "precisão · precision %");
}

std::string CalibrationChart(const evaluation::Evaluation& e) {
  std::string inside = PercentTicks() + Diagonal(), path, dots;
  for (const auto& bin : e.curves.calibration) {
    if (bin.n == 0) continue;
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", X(bin.mean_score), Y(bin.observed_rate));
    const double share = static_cast<double>(bin.n) / static_cast<double>(e.n);
    dots += Dot(bin.mean_score, bin.observed_rate, "here", 3 + 14 * std::sqrt(share));
  }
  inside += fmt::format(R"(<path class="line thin" d="{}"/>{})", path, dots);
  return Frame(inside, "risco previsto · predicted risk %", "observado · observed %");
}

std::string HistogramChart(const evaluation::Evaluation& e) {
  size_t highest = 1;
  for (const auto& bin : e.curves.histogram) highest = std::max(highest, bin.positives + bin.negatives);
  const auto height = [&](size_t count) { return static_cast<double>(count) / static_cast<double>(highest); };
  std::string inside;
  for (const auto& bin : e.curves.histogram) {
    const double x = X(bin.low) + 1, width = X(bin.high) - X(bin.low) - 2;
    const double positives = height(bin.positives), all = height(bin.positives + bin.negatives);
    inside += fmt::format(R"(<rect class="pos" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", x,
                          Y(positives), width, Y(0) - Y(positives));
    inside += fmt::format(R"(<rect class="neg" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", x, Y(all),
                          width, Y(positives) - Y(all));
  }
  inside += fmt::format(R"(<path class="cut" d="M{:.1f} {:.1f}V{:.1f}"/>)", X(e.threshold), Y(0), Y(1));
  inside += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", X(0) - 6, Y(1) + 4, highest);
  return Frame(inside, "risco previsto · predicted risk %", "alunos · pupils");
}

}  // namespace vigia::training
