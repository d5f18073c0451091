#include "drift/statistics.h"

#include <math.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vigia::drift {

namespace {

// std::lgamma writes a global; this does not.
double LogGamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

// Regularised upper incomplete gamma Q(a, x).
double UpperGamma(double a, double x) {
  if (x <= 0) return 1;
  const double scale = std::exp(-x + a * std::log(x) - LogGamma(a));
  if (x < a + 1) {  // series of P(a, x)
    double term = 1 / a, sum = term;
    for (int n = 1; n < 10000 && term > sum * 1e-16; ++n) {
      term *= x / (a + n);
      sum += term;
    }
    return std::max(0.0, 1 - sum * scale);
  }
  // Continued fraction, by the modified Lentz method.
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a, c = 1 / kTiny, d = 1 / b, fraction = d;
  for (int i = 1; i < 10000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + an / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    const double delta = d * c;
    fraction *= delta;
    if (std::abs(delta - 1) < 1e-15) break;
  }
  return scale * fraction;
}

uint64_t DrawByInversion(Rng& rng, uint64_t n, double p) {
  const double odds = p / (1 - p);
  while (true) {
    double mass = std::exp(static_cast<double>(n) * std::log1p(-p));
    double u = rng.Uniform();
    for (uint64_t k = 0; k <= n; ++k) {
      if (u < mass) return k;
      u -= mass;
      mass *= odds * static_cast<double>(n - k) / static_cast<double>(k + 1);
      if (mass < 1e-300) break;  // rounding left u above the sum of all masses
    }
  }
}

// log k! minus Stirling's approximation.
double StirlingTail(double k) {
  static constexpr double kTable[] = {0.0810614667953272,  0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
                                      0.0166446911898211,  0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
                                      0.00925546218271273, 0.00833056343336287};
  if (k < 10) return kTable[static_cast<size_t>(k)];
  const double next = k + 1, square = next * next;
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / next;
}

// REQUIRES: n·p >= 10 and p <= 1/2.
uint64_t DrawByRejection(Rng& rng, uint64_t trials, double p) {
  const double n = static_cast<double>(trials);
  const double spread = std::sqrt(n * p * (1 - p));
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double centre = n * p + 0.5;
  const double v_r = 0.92 - 4.2 / b;
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double odds = p / (1 - p);
  const double mode = std::floor((n + 1) * p);
  while (true) {
    const double u = rng.Uniform() - 0.5;
    double v = rng.Uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + centre);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= v_r) return static_cast<uint64_t>(k);
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * std::log((mode + 1) / (odds * (n - mode + 1))) +
                         (n + 1) * std::log((n - mode + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(odds * (n - k + 1) / (k + 1)) + StirlingTail(mode) +
                         StirlingTail(n - mode) - StirlingTail(k) - StirlingTail(n - k);
    if (v <= bound) return static_cast<uint64_t>(k);
  }
}

double LogChoose(double n, double k) { return LogGamma(n + 1) - LogGamma(k + 1) - LogGamma(n - k + 1); }

double PooledZ(double a, double n, double b, double m) {
  const double rate = (a + b) / (n + m);
  const double error = std::sqrt(rate * (1 - rate) * (1 / n + 1 / m));
  if (error == 0) return 1;
  return std::erfc(std::abs(a / n - b / m) / error / std::sqrt(2.0));
}

}  // namespace

double ChiSquareSurvival(double x, double df) { return df <= 0 ? (x > 0 ? 0 : 1) : UpperGamma(df / 2, x / 2); }

double ChiSquareQuantile(double tail, double df) {
  double low = 0, high = df + 10;
  while (ChiSquareSurvival(high, df) > tail && high < 1e9) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-10 * high; ++i) {
    const double middle = (low + high) / 2;
    (ChiSquareSurvival(middle, df) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

uint64_t DrawBinomial(Rng& rng, uint64_t n, double p) {
  if (n == 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - DrawBinomial(rng, n, 1 - p);
  return static_cast<double>(n) * p < 10 ? DrawByInversion(rng, n, p) : DrawByRejection(rng, n, p);
}

void DrawMultinomial(Rng& rng, uint64_t n, std::span<const double> p, std::span<uint64_t> counts) {
  double rest = 1;
  for (size_t i = 0; i < p.size(); ++i) {
    const bool last = i + 1 == p.size();
    const double share = last || rest <= 0 ? 1 : std::min(1.0, p[i] / rest);
    counts[i] = p[i] <= 0 && !last ? 0 : DrawBinomial(rng, n, share);
    n -= counts[i];
    rest -= p[i];
  }
}

double DrawGamma(Rng& rng, double shape) {
  if (shape < 1) return DrawGamma(rng, shape + 1) * std::pow(1 - rng.Uniform(), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.Normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - rng.Uniform();
    if (u < 1 - 0.0331 * x * x * x * x || std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) return d * v;
  }
}

void DrawDirichlet(Rng& rng, std::span<const double> weights, std::span<double> shares) {
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) sum += shares[i] = DrawGamma(rng, weights[i]);
  for (double& share : shares) share /= sum;
}

double SameRatePValue(uint64_t a, uint64_t n, uint64_t b, uint64_t m) {
  if (n == 0 || m == 0) return 1;
  const uint64_t hits = a + b, total = n + m;
  const uint64_t low = hits > m ? hits - m : 0;
  const uint64_t high = std::min(hits, n);
  if (high - low > 20000) {
    return PooledZ(static_cast<double>(a), static_cast<double>(n), static_cast<double>(b), static_cast<double>(m));
  }
  const double all = LogChoose(static_cast<double>(total), static_cast<double>(hits));
  const auto log_mass = [&](uint64_t k) {
    return LogChoose(static_cast<double>(n), static_cast<double>(k)) +
           LogChoose(static_cast<double>(m), static_cast<double>(hits - k)) - all;
  };
  const double observed = log_mass(a) + 1e-7;
  double p_value = 0;
  for (uint64_t k = low; k <= high; ++k) {
    const double mass = log_mass(k);
    if (mass <= observed) p_value += std::exp(mass);
  }
  return std::min(1.0, p_value);
}

std::vector<double> HolmAdjust(std::span<const double> p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double so_far = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const double scaled = p_values[order[rank]] * static_cast<double>(order.size() - rank);
    so_far = std::max(so_far, std::min(1.0, scaled));
    adjusted[order[rank]] = so_far;
  }
  return adjusted;
}

}  // namespace vigia::drift
