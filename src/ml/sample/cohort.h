// Pupils over the years, drawn from the generating model. No real pupil is in it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "sample/generating_model.h"

namespace vigia::sample {

struct BirthDate {
  int year = 0, month = 0, day = 0;
};

struct Pupil {
  int64_t id = 0;  // the n of "RA-n" and "Aluno-n"
  bool female = false;
  BirthDate birth;
  int entry_year = 0;
  double ability = 0;  // of the latest year simulated
  std::array<std::optional<PupilYear>, kYears> rows;

  const PupilYear* In(int year) const {
    const auto& row = rows[static_cast<size_t>(year - kFirstYear)];
    return row.has_value() ? &*row : nullptr;
  }
};

struct Settings {
  size_t students = 860;                        // in the sheet of 2022; later sheets grow as the real ones did
  std::vector<int> years = {2022, 2023, 2024};  // which sheets to write
  uint64_t seed = 42;
};

inline constexpr size_t kMaxStudents = 700'000;  // a sheet holds 1,048,576 rows, and the last is 1.34 times the first

// Immutable once drawn. The same settings give the same pupils.
struct Cohort {
  Settings settings;
  std::vector<Pupil> pupils;  // by id

  std::vector<const Pupil*> In(int year) const;
};

// kInvalidArgument for no students, too many, a year outside 2022..2024 or one twice.
Result<Cohort> DrawCohort(const Settings& settings);

}  // namespace vigia::sample
