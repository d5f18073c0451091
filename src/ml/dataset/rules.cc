#include "dataset/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "catalog/names.h"
#include "tabular/table.h"

namespace vigia::dataset {

namespace {

using tabular::kMissing;

struct Mapping {
  std::string_view spelling;  // folded
  std::string_view level;
};

constexpr Mapping kSexes[] = {{"menina", "Feminino"},  {"feminino", "Feminino"},   {"f", "Feminino"},
                              {"menino", "Masculino"}, {"masculino", "Masculino"}, {"m", "Masculino"}};

constexpr Mapping kStones[] = {
    {"quartzo", "Quartzo"}, {"agata", "Agata"}, {"ametista", "Ametista"}, {"topazio", "Topazio"}};

// Rede Decisão and JP II are private schools: of their pupils of 2022 who are in 2023's sheet,
// nine in ten are there under the sponsorship programme.
constexpr Mapping kInstitutions[] = {
    {"publica", "Publica"},
    {"escola_publica", "Publica"},
    {"rede_decisao", "Privada_Apadrinhamento"},
    {"escola_jp_ii", "Privada_Apadrinhamento"},
    {"privada_programa_de_apadrinhamento", "Privada_Apadrinhamento"},
    {"privada_apadrinhamento", "Privada_Apadrinhamento"},
    {"privada_parcerias_com_bolsa_100", "Privada_Bolsa"},
    {"privada_pagamento_por_empresa_parceira", "Privada_Bolsa"},
    {"privada_bolsa", "Privada_Bolsa"},
    {"privada", "Privada"},
    {"concluiu_o_3o_em", "Concluiu_EM"},
    {"concluiu_em", "Concluiu_EM"},
    {"nenhuma_das_opcoes_acima", "Outro"},
    {"outro", "Outro"},
    {"desconhecido", "Desconhecido"},
};

Value Missing(Note note) { return {kMissing, note}; }

double LevelCode(const catalog::RawFeature& feature, std::string_view level) {
  const auto found = std::find(feature.levels.begin(), feature.levels.end(), level);
  CHECK(found != feature.levels.end(), "the table maps onto the catalogue's levels");
  return static_cast<double>(found - feature.levels.begin());
}

Value ReadCategory(const catalog::RawFeature& feature, std::span<const Mapping> mappings, const CellView& cell) {
  if (cell.kind != CellKind::kText) return Missing(Note::kUnknown);
  const std::string folded = catalog::FoldName(cell.text);
  for (const Mapping& mapping : mappings) {
    if (mapping.spelling != folded) continue;
    return {LevelCode(feature, mapping.level), mapping.level == cell.text ? Note::kNone : Note::kRespelled};
  }
  return Missing(Note::kUnknown);
}

Value InRange(const catalog::RawFeature& feature, double number, Note note) {
  const bool whole = feature.kind != catalog::Kind::kInteger || number == std::floor(number);
  if (!whole || number < feature.min || number > feature.max) return Missing(Note::kOutOfRange);
  return {number, note};
}

// "6.5" and the Brazilian "6,5".
std::optional<double> ParseLocalNumber(std::string_view text) {
  std::string plain(Trim(text));
  if (plain.find('.') == std::string::npos) std::replace(plain.begin(), plain.end(), ',', '.');
  return ParseNumber(plain);
}

std::optional<double> NumberOf(const CellView& cell) {
  if (cell.kind == CellKind::kNumber) return cell.number;
  return cell.kind == CellKind::kText ? ParseLocalNumber(cell.text) : std::nullopt;
}

Value ReadNumber(const catalog::RawFeature& feature, const CellView& cell) {
  const std::optional<double> number = NumberOf(cell);
  return number ? InRange(feature, *number, Note::kNone) : Missing(Note::kBad);
}

Value ReadScore(const catalog::RawFeature& feature, const CellView& cell) {
  const std::optional<double> number = NumberOf(cell);
  if (!number) return Missing(Note::kBad);
  if (*number > feature.max && *number <= catalog::kScoreOverflow) return {feature.max, Note::kClipped};
  return InRange(feature, *number, Note::kNone);
}

// "ALFA" -> 0; "FASE 3", "3", "3A" -> 3.
std::optional<double> ParsePhase(std::string_view text) {
  const std::string whole = catalog::FoldName(text);
  std::string_view folded = whole;
  if (folded == "alfa" || folded.starts_with("alfa_")) return 0;
  if (folded.starts_with("fase_")) folded.remove_prefix(5);
  if (folded.empty() || folded[0] < '0' || folded[0] > '9') return std::nullopt;
  const bool class_code = folded.size() == 1 || (folded.size() <= 3 && folded[1] >= 'a' && folded[1] <= 'z');
  if (!class_code) return std::nullopt;
  return folded[0] - '0';
}

Value ReadPhase(const catalog::RawFeature& feature, const CellView& cell) {
  if (cell.kind == CellKind::kNumber) return InRange(feature, cell.number, Note::kNone);
  if (cell.kind != CellKind::kText) return Missing(Note::kBad);
  if (const auto number = ParseNumber(cell.text)) return InRange(feature, *number, Note::kNone);
  const std::optional<double> phase = ParsePhase(cell.text);
  return phase ? InRange(feature, *phase, Note::kRespelled) : Missing(Note::kBad);
}

// "Fase 2 (5º e 6º ano)", "ALFA  (1° e 2° ano)", "Fase 8 (Universitários)".
Value ReadIdealPhase(const catalog::RawFeature& feature, const CellView& cell) {
  if (cell.kind != CellKind::kText) return ReadPhase(feature, cell);
  CellView before = cell;
  before.text = Trim(cell.text.substr(0, cell.text.find('(')));
  return ReadPhase(feature, before);
}

// A date of January 1900 is the age that a spreadsheet took for a date; days count since 1970. A date
// of January 1904 is the same number in a workbook that was switched to the 1904 system.
std::optional<double> AgeOfDate(double days) {
  constexpr double kDay0Of1900 = -25568;
  constexpr double kDay0Of1904 = -24107;
  const double day = std::floor(days);
  if (day > kDay0Of1900 && day <= kDay0Of1900 + 31) return day - kDay0Of1900;
  if (day >= kDay0Of1904 && day <= kDay0Of1904 + 31) return day - kDay0Of1904;
  return std::nullopt;
}

std::optional<double> DaysOfText(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto time = ParseTime(fmt::format("{}T00:00:00Z", text.substr(0, 10)));
  if (!time.ok()) return std::nullopt;
  return std::chrono::duration<double, std::ratio<86400>>(time->time_since_epoch()).count();
}

Value ReadAge(const catalog::RawFeature& feature, const CellView& cell) {
  std::optional<double> days;
  if (cell.kind == CellKind::kDate) days = cell.number;
  if (cell.kind == CellKind::kText) days = DaysOfText(cell.text);
  if (!days) return ReadNumber(feature, cell);
  const std::optional<double> age = AgeOfDate(*days);
  return age ? InRange(feature, *age, Note::kFromDate) : Missing(Note::kOutOfRange);
}

Value ReadInstitution(const catalog::RawFeature& feature, const CellView& cell) {
  const Value value = ReadCategory(feature, kInstitutions, cell);
  return value.note == Note::kUnknown ? Value{LevelCode(feature, "Outro"), Note::kUnknown} : value;
}

}  // namespace

Value ReadValue(Reading reading, std::string_view name, const CellView& cell) {
  const catalog::RawFeature* feature = catalog::FindRaw(name);
  CHECK(feature != nullptr, "the table's features are in the catalogue");
  const bool is_missing = cell.kind == CellKind::kEmpty || cell.kind == CellKind::kError ||
                          (cell.kind == CellKind::kText && IsPlaceholder(cell.text));
  if (is_missing) {
    const Note note = cell.kind == CellKind::kEmpty || (cell.kind == CellKind::kText && Trim(cell.text).empty())
                          ? Note::kEmpty
                      : cell.kind == CellKind::kError || cell.text.starts_with('#') ? Note::kErrorCell
                                                                                    : Note::kPlaceholder;
    // A school that is not given is a category of its own.
    return reading == Reading::kInstitution ? Value{LevelCode(*feature, "Desconhecido"), note} : Missing(note);
  }
  switch (reading) {
    case Reading::kPhase: return ReadPhase(*feature, cell);
    case Reading::kAge: return ReadAge(*feature, cell);
    case Reading::kSex: return ReadCategory(*feature, kSexes, cell);
    case Reading::kEntryYear:
    case Reading::kLag: return ReadNumber(*feature, cell);
    case Reading::kInstitution: return ReadInstitution(*feature, cell);
    case Reading::kStone: return ReadCategory(*feature, kStones, cell);
    case Reading::kScore: return ReadScore(*feature, cell);
    case Reading::kIdealPhase: return ReadIdealPhase(*feature, cell);
    case Reading::kNone: break;
  }
  CHECK(false, "a feature's cells are read by a rule");
}

}  // namespace vigia::dataset
