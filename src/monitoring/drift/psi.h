// The population stability index between two histograms over the same bins, and what sampling
// noise alone makes of it.
//
// PSI = Σ (c_i − b_i)·ln(c_i / b_i) over shares b (baseline) and c (current): the symmetrised
// Kullback-Leibler divergence (Jeffreys 1946). A bin that is empty on one side would make it
// infinite, so both sides are smoothed towards their pooled shares with the weight of five
// observations. This leaves equal shares equal at every size (PSI exactly 0), and bins that are
// empty on both sides out.
//
// Without drift, PSI is about (1/n + 1/m)·χ² with (bins − 1) degrees of freedom (Yurdakul & Naranjo
// 2020) for large counts; with a few hundred rows the usual 0.25 is within noise, and rare bins have
// heavier tails. So the null distribution is simulated, given the baseline: the true share of every
// bin is drawn from what the baseline's counts allow (a Dirichlet distribution), the window from
// these shares, its PSI against the baseline's counts follows. For quantile bins of a continuous
// feature this is exact whatever its distribution: the shares between order statistics of m rows
// are Dirichlet (Wilks 1962), with one spacing below the least and one above the largest value. The
// draws have a fixed seed, and stop as soon as the answer is clear: when enough of them were as large
// (sequential Monte-Carlo p-value, Besag & Clifford 1991), or when the observed PSI lies far beyond the
// first few hundred. The noise's survival function S is taken for that of an exponential tail or a lighter
// one, S(x + y) <= S(x)·S(y) ("new better than used", Barlow & Proschan 1975): k times the largest of j
// draws, which is exceeded about once in j, is then exceeded once in j^k, and k is such that this is j times
// rarer than all draws together could tell. The factor j is room for bins that the baseline has next to
// nothing in, whose tails are a little heavier; a test compares with what many draws say.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "baseline/bins.h"

namespace vigia::drift {

// Both: one count per bin, the same bins. 0 when either side is empty of rows.
double Psi(std::span<const uint64_t> baseline, std::span<const uint64_t> current);

struct NullSettings {
  uint64_t seed = 20240229;
  int enough_exceedances = 10;  // of the observed PSI, for a p-value that needs no more draws
  int draws_per_test = 500;     // draws at most, times the number of tests; so that α/tests can be told
  int max_draws = 200000;
  int first_draws = 400;        // after so many, what is far beyond all of them needs no more
  bool noise_threshold = true;  // computed from the moments of the first draws; false: it is not
};

struct PsiTest {
  double psi = 0;
  double p_value = 1;          // P(PSI at least this large without drift); not yet corrected for many tests
  double noise_threshold = 0;  // about what noise alone exceeds with probability α / tests
  int draws = 0;               // of the null distribution, until the answer was clear
};

// The weight of each slot in the Dirichlet distribution of true shares: a slot's count, plus what the
// bins allow where the baseline has nothing: one spacing beyond each end of the range, a half for
// discrete values (Jeffreys' prior) and for the missing ones, and as much unseen as there are values
// that the baseline saw only once (Good & Turing 1953).
std::vector<double> ShareWeights(const baseline::Bins& bins, std::span<const uint64_t> baseline);

// `weights`: one per slot, as above. `tests`: how many tests share α (Bonferroni for the threshold,
// and the resolution of the p-value).
PsiTest TestPsi(std::span<const uint64_t> baseline, std::span<const uint64_t> current, std::span<const double> weights,
                double alpha, size_t tests, const NullSettings& settings);

}  // namespace vigia::drift
