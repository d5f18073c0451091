// The cells that a column rule may write: how each year spells a value.
#pragma once

#include <string>
#include <unordered_map>

#include "sample/sheets.h"

namespace vigia::sample {

// Places of a pupil by INDE, as the sheet of 2022 has them.
struct Ranks {
  int overall = 0, in_phase = 0, in_class = 0;
};

// A pupil's row of one sheet, as the column rules see it.
struct RowContext {
  const Pupil& pupil;
  const PupilYear& row;
  Ranks ranks;
  uint64_t seed = 0;

  // A choice that is the same whenever it is asked for: in [0, bound), by pupil, year and `salt`.
  uint64_t Pick(uint64_t salt, uint64_t bound) const;
  // As Pick, in [0, 1); `year` 0 makes it the same in every year.
  double Chance(uint64_t salt, int year) const;
};

Cell Text(std::string text);
Cell Number(double value);  // empty when missing

Cell RaCell(const RowContext& context);
Cell NameCell(const RowContext& context);
Cell PhaseCell(const RowContext& context);  // "3" | "FASE 3" | "3B"
Cell ClassCell(const RowContext& context);
std::string ClassName(const RowContext& context);
Cell BirthYearCell(const RowContext& context);
Cell BirthDateCell(const RowContext& context);
Cell AgeCell(const RowContext& context);
Cell SexCell(const RowContext& context);
Cell EntryYearCell(const RowContext& context);
Cell SchoolCell(const RowContext& context);
Cell IdealPhaseCell(const RowContext& context);

// INDE or its class ("Pedra") as of `year`, in the sheet of the row's year.
Cell IndeCell(const RowContext& context, int year);
Cell StoneCell(const RowContext& context, int year);

// An indicator, or the error that the sheet shows in its place.
Cell IndicatorCell(const RowContext& context, double value, uint64_t salt);
Cell EvaluatorCell(const RowContext& context, int number);
Cell RecommendationCell(const RowContext& context, int number);

}  // namespace vigia::sample
