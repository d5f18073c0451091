// Small pieces of statistics that drift needs. All pure; a draw takes its generator.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace vigia::drift {

// P(X > x) for X ~ χ² with `df` degrees of freedom (regularised incomplete gamma; DLMF 8.7.1, 8.9.2).
double ChiSquareSurvival(double x, double df);
// The x with ChiSquareSurvival(x, df) == tail; tail in (0,1).
double ChiSquareQuantile(double tail, double df);

// Binomial(n, p). Inversion when the mean is small, else the rejection sampler BTRS (Hörmann 1993).
uint64_t DrawBinomial(Rng& rng, uint64_t n, double p);
// Multinomial(n, p) into `counts`; p sums to 1.
void DrawMultinomial(Rng& rng, uint64_t n, std::span<const double> p, std::span<uint64_t> counts);

// Gamma(shape, 1), shape > 0 (Marsaglia & Tsang 2000).
double DrawGamma(Rng& rng, double shape);
// Dirichlet(weights) into `shares`; weights > 0.
void DrawDirichlet(Rng& rng, std::span<const double> weights, std::span<double> shares);

// Two-sided p-value of "a of n and b of m come from the same rate": Fisher's exact test, or the
// pooled z-test when the exact sum would have more than 20,000 terms. 1 when n or m is 0.
double SameRatePValue(uint64_t a, uint64_t n, uint64_t b, uint64_t m);

// Holm's step-down adjusted p-values (1979), in the order given: comparing each with α keeps the
// chance of any false alarm among all of them at or below α, whatever their dependence.
std::vector<double> HolmAdjust(std::span<const double> p_values);

}  // namespace vigia::drift
