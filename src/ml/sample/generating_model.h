// The model that synthetic pupils are drawn from. docs/guides/sample-data.md has the equations.
// Everything that decides next year's lag is a value recorded this year, or a coin that nothing
// recorded tells of: so the risk given a row is a finite sum, not an estimate.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "base/random.h"

namespace vigia::sample {

inline constexpr int kFirstYear = 2022;
inline constexpr int kLastYear = 2024;
inline constexpr int kYears = kLastYear - kFirstYear + 1;
inline constexpr int kUniversityPhase = 8;
inline constexpr int kAlumniPhase = 9;  // appears in 2024
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// What is recorded of one pupil in one year. Indicators are 0..10 (with the overflow of the year), NaN missing.
struct PupilYear {
  int year = kFirstYear;
  int age = 0;    // whole years, as recorded
  int phase = 0;  // 0 ALFA, 1..7, 8 university, 9 alumni
  double iaa = kMissing, ieg = kMissing, ips = kMissing, ipp = kMissing, ida = kMissing, ipv = kMissing;
  double mat = kMissing, por = kMissing, ing = kMissing;

  int IdealPhase() const;
  int Lag() const { return phase - IdealPhase(); }  // "Defasagem"
  double Ian() const;                               // 10, 5 or 2.5: a function of the lag
  double Inde() const;                              // NaN when a part of it is missing
};

// The phase of a pupil of this age who is not behind.
int IdealPhaseOfAge(int age);

// P(a pupil advances a phase or more | the row). 0 for phases 8 and 9.
double PromotionProbability(const PupilYear& row);

// P(Defasagem of the next year < 0 | the row, and the pupil is still there), exactly.
// For 2024, whose next year is not simulated, the coefficients of 2023.
double TrueRisk(const PupilYear& row);

// Draws next year's age and phase. Indicators are left missing.
PupilYear Advance(const PupilYear& row, Rng& rng);

// P(the pupil is in next year's sheet | the row): independent of next year's lag given the row.
double StayProbability(const PupilYear& row);

// Draws the indicators of a row whose year, age and phase are set. `ability` is the pupil's latent
// ability of this year, standard normal over pupils.
void DrawIndicators(double ability, PupilYear& row, Rng& rng);

// Ability of the next year: an AR(1) with unit variance.
double NextAbility(double ability, Rng& rng);

// The age of a new pupil and the lag with which they arrive (phase set accordingly).
PupilYear DrawNewcomer(int year, Rng& rng);

}  // namespace vigia::sample
