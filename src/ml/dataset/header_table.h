// The normalisation table: what each header of a PEDE sheet means. One row per column of the workbook.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigia::dataset {

enum class Role {
  kKey,       // joins the years; never written
  kPersonal,  // known, and dropped
  kFeature,   // read by `reading` into the canonical column
  kIgnored,   // known, and of no use to a model
  kYear,      // the year of a stacked file
};

// How a feature's cells are read (rules.h).
enum class Reading { kNone, kPhase, kAge, kSex, kEntryYear, kInstitution, kStone, kScore, kIdealPhase, kLag };

struct HeaderRule {
  std::string_view canonical;                   // a catalogue name for features
  std::span<const std::string_view> spellings;  // folded, without the year (catalog/names.h)
  Role role = Role::kIgnored;
  Reading reading = Reading::kNone;
  int first_year = 0, last_year = 9999;  // when the workbook has it
};

std::span<const HeaderRule> HeaderTable();
// By the folded header without its year. Null: not in the table.
const HeaderRule* FindRule(std::string_view base);

}  // namespace vigia::dataset
