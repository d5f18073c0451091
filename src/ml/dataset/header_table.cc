#include "dataset/header_table.h"

#include <algorithm>

namespace vigia::dataset {

namespace {

using Spelling = std::string_view;

constexpr Spelling kRa[] = {"ra"};
constexpr Spelling kYearColumn[] = {"ano"};
constexpr Spelling kName[] = {"nome"};
constexpr Spelling kAnonymName[] = {"nome_anonimizado"};
constexpr Spelling kBirthYear[] = {"ano_nasc"};
constexpr Spelling kBirthDate[] = {"data_de_nasc"};
constexpr Spelling kClass[] = {"turma"};
constexpr Spelling kSchool[] = {"escola"};
constexpr Spelling kRaters[] = {"avaliador1", "avaliador2", "avaliador3", "avaliador4", "avaliador5", "avaliador6"};
constexpr Spelling kPhase[] = {"fase"};
constexpr Spelling kAge[] = {"idade"};
constexpr Spelling kSex[] = {"genero", "sexo"};
constexpr Spelling kEntry[] = {"ano_ingresso", "ano_de_ingresso"};
constexpr Spelling kInstitution[] = {"instituicao_de_ensino", "instituicao"};
constexpr Spelling kStone[] = {"pedra"};
constexpr Spelling kInde[] = {"inde"};
constexpr Spelling kIaa[] = {"iaa"};
constexpr Spelling kIeg[] = {"ieg"};
constexpr Spelling kIps[] = {"ips"};
constexpr Spelling kIpp[] = {"ipp"};
constexpr Spelling kIda[] = {"ida"};
constexpr Spelling kIpv[] = {"ipv"};
constexpr Spelling kIan[] = {"ian"};
constexpr Spelling kMaths[] = {"matem", "mat", "matematica"};
constexpr Spelling kPortuguese[] = {"portug", "por", "portugues"};
constexpr Spelling kEnglish[] = {"ingles", "ing"};
constexpr Spelling kIdeal[] = {"fase_ideal"};
constexpr Spelling kLag[] = {"defas", "defasagem"};
constexpr Spelling kRanks[] = {"cg", "cf", "ct", "no_av", "n_av"};
constexpr Spelling kAdvice[] = {"rec_av1", "rec_av2", "rec_av3",        "rec_av4",
                                "rec_av5", "rec_av6", "rec_psicologia", "rec_inde"};
constexpr Spelling kAwards[] = {"indicado",     "atingiu_pv",   "destaque_ieg",
                                "destaque_ida", "destaque_ipv", "destaque_inde"};
constexpr Spelling kActive[] = {"ativo_inativo"};

constexpr HeaderRule kTable[] = {
    // canonical        spellings     role             read as                first year, last year
    {"ra", kRa, Role::kKey, Reading::kNone},
    {"ano", kYearColumn, Role::kYear, Reading::kNone},
    // Personal: dropped. In another year than its own such a column was planted, and is refused.
    {"nome", kName, Role::kPersonal, Reading::kNone, 0, 2022},
    {"nome_anonimizado", kAnonymName, Role::kPersonal, Reading::kNone, 2023},
    {"ano_nasc", kBirthYear, Role::kPersonal, Reading::kNone, 0, 2022},
    {"data_de_nasc", kBirthDate, Role::kPersonal, Reading::kNone, 2023},
    {"turma", kClass, Role::kPersonal, Reading::kNone},
    {"escola", kSchool, Role::kPersonal, Reading::kNone},
    {"avaliador", kRaters, Role::kPersonal, Reading::kNone},
    // Features.
    {"fase", kPhase, Role::kFeature, Reading::kPhase},
    {"idade", kAge, Role::kFeature, Reading::kAge},
    {"genero", kSex, Role::kFeature, Reading::kSex},
    {"ano_ingresso", kEntry, Role::kFeature, Reading::kEntryYear},
    {"instituicao", kInstitution, Role::kFeature, Reading::kInstitution},
    {"pedra", kStone, Role::kFeature, Reading::kStone},
    {"inde", kInde, Role::kFeature, Reading::kScore},
    {"iaa", kIaa, Role::kFeature, Reading::kScore},
    {"ieg", kIeg, Role::kFeature, Reading::kScore},
    {"ips", kIps, Role::kFeature, Reading::kScore},
    {"ipp", kIpp, Role::kFeature, Reading::kScore, 2023},
    {"ida", kIda, Role::kFeature, Reading::kScore},
    {"ipv", kIpv, Role::kFeature, Reading::kScore},
    {"ian", kIan, Role::kFeature, Reading::kScore},
    {"matematica", kMaths, Role::kFeature, Reading::kScore},
    {"portugues", kPortuguese, Role::kFeature, Reading::kScore},
    {"ingles", kEnglish, Role::kFeature, Reading::kScore},
    {"fase_ideal", kIdeal, Role::kFeature, Reading::kIdealPhase},
    {"defasagem", kLag, Role::kFeature, Reading::kLag},
    // Ranks, raters' advice and awards follow from the indicators, or are empty in most years.
    {"rank", kRanks, Role::kIgnored, Reading::kNone},
    {"rec", kAdvice, Role::kIgnored, Reading::kNone},
    {"destaque", kAwards, Role::kIgnored, Reading::kNone},
    {"ativo_inativo", kActive, Role::kIgnored, Reading::kNone},
};

}  // namespace

std::span<const HeaderRule> HeaderTable() { return kTable; }

const HeaderRule* FindRule(std::string_view base) {
  for (const HeaderRule& rule : kTable) {
    if (std::find(rule.spellings.begin(), rule.spellings.end(), base) != rule.spellings.end()) return &rule;
  }
  return nullptr;
}

}  // namespace vigia::dataset
