#include "dataset/rules.h"

#include <cmath>

#include "catalog/catalog.h"

namespace vigia::dataset {
namespace {

CellView Text(std::string_view text) { return {CellKind::kText, 0, text}; }
CellView Number(double number) { return {CellKind::kNumber, number, {}}; }
CellView Date(double days) { return {CellKind::kDate, days, {}}; }
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Case {
  CellView cell;
  double number;
  Note note;
};

void Expect(Reading reading, std::string_view feature, const std::vector<Case>& cases) {
  for (size_t i = 0; i < cases.size(); ++i) {
    const Value value = ReadValue(reading, feature, cases[i].cell);
    const std::string what = fmt::format("{} case {} '{}' {}", feature, i, cases[i].cell.text, cases[i].cell.number);
    EXPECT_EQ(value.note, cases[i].note) << what;
    if (std::isnan(cases[i].number)) {
      EXPECT_TRUE(std::isnan(value.number)) << what;
    } else {
      EXPECT_EQ(value.number, cases[i].number) << what;
    }
  }
}

double Level(std::string_view feature, std::string_view level) {
  const auto levels = catalog::FindRaw(feature)->levels;
  return static_cast<double>(std::find(levels.begin(), levels.end(), level) - levels.begin());
}

TEST(Rules, PhaseInThreeEncodings) {
  Expect(Reading::kPhase, "fase",
         {{Text("0"), 0, Note::kNone},
          {Text("7"), 7, Note::kNone},
          {Text("ALFA"), 0, Note::kRespelled},
          {Text("FASE 3"), 3, Note::kRespelled},
          {Text("Fase 8"), 8, Note::kRespelled},
          {Text("1A"), 1, Note::kRespelled},
          {Text("8F"), 8, Note::kRespelled},
          {Number(9), 9, Note::kNone},
          {Text("9"), 9, Note::kNone},
          {Number(10), kNan, Note::kOutOfRange},
          {Number(2.5), kNan, Note::kOutOfRange},
          {Text("FASE"), kNan, Note::kBad},
          {Text("Terceira"), kNan, Note::kBad},
          {Text("33"), kNan, Note::kOutOfRange},
          {{}, kNan, Note::kEmpty}});
}

TEST(Rules, IdealPhase) {
  Expect(Reading::kIdealPhase, "fase_ideal",
         {{Text("Fase 2 (5º e 6º ano)"), 2, Note::kRespelled},
          {Text("ALFA  (2º e 3º ano)"), 0, Note::kRespelled},
          {Text("Fase 8 (Universitários)"), 8, Note::kRespelled},
          {Text("Fase 5 (1° EM)"), 5, Note::kRespelled},
          {Number(4), 4, Note::kNone},
          {Text("(?)"), kNan, Note::kBad}});
}

TEST(Rules, AgesAndTheDatesTheyBecame) {
  constexpr double kJanuary0Of1900 = -25568, kJanuary1Of1904 = -24107;
  Expect(Reading::kAge, "idade",
         {{Number(8), 8, Note::kNone},
          {Text("8"), 8, Note::kNone},
          {Date(kJanuary0Of1900 + 7), 7, Note::kFromDate},
          {Date(kJanuary0Of1900 + 26), 26, Note::kFromDate},
          {Date(kJanuary1Of1904 + 11), 11, Note::kFromDate},
          {Text("1900-01-07"), 7, Note::kFromDate},
          {Text("1900-01-07 00:00:00"), 7, Note::kFromDate},
          {Number(2), kNan, Note::kOutOfRange},
          {Number(50), kNan, Note::kOutOfRange},
          {Text("2023-05-10"), kNan, Note::kOutOfRange},
          {Date(19000), kNan, Note::kOutOfRange},
          {Text("oito"), kNan, Note::kBad}});
}

TEST(Rules, Scores) {
  Expect(Reading::kScore, "iaa",
         {{Number(0), 0, Note::kNone},
          {Number(10), 10, Note::kNone},
          {Number(10.002), 10, Note::kClipped},
          {Number(10.01), 10, Note::kClipped},
          {Number(10.2), kNan, Note::kOutOfRange},
          {Number(-0.1), kNan, Note::kOutOfRange},
          {Text("7,5"), 7.5, Note::kNone},
          {Text("7.5"), 7.5, Note::kNone},
          {Text("INCLUIR"), kNan, Note::kPlaceholder},
          {{CellKind::kError, 0, "#N/A"}, kNan, Note::kErrorCell},
          {Text("#DIV/0!"), kNan, Note::kErrorCell},
          {{}, kNan, Note::kEmpty},
          {Text("sete"), kNan, Note::kBad},
          {Text("1.234,5"), kNan, Note::kBad},
          {Date(19000), kNan, Note::kBad},
          {{CellKind::kBool, 1, {}}, kNan, Note::kBad}});
}

TEST(Rules, LagAndEntryYear) {
  Expect(Reading::kLag, "defasagem",
         {{Number(-3), -3, Note::kNone},
          {Text("-1"), -1, Note::kNone},
          {Number(-11), kNan, Note::kOutOfRange},
          {Number(0.5), kNan, Note::kOutOfRange},
          {Text("atrasado"), kNan, Note::kBad}});
  Expect(Reading::kEntryYear, "ano_ingresso",
         {{Number(2019), 2019, Note::kNone}, {Number(19), kNan, Note::kOutOfRange}, {Text("2021"), 2021, Note::kNone}});
}

TEST(Rules, Categories) {
  Expect(Reading::kSex, "genero",
         {{Text("Menina"), Level("genero", "Feminino"), Note::kRespelled},
          {Text("Feminino"), Level("genero", "Feminino"), Note::kNone},
          {Text("menino"), Level("genero", "Masculino"), Note::kRespelled},
          {Text("?"), kNan, Note::kUnknown}});
  Expect(Reading::kStone, "pedra",
         {{Text("Ágata"), Level("pedra", "Agata"), Note::kRespelled},
          {Text("Agata"), Level("pedra", "Agata"), Note::kNone},
          {Text("Topázio"), Level("pedra", "Topazio"), Note::kRespelled},
          {Text("INCLUIR"), kNan, Note::kPlaceholder},
          {Text("Diamante"), kNan, Note::kUnknown}});
  const std::vector<std::pair<std::string, std::string>> institutions = {
      {"Escola Pública", "Publica"},
      {"Pública", "Publica"},
      {"Rede Decisão", "Privada_Apadrinhamento"},
      {"Escola JP II", "Privada_Apadrinhamento"},
      {"Privada - Programa de Apadrinhamento", "Privada_Apadrinhamento"},
      {"Privada - Programa de apadrinhamento", "Privada_Apadrinhamento"},
      {"Privada *Parcerias com Bolsa 100%", "Privada_Bolsa"},
      {"Privada - Pagamento por *Empresa Parceira", "Privada_Bolsa"},
      {"Privada", "Privada"},
      {"Concluiu o 3º EM", "Concluiu_EM"},
      {"Nenhuma das opções acima", "Outro"}};
  for (const auto& [spelling, level] : institutions) {
    EXPECT_EQ(ReadValue(Reading::kInstitution, "instituicao", Text(spelling)).number, Level("instituicao", level))
        << spelling;
  }
  EXPECT_EQ(ReadValue(Reading::kInstitution, "instituicao", {}).number, Level("instituicao", "Desconhecido"));
  EXPECT_EQ(ReadValue(Reading::kInstitution, "instituicao", Text("Marte")).number, Level("instituicao", "Outro"));
}

}  // namespace
}  // namespace vigia::dataset
