#include "dataset/normalize.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_set>

#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/names.h"
#include "dataset/header_table.h"
#include "dataset/rules.h"

namespace vigia::dataset {

namespace {

Error Refused(const SourceSheet& sheet, std::string_view header, const std::string& why) {
  return Error(Code::kFailedPrecondition, "sheet '" + sheet.name + "': column '" + std::string(header) + "' " + why);
}

// Which column of the sheet serves for what.
struct Layout {
  std::map<std::string_view, size_t> features;  // catalogue name -> column
  std::map<std::string_view, const HeaderRule*> rules;
  size_t key = 0;
  bool has_key = false;
  std::vector<size_t> unknown;
  Tally duplicates, personal, ignored, earlier, empty;
};

class LayoutBuilder {
 public:
  LayoutBuilder(const SourceSheet& sheet, Use use) : sheet_(sheet), use_(use) {}

  Result<Layout> Build() {
    for (size_t column = 0; column < sheet_.headers.size(); ++column) TRY(Place(column));
    if (!layout_.has_key) return Refused(sheet_, "RA", "is missing, and without it pupils cannot be followed");
    return std::move(layout_);
  }

 private:
  Status Place(size_t column) {
    const std::string& header = sheet_.headers[column];
    const catalog::DatedName name = catalog::SplitYear(header);
    const bool is_empty = sheet_.IsEmptyColumn(column);
    if (name.base.empty()) return {};
    const HeaderRule* rule = FindRule(name.base);
    // A column without values cannot tell anything: neither refused nor used.
    if (!is_empty) TRY(CheckName(header, name, rule));
    if (!seen_.insert(catalog::FoldName(header)).second) {
      layout_.duplicates.Add(header);
      return {};
    }
    if (rule == nullptr) {
      if (!is_empty) layout_.unknown.push_back(column);
      return {};
    }
    if (is_empty) layout_.empty.Add(header);
    if (name.year && *name.year < sheet_.year) {
      layout_.earlier.Add(header);
      return {};
    }
    PlaceKnown(column, *rule, is_empty);
    return {};
  }

  void PlaceKnown(size_t column, const HeaderRule& rule, bool is_empty) {
    const std::string& header = sheet_.headers[column];
    switch (rule.role) {
      case Role::kKey:
        layout_.key = column;
        layout_.has_key = true;
        break;
      case Role::kPersonal: layout_.personal.Add(header); break;
      case Role::kIgnored: layout_.ignored.Add(header); break;
      case Role::kYear: break;
      case Role::kFeature: {
        // "INDE 2023" and the empty "INDE 23" mean the same: the first that holds something is kept.
        const auto [it, is_new] = layout_.features.emplace(rule.canonical, column);
        layout_.rules[rule.canonical] = &rule;
        if (is_new) break;
        layout_.duplicates.Add(header);
        if (is_empty) break;
        // One that is not kept may still have been planted to look known: it is checked like an unknown one.
        if (sheet_.IsEmptyColumn(it->second)) {
          it->second = column;
        } else {
          layout_.unknown.push_back(column);
        }
        break;
      }
    }
  }

  Status CheckName(const std::string& header, const catalog::DatedName& name, const HeaderRule* rule) const {
    const bool for_features = use_ == Use::kFeatures;
    if (for_features && name.year && *name.year > sheet_.year) {
      return Refused(sheet_, header, "is of a later year than " + std::to_string(sheet_.year) + ": leakage");
    }
    if (for_features && catalog::LooksLikeAnswer(header)) {
      return Refused(sheet_, header, "names the answer: leakage");
    }
    const bool expected = rule != nullptr && sheet_.year >= rule->first_year && sheet_.year <= rule->last_year;
    const bool personal = rule != nullptr ? rule->role == Role::kPersonal : catalog::LooksPersonal(header);
    if (personal && !expected) {
      return Refused(
          sheet_, header,
          "looks personal, and is not one that the table knows and drops for " + std::to_string(sheet_.year));
    }
    return {};
  }

  const SourceSheet& sheet_;
  Use use_;
  Layout layout_;
  std::unordered_set<std::string> seen_;
};

Status CheckRequired(const SourceSheet& sheet, const Layout& layout, Use use, const NormalizeSettings& settings) {
  for (const HeaderRule& rule : HeaderTable()) {
    if (rule.role != Role::kFeature || layout.features.contains(rule.canonical)) continue;
    const bool needed = use == Use::kFeatures || rule.canonical == "defasagem";
    const bool allowed = std::find(settings.allow_missing.begin(), settings.allow_missing.end(), rule.canonical) !=
                         settings.allow_missing.end();
    const bool in_year = sheet.year >= rule.first_year && sheet.year <= rule.last_year;
    if (needed && in_year && !allowed) {
      return Error(Code::kInvalidArgument, "sheet '" + sheet.name + "': no column for '" + std::string(rule.canonical) +
                                               "' (missing or renamed; known spellings: " +
                                               Join({rule.spellings.begin(), rule.spellings.end()}, ", ") + ")");
    }
  }
  return {};
}

CellView ViewOf(const SourceSheet& sheet, const RawCell& cell) {
  const bool text = cell.kind == CellKind::kText || cell.kind == CellKind::kError;
  return {cell.kind, cell.number, text ? sheet.Text(cell) : std::string_view()};
}

// Each finding about cells: which note it counts, and its words.
struct NoteWords {
  Note note;
  std::string_view check;
  Severity severity;
  std::string_view message;
};
constexpr NoteWords kNoteWords[] = {
    {Note::kFromDate, "age_stored_as_date", Severity::kInfo, "ages stored as dates of January 1900, read as the day"},
    {Note::kPlaceholder, "placeholder_cells", Severity::kInfo,
     "placeholder texts (INCLUIR and the like), taken as missing"},
    {Note::kErrorCell, "error_cells", Severity::kWarning, "error cells (#N/A, #DIV/0! and the like), taken as missing"},
    {Note::kClipped, "score_clipped", Severity::kInfo, "scores slightly above 10, clipped to 10"},
    {Note::kOutOfRange, "out_of_range", Severity::kWarning, "values outside of the plausible range, taken as missing"},
    {Note::kRespelled, "respelled", Severity::kInfo, "values spelled in another way, mapped onto the canonical one"},
    {Note::kUnknown, "unknown_category", Severity::kWarning, "categories that the table does not know"},
    {Note::kBad, "bad_cells", Severity::kWarning, "cells that hold something else than a number, taken as missing"},
};

bool FailsReport(Note note) { return note == Note::kOutOfRange || note == Note::kUnknown || note == Note::kBad; }

class YearBuilder {
 public:
  YearBuilder(const SourceSheet& sheet, const Layout& layout, const NormalizeSettings& settings)
      : sheet_(sheet), layout_(layout), settings_(settings) {}

  Result<Year> Build() {
    year_.year = sheet_.year;
    year_.sheet = sheet_.name;
    year_.source = &sheet_;
    year_.unknown_columns = layout_.unknown;
    ReadPupils();
    if (year_.pupils.empty())
      return Error(Code::kInvalidArgument, "sheet '" + sheet_.name + "' holds no row with an RA");
    for (const catalog::RawFeature& feature : catalog::RawFeatures()) TRY(ReadFeature(feature));
    AddNoteFindings();
    AddLayoutFindings();
    AddConsistency();
    return std::move(year_);
  }

 private:
  void ReadPupils() {
    std::unordered_set<std::string> seen;
    for (size_t row = 0; row < sheet_.rows(); ++row) {
      const RawCell& cell = sheet_.At(row, layout_.key);
      std::string ra;
      if (cell.kind == CellKind::kText && !IsPlaceholder(sheet_.Text(cell))) ra = ToUpperAscii(sheet_.Text(cell));
      if (cell.kind == CellKind::kNumber) ra = FormatNumber(cell.number);
      if (ra.empty()) {
        without_ra_.Add(sheet_.Where(row, layout_.key));
      } else if (!seen.insert(ra).second) {
        repeated_ra_.Add(sheet_.Where(row, layout_.key));
      } else {
        year_.pupils.push_back(std::move(ra));
        year_.source_rows.push_back(row);
      }
    }
  }

  Status ReadFeature(const catalog::RawFeature& feature) {
    const size_t rows = year_.pupils.size();
    std::vector<double> values(rows, std::nan(""));
    const auto found = layout_.features.find(feature.name);
    if (found == layout_.features.end()) {
      absent_.Add(std::string(feature.name));
    } else {
      const Reading reading = layout_.rules.at(feature.name)->reading;
      for (size_t i = 0; i < rows; ++i)
        values[i] = TRY(ReadCell(feature, reading, year_.source_rows[i], found->second));
      if (sheet_.IsEmptyColumn(found->second)) empty_features_.Add(std::string(feature.name));
    }
    AddColumn(feature, values);
    return {};
  }

  Result<double> ReadCell(const catalog::RawFeature& feature, Reading reading, size_t row, size_t column) {
    const CellView view = ViewOf(sheet_, sheet_.At(row, column));
    const Value value = ReadValue(reading, feature.name, view);
    if (value.note == Note::kBad && settings_.bad_cells == BadCells::kRefuse) {
      return Error(Code::kInvalidArgument, sheet_.Where(row, column) + ": column '" + sheet_.headers[column] +
                                               "' holds something that is not a number");
    }
    if (value.note != Note::kNone && value.note != Note::kEmpty) notes_[value.note].Add(sheet_.Where(row, column));
    if (view.kind == CellKind::kText && ToUpperAscii(view.text) == "INCLUIR") incluir_rows_.insert(row);
    return value.number;
  }

  void AddColumn(const catalog::RawFeature& feature, const std::vector<double>& values) {
    tabular::Column column;
    column.name = std::string(feature.name);
    if (feature.kind == catalog::Kind::kCategory) {
      column.type = tabular::ColumnType::kCategory;
      column.levels.assign(feature.levels.begin(), feature.levels.end());
      for (const double value : values) column.codes.push_back(std::isnan(value) ? -1 : static_cast<int32_t>(value));
    } else {
      column.numbers = values;
    }
    year_.features.Add(std::move(column));
  }

  void Report(std::string check, Severity severity, bool passed, const Tally& tally, const std::string& message) {
    year_.findings.push_back(
        {std::move(check), severity, passed, tally.count, sheet_.name + ": " + message, sheet_.year, tally.examples});
  }

  void AddNoteFindings() {
    for (const NoteWords& words : kNoteWords) {
      const Tally& tally = notes_[words.note];
      const bool passed = tally.count == 0 || !FailsReport(words.note);
      Report(std::string(words.check), words.severity, passed, tally,
             std::to_string(tally.count) + " " + std::string(words.message));
    }
    Tally incluir;
    for (const size_t row : incluir_rows_) incluir.Add("row " + std::to_string(sheet_.row_numbers[row]));
    Report("incluir_rows", Severity::kInfo, true, incluir,
           std::to_string(incluir.count) + " rows are marked INCLUIR (new pupils)");
  }

  void AddLayoutFindings() {
    const auto count = [](const Tally& tally) { return std::to_string(tally.count); };
    Tally unknown;
    for (const size_t column : layout_.unknown) unknown.Add(sheet_.headers[column]);
    Tally rows;
    rows.count = year_.pupils.size();
    Report("rows", Severity::kInfo, true, rows, count(rows) + " rows with an RA");
    Report("rows_without_ra", Severity::kWarning, without_ra_.count == 0, without_ra_,
           count(without_ra_) + " rows without an RA, left out");
    Report("duplicate_ra", Severity::kWarning, repeated_ra_.count == 0, repeated_ra_,
           count(repeated_ra_) + " rows repeat an RA; the first is kept");
    Report("duplicate_headers", Severity::kInfo, true, layout_.duplicates,
           count(layout_.duplicates) + " columns repeat another's meaning; the first that holds something is kept");
    Report("empty_columns", Severity::kInfo, true, layout_.empty,
           count(layout_.empty) + " columns hold nothing in the whole year");
    Report("features_empty", Severity::kWarning, empty_features_.count == 0, empty_features_,
           count(empty_features_) + " features hold nothing in the whole year: missing");
    Report("features_absent", Severity::kInfo, true, absent_,
           count(absent_) + " features have no column in this year: missing");
    Report("personal_dropped", Severity::kInfo, true, layout_.personal,
           count(layout_.personal) + " personal columns dropped");
    Report("known_ignored", Severity::kInfo, true, layout_.ignored,
           count(layout_.ignored) + " known columns of no use to a model, ignored");
    Report("earlier_years_ignored", Severity::kInfo, true, layout_.earlier,
           count(layout_.earlier) + " columns of earlier years, ignored");
    Report("unknown_columns", Severity::kWarning, unknown.count == 0, unknown,
           count(unknown) + " columns that the table does not know, ignored");
  }

  // Defasagem is the phase minus the ideal phase, by definition.
  void AddConsistency() {
    const auto& phase = year_.features.Find("fase")->numbers;
    const auto& ideal = year_.features.Find("fase_ideal")->numbers;
    const auto& lag = year_.features.Find("defasagem")->numbers;
    Tally wrong;
    for (size_t i = 0; i < phase.size(); ++i) {
      if (std::fabs(phase[i] - ideal[i] - lag[i]) > 0.5)
        wrong.Add("row " + std::to_string(sheet_.row_numbers[year_.source_rows[i]]));
    }
    Report("lag_definition", Severity::kWarning, wrong.count == 0, wrong,
           std::to_string(wrong.count) + " rows whose Defasagem is not Fase minus Fase ideal");
    for (const tabular::Column& column : year_.features.columns()) {
      const size_t missing = column.MissingCount();
      if (missing * 10 <= column.size() * 3 || missing == column.size()) continue;
      Tally many;
      many.count = missing;
      Report("many_missing", Severity::kWarning, false, many,
             "feature '" + column.name + "' is missing in " + std::to_string(missing) + " of " +
                 std::to_string(column.size()) + " rows");
    }
  }

  const SourceSheet& sheet_;
  const Layout& layout_;
  const NormalizeSettings& settings_;
  Year year_;
  std::map<Note, Tally> notes_;
  std::set<size_t> incluir_rows_;
  Tally without_ra_, repeated_ra_, absent_, empty_features_;
};

}  // namespace

Result<Year> Normalize(const SourceSheet& sheet, Use use, const NormalizeSettings& settings) {
  if (sheet.rows() == 0) return Error(Code::kInvalidArgument, "sheet '" + sheet.name + "' holds no rows");
  const Layout layout = TRY(LayoutBuilder(sheet, use).Build());
  TRY(CheckRequired(sheet, layout, use, settings));
  return YearBuilder(sheet, layout, settings).Build();
}

}  // namespace vigia::dataset
