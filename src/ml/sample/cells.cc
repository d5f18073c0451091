#include "sample/cells.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace vigia::sample {

namespace {

// Salts: one per kind of choice, so that choices are independent of each other.
enum Salt : uint64_t {
  kClassSalt = 1,
  kSexSalt,
  kSchoolSalt,
  kSchoolChangeSalt,
  kStoneSalt,
  kEvaluatorSalt = 100,
  kRecommendationSalt = 200,
  kErrorSalt = 300
};

Cell ErrorCell(std::string text) { return {Cell::Kind::kError, std::move(text), 0}; }
Cell Date(double serial) { return {Cell::Kind::kDate, {}, serial}; }

// In 2023, somebody's spreadsheet read US dates whose first part could be a day as day/month dates,
// and turned the ages beside them into dates of January 1900.
bool IsReadAsDate(const RowContext& context) { return context.row.year == 2023 && context.pupil.birth.day <= 12; }

constexpr std::array<const char*, 3> kSchools2022 = {"Escola Pública", "Rede Decisão", "Escola JP II"};
constexpr std::array<const char*, 8> kSchools = {"Pública",
                                                 "Privada - Programa de Apadrinhamento",
                                                 "Privada",
                                                 "Privada - Programa de apadrinhamento",
                                                 "Privada *Parcerias com Bolsa 100%",
                                                 "Privada - Pagamento por *Empresa Parceira",
                                                 "Concluiu o 3º EM",
                                                 "Nenhuma das opções acima"};

size_t SchoolOf(const RowContext& context) {
  if (context.row.phase >= 7) {
    const double chance = context.Chance(kSchoolSalt, context.row.year);
    return chance < 0.70 ? 4 : chance < 0.83 ? 1 : chance < 0.92 ? 5 : chance < 0.96 ? 6 : 7;
  }
  // The same from year to year, but one in eight changes in 2024.
  const bool changed = context.row.year == 2024 && context.Chance(kSchoolChangeSalt, 2024) < 0.12;
  const double chance = context.Chance(kSchoolSalt, changed ? 2024 : 0);
  return chance < 0.865 ? 0 : chance < 0.965 ? 1 : chance < 0.995 ? 2 : 3;
}

const char* StoneOf(double inde) {
  return inde < 6.0 ? "Quartzo" : inde < 7.0 ? "Ágata" : inde < 8.0 ? "Ametista" : "Topázio";
}

}  // namespace

uint64_t RowContext::Pick(uint64_t salt, uint64_t bound) const {
  return static_cast<uint64_t>(Chance(salt, row.year) * static_cast<double>(bound));
}

double RowContext::Chance(uint64_t salt, int year) const {
  return Rng(seed).Fork(static_cast<uint64_t>(pupil.id)).Fork(salt * 10'000 + static_cast<uint64_t>(year)).Uniform();
}

Cell Text(std::string text) { return {Cell::Kind::kText, std::move(text), 0}; }
Cell Number(double value) { return std::isnan(value) ? Cell{} : Cell{Cell::Kind::kNumber, {}, value}; }

double DateSerial(const BirthDate& date) {
  using namespace std::chrono;
  const sys_days day = year(date.year) / month(static_cast<unsigned>(date.month)) / static_cast<unsigned>(date.day);
  return static_cast<double>((day - sys_days(year(1899) / December / 30)).count());
}

Cell RaCell(const RowContext& context) { return Text("RA-" + std::to_string(context.pupil.id)); }
Cell NameCell(const RowContext& context) { return Text("Aluno-" + std::to_string(context.pupil.id)); }

std::string ClassName(const RowContext& context) {
  static constexpr std::string_view kLetters = "ABCDEFGKL";
  return std::string(1, kLetters[context.Pick(kClassSalt, kLetters.size())]);
}

Cell PhaseCell(const RowContext& context) {
  const int phase = context.row.phase;
  if (context.row.year == 2022) return Text(std::to_string(phase));
  if (phase == 0) return Text("ALFA");
  if (context.row.year == 2023) return Text("FASE " + std::to_string(phase));
  if (phase == kAlumniPhase) return Number(phase);
  return Text(std::to_string(phase) + ClassName(context));
}

Cell ClassCell(const RowContext& context) {
  const int phase = context.row.phase;
  if (context.row.year == 2022) return Text(ClassName(context));
  return Text((phase == 0 ? "ALFA " : std::to_string(phase)) + ClassName(context));
}

Cell BirthYearCell(const RowContext& context) { return Number(context.pupil.birth.year); }

Cell BirthDateCell(const RowContext& context) {
  const BirthDate& birth = context.pupil.birth;
  if (context.row.year == 2024) return Date(DateSerial(birth));
  if (IsReadAsDate(context)) return Date(DateSerial({birth.year, birth.day, birth.month}));  // swapped
  return Text(std::to_string(birth.month) + "/" + std::to_string(birth.day) + "/" + std::to_string(birth.year));
}

Cell AgeCell(const RowContext& context) {
  return IsReadAsDate(context) ? Date(context.row.age) : Number(context.row.age);
}

Cell SexCell(const RowContext& context) {
  if (context.row.year == 2022) return Text(context.pupil.female ? "Menina" : "Menino");
  const bool flipped = context.Chance(kSexSalt, 0) < 0.02;  // recorded otherwise from 2023 on
  return Text(context.pupil.female != flipped ? "Feminino" : "Masculino");
}

Cell EntryYearCell(const RowContext& context) {
  const int year = context.pupil.entry_year;
  return Number(context.row.year == 2024 ? std::max(year, 2021) : year);
}

Cell SchoolCell(const RowContext& context) {
  if (context.row.year != 2022) return Text(kSchools[SchoolOf(context)]);
  const double chance = context.Chance(kSchoolSalt, 0);
  return Text(kSchools2022[chance < 0.875 ? 0 : chance < 0.998 ? 1 : 2]);
}

Cell IdealPhaseCell(const RowContext& context) {
  static constexpr std::array<const char*, 9> kBefore = {
      "ALFA  (2º e 3º ano)", "Fase 1 (4º ano)", "Fase 2 (5º e 6º ano)", "Fase 3 (7º e 8º ano)",   "Fase 4 (9º ano)",
      "Fase 5 (1º EM)",      "Fase 6 (2º EM)",  "Fase 7 (3º EM)",       "Fase 8 (Universitários)"};
  static constexpr std::array<const char*, 9> kSince = {
      "ALFA (1° e 2° ano)", "Fase 1 (3° e 4° ano)", "Fase 2 (5° e 6° ano)", "Fase 3 (7° e 8° ano)",   "Fase 4 (9° ano)",
      "Fase 5 (1° EM)",     "Fase 6 (2° EM)",       "Fase 7 (3° EM)",       "Fase 8 (Universitários)"};
  const auto ideal = static_cast<size_t>(context.row.IdealPhase());
  return Text(context.row.year == 2022 ? kBefore[ideal] : kSince[ideal]);
}

Cell IndeCell(const RowContext& context, int year) {
  const PupilYear* row = context.pupil.In(year);
  if (row == nullptr) return {};
  const double inde = std::round(row->Inde() * 1000) / 1000;
  if (!std::isnan(inde)) return Number(inde);
  if (year != context.row.year) return {};
  if (row->phase == kAlumniPhase) return Text("INCLUIR");
  return ErrorCell(context.Chance(kErrorSalt, year) < 0.03 ? "#DIV/0!" : "#N/A");
}

Cell StoneCell(const RowContext& context, int year) {
  if (year < kFirstYear) {  // before the first sheet: who had entered by then
    if (context.pupil.entry_year > year || context.row.age - (context.row.year - year) < 7) return {};
    return Text(StoneOf(5.6 + 3.2 * context.Chance(kStoneSalt + static_cast<uint64_t>(year), 0)));
  }
  const Cell inde = IndeCell(context, year);
  if (inde.kind != Cell::Kind::kNumber) return inde;
  const std::string stone = StoneOf(inde.number);
  const bool plain = context.row.year == 2023 || (context.row.year == 2024 && context.Chance(kStoneSalt, year) < 0.5);
  return Text(year == context.row.year && plain && stone == "Ágata" ? "Agata" : stone);
}

Cell IndicatorCell(const RowContext& context, double value, uint64_t salt) {
  const double chance = context.Chance(kErrorSalt + salt, context.row.year);
  if (!std::isnan(value)) return Number(std::round(value * 1e9) / 1e9);
  if (context.row.phase == kAlumniPhase) return chance < 0.5 ? Text("INCLUIR") : Cell{};
  return chance < 0.03 ? ErrorCell("#DIV/0!") : chance < 0.85 ? ErrorCell("#N/A") : Text("");
}

Cell EvaluatorCell(const RowContext& context, int number) {
  if (std::isnan(context.row.ieg)) return {};
  const auto salt = kEvaluatorSalt + static_cast<uint64_t>(number);
  const double here = number <= 2 ? 1.0 : number == 3 ? 0.7 : 0.35;
  if (context.Chance(salt, context.row.year) >= here) return context.row.year == 2022 ? Cell{} : Text("");
  return Text("Avaliador-" + std::to_string(1 + context.Pick(salt + 50, 30)));
}

// From what the row holds, not from what comes next: the real one is a forecast too, but ours must
// tell nothing that the true risk does not know.
Cell RecommendationCell(const RowContext& context, int number) {
  const auto salt = kRecommendationSalt + static_cast<uint64_t>(number);
  if (context.Chance(salt, context.row.year) < 0.03) return Text("Não avaliado");
  const bool up = context.Chance(salt + 50, context.row.year) < PromotionProbability(context.row);
  return Text(up ? "Promovido de Fase" : "Mantido na Fase atual");
}

}  // namespace vigia::sample
