#include "sample/sheets.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sample/cells.h"

namespace vigia::sample {

namespace {

struct ColumnRule {
  const char* header;
  Cell (*cell)(const RowContext&);
};

using Row = const RowContext&;

Cell Empty(Row) { return {}; }
Cell YesNo(bool yes) { return Text(yes ? "Sim" : "Não"); }
Cell Highlight(double value, double mark) { return Text(value >= mark ? "Destaque" : "Melhorar"); }

const std::vector<ColumnRule>& Columns2022() {
  static const std::vector<ColumnRule> kColumns = {
      {"RA", RaCell},
      {"Fase", PhaseCell},
      {"Turma", ClassCell},
      {"Nome", NameCell},
      {"Ano nasc", BirthYearCell},
      {"Idade 22", AgeCell},
      {"Gênero", SexCell},
      {"Ano ingresso", EntryYearCell},
      {"Instituição de ensino", SchoolCell},
      {"Pedra 20", [](Row r) { return StoneCell(r, 2020); }},
      {"Pedra 21", [](Row r) { return StoneCell(r, 2021); }},
      {"Pedra 22", [](Row r) { return StoneCell(r, 2022); }},
      {"INDE 22", [](Row r) { return IndeCell(r, 2022); }},
      {"Cg", [](Row r) { return Number(r.ranks.overall); }},
      {"Cf", [](Row r) { return Number(r.ranks.in_phase); }},
      {"Ct", [](Row r) { return Number(r.ranks.in_class); }},
      {"Nº Av", [](Row r) { return Number(2 + static_cast<double>(r.Pick(20, 3))); }},
      {"Avaliador1", [](Row r) { return EvaluatorCell(r, 1); }},
      {"Rec Av1", [](Row r) { return RecommendationCell(r, 1); }},
      {"Avaliador2", [](Row r) { return EvaluatorCell(r, 2); }},
      {"Rec Av2", [](Row r) { return RecommendationCell(r, 2); }},
      {"Avaliador3", [](Row r) { return EvaluatorCell(r, 3); }},
      {"Rec Av3", [](Row r) { return RecommendationCell(r, 3); }},
      {"Avaliador4", [](Row r) { return EvaluatorCell(r, 4); }},
      {"Rec Av4", [](Row r) { return r.Pick(21, 3) == 0 ? RecommendationCell(r, 4) : Cell{}; }},
      {"IAA", [](Row r) { return IndicatorCell(r, r.row.iaa, 1); }},
      {"IEG", [](Row r) { return Number(r.row.ieg); }},
      {"IPS", [](Row r) { return IndicatorCell(r, r.row.ips, 2); }},
      {"Rec Psicologia", [](Row r) { return Text(r.Pick(22, 2) == 0 ? "Não atendido" : "Sem limitações"); }},
      {"IDA", [](Row r) { return IndicatorCell(r, r.row.ida, 3); }},
      {"Matem", [](Row r) { return Number(r.row.mat); }},
      {"Portug", [](Row r) { return Number(r.row.por); }},
      {"Inglês", [](Row r) { return Number(r.row.ing); }},
      {"Indicado", [](Row r) { return YesNo(r.row.ipv >= 8.5); }},
      {"Atingiu PV", [](Row r) { return YesNo(r.row.ipv >= 8.7); }},
      {"IPV", [](Row r) { return IndicatorCell(r, r.row.ipv, 4); }},
      {"IAN", [](Row r) { return Number(r.row.Ian()); }},
      {"Fase ideal", IdealPhaseCell},
      {"Defas", [](Row r) { return Number(r.row.Lag()); }},
      {"Destaque IEG", [](Row r) { return Highlight(r.row.ieg, 8); }},
      {"Destaque IDA", [](Row r) { return Highlight(r.row.ida, 7.5); }},
      {"Destaque IPV", [](Row r) { return Highlight(r.row.ipv, 7.5); }},
  };
  return kColumns;
}

const std::vector<ColumnRule>& Columns2023() {
  static const std::vector<ColumnRule> kColumns = {
      {"RA", RaCell},
      {"Fase", PhaseCell},
      {"INDE 2023", [](Row r) { return IndeCell(r, 2023); }},
      {"Pedra 2023", [](Row r) { return StoneCell(r, 2023); }},
      {"Turma", ClassCell},
      {"Nome Anonimizado", NameCell},
      {"Data de Nasc", BirthDateCell},
      {"Idade", AgeCell},
      {"Gênero", SexCell},
      {"Ano ingresso", EntryYearCell},
      {"Instituição de ensino", SchoolCell},
      {"Pedra 20", [](Row r) { return StoneCell(r, 2020); }},
      {"Pedra 21", [](Row r) { return StoneCell(r, 2021); }},
      {"Pedra 22", [](Row r) { return StoneCell(r, 2022); }},
      {"Pedra 23", Empty},
      {"INDE 22", [](Row r) { return IndeCell(r, 2022); }},
      {"INDE 23", Empty},
      {"Cg", Empty},
      {"Cf", Empty},
      {"Ct", Empty},
      {"Nº Av", [](Row r) { return std::isnan(r.row.ieg) ? Cell{} : Number(2 + static_cast<double>(r.Pick(20, 3))); }},
      {"Avaliador1", [](Row r) { return EvaluatorCell(r, 1); }},
      {"Rec Av1", Empty},
      {"Avaliador2", [](Row r) { return EvaluatorCell(r, 2); }},
      {"Rec Av2", Empty},
      {"Avaliador3", [](Row r) { return EvaluatorCell(r, 3); }},
      {"Rec Av3", Empty},
      {"Avaliador4", [](Row r) { return EvaluatorCell(r, 4); }},
      {"Rec Av4", Empty},
      {"IAA", [](Row r) { return Number(r.row.iaa); }},
      {"IEG", [](Row r) { return Number(r.row.ieg); }},
      {"IPS", [](Row r) { return IndicatorCell(r, r.row.ips, 2); }},
      {"IPP", [](Row r) { return IndicatorCell(r, r.row.ipp, 5); }},
      {"Rec Psicologia", Empty},
      {"IDA", [](Row r) { return IndicatorCell(r, r.row.ida, 3); }},
      {"Mat", [](Row r) { return Number(r.row.mat); }},
      {"Por", [](Row r) { return Number(r.row.por); }},
      {"Ing", [](Row r) { return Number(r.row.ing); }},
      {"Indicado", Empty},
      {"Atingiu PV", Empty},
      {"IPV", [](Row r) { return IndicatorCell(r, r.row.ipv, 4); }},
      {"IAN", [](Row r) { return Number(r.row.Ian()); }},
      {"Fase Ideal", IdealPhaseCell},
      {"Defasagem", [](Row r) { return Number(r.row.Lag()); }},
      {"Destaque IEG", Empty},
      {"Destaque IDA", Empty},
      {"Destaque IPV", Empty},
      {"Destaque IPV", Empty},
  };
  return kColumns;
}

const std::vector<ColumnRule>& Columns2024() {
  static const std::vector<ColumnRule> kColumns = {
      {"RA", RaCell},
      {"Fase", PhaseCell},
      {"INDE 2024", [](Row r) { return IndeCell(r, 2024); }},
      {"Pedra 2024", [](Row r) { return StoneCell(r, 2024); }},
      {"Turma", ClassCell},
      {"Nome Anonimizado", NameCell},
      {"Data de Nasc", BirthDateCell},
      {"Idade", AgeCell},
      {"Gênero", SexCell},
      {"Ano ingresso", EntryYearCell},
      {"Instituição de ensino", SchoolCell},
      {"Pedra 20", [](Row r) { return StoneCell(r, 2020); }},
      {"Pedra 21", [](Row r) { return StoneCell(r, 2021); }},
      {"Pedra 22", [](Row r) { return StoneCell(r, 2022); }},
      {"Pedra 23", [](Row r) { return StoneCell(r, 2023); }},
      {"INDE 22", [](Row r) { return IndeCell(r, 2022); }},
      {"INDE 23", [](Row r) { return IndeCell(r, 2023); }},
      {"Cg", Empty},
      {"Cf", Empty},
      {"Ct", Empty},
      {"Nº Av", [](Row r) { return std::isnan(r.row.ieg) ? Cell{} : Number(2 + static_cast<double>(r.Pick(20, 5))); }},
      {"Avaliador1", [](Row r) { return EvaluatorCell(r, 1); }},
      {"Rec Av1", Empty},
      {"Avaliador2", [](Row r) { return EvaluatorCell(r, 2); }},
      {"Rec Av2", Empty},
      {"Avaliador3", [](Row r) { return EvaluatorCell(r, 3); }},
      {"Avaliador4", [](Row r) { return EvaluatorCell(r, 4); }},
      {"Avaliador5", [](Row r) { return EvaluatorCell(r, 5); }},
      {"Avaliador6", [](Row r) { return EvaluatorCell(r, 6); }},
      {"IAA", [](Row r) { return IndicatorCell(r, r.row.iaa, 1); }},
      {"IEG", [](Row r) { return Number(r.row.ieg); }},
      {"IPS", [](Row r) { return IndicatorCell(r, r.row.ips, 2); }},
      {"IPP", [](Row r) { return IndicatorCell(r, r.row.ipp, 5); }},
      {"Rec Psicologia", Empty},
      {"IDA", [](Row r) { return IndicatorCell(r, r.row.ida, 3); }},
      {"Mat", [](Row r) { return IndicatorCell(r, r.row.mat, 6); }},
      {"Por", [](Row r) { return IndicatorCell(r, r.row.por, 7); }},
      {"Ing", [](Row r) { return r.row.phase < 3 ? Cell{} : IndicatorCell(r, r.row.ing, 8); }},
      {"Indicado", Empty},
      {"Atingiu PV", Empty},
      {"IPV", [](Row r) { return IndicatorCell(r, r.row.ipv, 4); }},
      {"IAN", [](Row r) { return Number(r.row.Ian()); }},
      {"Fase Ideal", IdealPhaseCell},
      {"Defasagem", [](Row r) { return Number(r.row.Lag()); }},
      {"Destaque IEG", Empty},
      {"Destaque IDA", Empty},
      {"Destaque IPV", Empty},
      {"Escola", [](Row r) { return Text("Escola " + std::to_string(1 + r.Pick(23, 40))); }},
      {"Ativo/ Inativo", [](Row) { return Text("Cursando"); }},
      {"Ativo/ Inativo", [](Row) { return Text("Cursando"); }},
  };
  return kColumns;
}

const std::vector<ColumnRule>& ColumnsOf(int year) {
  switch (year) {
    case 2022: return Columns2022();
    case 2023: return Columns2023();
    default: return Columns2024();
  }
}

// Places by INDE, highest first; pupils without one have none. Only 2022 shows them.
std::map<int64_t, Ranks> RankPupils(const std::vector<RowContext>& rows) {
  std::vector<const RowContext*> order;
  for (Row r : rows) {
    if (!std::isnan(r.row.Inde())) order.push_back(&r);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const RowContext* a, const RowContext* b) { return a->row.Inde() > b->row.Inde(); });
  std::map<std::string, int> seen;
  std::map<int64_t, Ranks> ranks;
  for (const RowContext* r : order) {
    const std::string phase = std::to_string(r->row.phase);
    ranks[r->pupil.id] = {++seen[""], ++seen[phase], ++seen[phase + ClassName(*r)]};
  }
  return ranks;
}

Sheet BuildSheet(const Cohort& cohort, int year) {
  std::vector<RowContext> contexts;
  for (const Pupil* pupil : cohort.In(year)) {
    contexts.push_back({*pupil, *pupil->In(year), {}, cohort.settings.seed});
  }
  Sheet sheet;
  sheet.name = "PEDE" + std::to_string(year);
  const auto& rules = ColumnsOf(year);
  for (const ColumnRule& rule : rules) sheet.headers.emplace_back(rule.header);
  const auto ranks = year == 2022 ? RankPupils(contexts) : std::map<int64_t, Ranks>{};
  for (RowContext& context : contexts) {
    if (const auto found = ranks.find(context.pupil.id); found != ranks.end()) context.ranks = found->second;
    std::vector<Cell>& row = sheet.rows.emplace_back();
    row.reserve(rules.size());
    for (const ColumnRule& rule : rules) row.push_back(rule.cell(context));
  }
  return sheet;
}

Sheet DictionarySheet() {
  Sheet sheet{"dicionario", {"Métricas e Conceitos:", ""}, {}};
  const std::pair<const char*, const char*> words[] = {
      {"RA", "Registro sintético do aluno"},
      {"FASE", "Fase do programa: 0 (ALFA) a 8 (universitários)"},
      {"DEFASAGEM", "Fase menos fase ideal para a idade; negativa: em defasagem"},
      {"IAN", "Indicador de adequação ao nível: 10, 5 ou 2,5"},
      {"IDA", "Indicador de desempenho acadêmico: média das notas"},
      {"IEG", "Indicador de engajamento"},
      {"IAA", "Indicador de autoavaliação"},
      {"IPS", "Indicador psicossocial"},
      {"IPP", "Indicador psicopedagógico (desde 2023)"},
      {"IPV", "Indicador do ponto de virada"},
      {"INDE", "Índice do desenvolvimento educacional: média ponderada dos indicadores"},
      {"PEDRA", "Classe do INDE: Quartzo, Ágata, Ametista, Topázio"},
  };
  for (const auto& [word, meaning] : words) sheet.rows.push_back({Text(word), Text(meaning)});
  return sheet;
}

}  // namespace

std::vector<Sheet> BuildSheets(const Cohort& cohort) {
  std::vector<Sheet> sheets;
  for (const int year : cohort.settings.years) sheets.push_back(BuildSheet(cohort, year));
  sheets.push_back(DictionarySheet());
  return sheets;
}

}  // namespace vigia::sample
