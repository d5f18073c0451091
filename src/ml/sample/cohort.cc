#include "sample/cohort.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace vigia::sample {

namespace {

constexpr std::array<double, kYears> kGrowth = {1.0, 1014.0 / 860.0, 1156.0 / 860.0};

Status CheckSettings(const Settings& settings) {
  if (settings.students == 0 || settings.students > kMaxStudents) {
    return Error(Code::kInvalidArgument, "students: must be 1 to " + std::to_string(kMaxStudents));
  }
  if (settings.years.empty()) return Error(Code::kInvalidArgument, "years: none given");
  for (size_t i = 0; i < settings.years.size(); ++i) {
    const int year = settings.years[i];
    if (year < kFirstYear || year > kLastYear) {
      return Error(Code::kInvalidArgument, "years: PEDE sheets are known for 2022, 2023 and 2024 only");
    }
    if (std::count(settings.years.begin(), settings.years.end(), year) != 1) {
      return Error(Code::kInvalidArgument, "years: " + std::to_string(year) + " is given twice");
    }
  }
  return {};
}

// Entry: 47% in the year of the sheet, the rest up to six years before, and never before the age of 6.
int DrawEntryYear(const PupilYear& row, Rng& rng) {
  if (row.year != kFirstYear || rng.Uniform() < 0.465) return row.year;
  const int since = 1 + static_cast<int>(std::min({rng.Below(6), rng.Below(6), rng.Below(7)}));
  return std::max(row.year - since, row.year - std::max(row.age - 6, 0));
}

Pupil MakePupil(int64_t id, int year, Rng& rng) {
  Pupil pupil;
  pupil.id = id;
  PupilYear row = DrawNewcomer(year, rng);
  pupil.female = rng.Uniform() < 0.54;
  pupil.ability = rng.Normal();
  const int month = 1 + static_cast<int>(rng.Below(12));
  pupil.birth = {row.year - row.age, month, 1 + static_cast<int>(rng.Below(month == 2 ? 28 : 30))};
  pupil.entry_year = DrawEntryYear(row, rng);
  DrawIndicators(pupil.ability, row, rng);
  pupil.rows[static_cast<size_t>(year - kFirstYear)] = row;
  return pupil;
}

void AdvancePupils(int year, std::vector<Pupil>& pupils, Rng& rng) {
  const auto index = static_cast<size_t>(year - kFirstYear);
  for (Pupil& pupil : pupils) {
    const auto& before = pupil.rows[index - 1];
    if (!before.has_value() || rng.Uniform() >= StayProbability(*before)) continue;
    PupilYear row = Advance(*before, rng);
    pupil.ability = NextAbility(pupil.ability, rng);
    DrawIndicators(pupil.ability, row, rng);
    pupil.rows[index] = row;
  }
}

}  // namespace

std::vector<const Pupil*> Cohort::In(int year) const {
  std::vector<const Pupil*> present;
  for (const Pupil& pupil : pupils) {
    if (pupil.In(year) != nullptr) present.push_back(&pupil);
  }
  return present;
}

Result<Cohort> DrawCohort(const Settings& settings) {
  TRY(CheckSettings(settings));
  Cohort cohort;
  cohort.settings = settings;
  std::sort(cohort.settings.years.begin(), cohort.settings.years.end());
  Rng rng(settings.seed);
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    if (year != kFirstYear) AdvancePupils(year, cohort.pupils, rng);
    const auto wanted = static_cast<size_t>(
        std::lround(static_cast<double>(settings.students) * kGrowth[static_cast<size_t>(year - kFirstYear)]));
    for (size_t present = cohort.In(year).size(); present < wanted; ++present) {
      cohort.pupils.push_back(MakePupil(static_cast<int64_t>(cohort.pupils.size()) + 1, year, rng));
    }
  }
  return cohort;
}

}  // namespace vigia::sample
