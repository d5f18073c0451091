#include "drift/psi.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "drift/statistics.h"

namespace vigia::drift {

namespace {

constexpr double kSmoothingWeight = 5;

uint64_t Sum(std::span<const uint64_t> counts) { return std::accumulate(counts.begin(), counts.end(), uint64_t{0}); }

double SmoothedPsi(std::span<const uint64_t> baseline, std::span<const uint64_t> current, double m, double n) {
  double psi = 0;
  for (size_t i = 0; i < baseline.size(); ++i) {
    if (baseline[i] + current[i] == 0) continue;
    const auto b_count = static_cast<double>(baseline[i]);
    const auto c_count = static_cast<double>(current[i]);
    const double smoothing = kSmoothingWeight * (b_count + c_count) / (m + n);
    const double b = (b_count + smoothing) / (m + kSmoothingWeight);
    const double c = (c_count + smoothing) / (n + kSmoothingWeight);
    psi += (c - b) * std::log(c / b);
  }
  return psi;
}

// Draws windows without drift, given the baseline.
class NullSampler {
 public:
  NullSampler(std::span<const uint64_t> baseline, std::span<const double> weights, uint64_t n, uint64_t seed)
      : rng_(seed), m_(static_cast<double>(Sum(baseline))), n_(n) {
    std::vector<size_t> order(baseline.size());
    std::iota(order.begin(), order.end(), size_t{0});
    // Large shares first: most of the trials are gone when the small ones are drawn.
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return weights[a] > weights[b]; });
    for (const size_t i : order) {
      if (weights[i] <= 0) continue;
      weights_.push_back(weights[i]);
      baseline_.push_back(baseline[i]);
    }
    shares_.resize(weights_.size());
    current_.resize(weights_.size());
  }

  double Draw() {
    DrawDirichlet(rng_, weights_, shares_);
    DrawMultinomial(rng_, n_, shares_, current_);
    return SmoothedPsi(baseline_, current_, m_, static_cast<double>(n_));
  }

 private:
  Rng rng_;
  double m_;
  uint64_t n_;
  std::vector<double> weights_, shares_;
  std::vector<uint64_t> baseline_, current_;
};

// What the first draws say of the null distribution.
struct Moments {
  int draws = 0;
  double sum = 0, squares = 0, largest = 0;

  void Add(double psi) {
    ++draws;
    sum += psi;
    squares += psi * psi;
    largest = std::max(largest, psi);
  }

  // The tail of a scaled χ² with the same mean and variance.
  double Threshold(double tail) const {
    if (sum <= 0) return 0;
    const double mean = sum / draws;
    const double variance = std::max(squares / draws - mean * mean, 1e-300);
    const double degrees = 2 * mean * mean / variance;
    return mean / degrees * ChiSquareQuantile(tail, degrees);
  }
};

// How many times the largest of `first` draws noise exceeds about once in first × `draws` (psi.h).
double FarBeyond(int first, double draws) { return 1 + std::log(draws) / std::log(std::max(first, 2)); }

// Fills p-value and threshold of a test whose PSI is known.
void Simulate(NullSampler& sampler, double tail, size_t tests, const NullSettings& settings, PsiTest& test) {
  const double wanted = static_cast<double>(settings.draws_per_test) * static_cast<double>(std::max<size_t>(tests, 1));
  const int draws = static_cast<int>(std::min(wanted, static_cast<double>(settings.max_draws)));
  const double rarest = 1 / (static_cast<double>(draws) + 1);
  Moments moments;
  std::optional<double> p_value;
  int exceeded = 0;
  for (int draw = 1; draw <= draws && (!p_value || (settings.noise_threshold && draw <= settings.first_draws));
       ++draw) {
    const double psi = sampler.Draw();
    ++test.draws;
    // A hair below, so that an equal histogram counts whatever the order of summation.
    if (psi >= test.psi * (1 - 1e-12)) ++exceeded;
    if (draw <= settings.first_draws) moments.Add(psi);
    if (p_value) continue;
    if (exceeded == settings.enough_exceedances) p_value = static_cast<double>(exceeded) / static_cast<double>(draw);
    if (draw == settings.first_draws && test.psi > FarBeyond(draw, draws) * moments.largest) p_value = rarest;
  }
  test.p_value = p_value.value_or((static_cast<double>(exceeded) + 1) * rarest);
  if (settings.noise_threshold) test.noise_threshold = moments.Threshold(tail);
}

}  // namespace

double Psi(std::span<const uint64_t> baseline, std::span<const uint64_t> current) {
  CHECK(baseline.size() == current.size(), "histograms over different bins");
  const uint64_t m = Sum(baseline), n = Sum(current);
  if (m == 0 || n == 0) return 0;
  return SmoothedPsi(baseline, current, static_cast<double>(m), static_cast<double>(n));
}

std::vector<double> ShareWeights(const baseline::Bins& bins, std::span<const uint64_t> baseline) {
  CHECK(baseline.size() == bins.slots(), "counts do not fit their bins");
  std::vector<double> weights(baseline.begin(), baseline.end());
  const bool ranges = bins.kind == baseline::BinKind::kRanges;
  double seen_once = 0;
  for (size_t i = 0; i < bins.core(); ++i) {
    seen_once += baseline[i] == 1 ? 1 : 0;
    if (!ranges) weights[i] += 0.5;
  }
  weights[bins.missing()] += 0.5;
  if (bins.kind != baseline::BinKind::kLevels) {
    weights[bins.below()] += 1;
    weights[bins.above()] += 1;
  }
  if (!ranges) weights[bins.unseen()] += 0.5 + seen_once;
  return weights;
}

PsiTest TestPsi(std::span<const uint64_t> baseline, std::span<const uint64_t> current, std::span<const double> weights,
                double alpha, size_t tests, const NullSettings& settings) {
  CHECK(baseline.size() == weights.size(), "one weight per slot is needed");
  PsiTest test;
  const uint64_t n = Sum(current);
  if (n == 0 || Sum(baseline) == 0) return test;
  test.psi = Psi(baseline, current);
  NullSampler sampler(baseline, weights, n, settings.seed);
  Simulate(sampler, alpha / static_cast<double>(std::max<size_t>(tests, 1)), tests, settings, test);
  return test;
}

}  // namespace vigia::drift
