#include "catalog/catalog.h"

#include <algorithm>

namespace vigia::catalog {

namespace {
constexpr std::string_view kSexes[] = {"Feminino", "Masculino"};
constexpr std::string_view kInstitutions[] = {
    "Publica", "Privada_Apadrinhamento", "Privada_Bolsa", "Privada", "Concluiu_EM", "Outro", "Desconhecido"};
constexpr std::string_view kStones[] = {"Quartzo", "Agata", "Ametista", "Topazio"};

constexpr RawFeature kFeatures[] = {
    {"fase", Kind::kInteger, 0, 9, {}, "Fase (ALFA = 0)", "Phase (ALFA = 0)"},
    {"idade", Kind::kInteger, 5, 30, {}, "Idade (anos)", "Age (years)"},
    {"genero", Kind::kCategory, 0, 0, kSexes, "Gênero", "Sex"},
    {"ano_ingresso", Kind::kInteger, 1990, 2100, {}, "Ano de ingresso", "Year of entry"},
    {"instituicao", Kind::kCategory, 0, 0, kInstitutions, "Instituição de ensino", "School type"},
    {"pedra", Kind::kCategory, 0, 0, kStones, "Pedra", "Stone (class of INDE)"},
    {"inde", Kind::kNumber, 0, kHighestScore, {}, "INDE (desenvolvimento)", "INDE (development)"},
    {"iaa", Kind::kNumber, 0, kHighestScore, {}, "IAA (autoavaliação)", "IAA (self-assessment)"},
    {"ieg", Kind::kNumber, 0, kHighestScore, {}, "IEG (engajamento)", "IEG (engagement)"},
    {"ips", Kind::kNumber, 0, kHighestScore, {}, "IPS (psicossocial)", "IPS (psychosocial)"},
    {"ipp", Kind::kNumber, 0, kHighestScore, {}, "IPP (psicopedagógico)", "IPP (psychopedagogical)"},
    {"ida", Kind::kNumber, 0, kHighestScore, {}, "IDA (aprendizagem)", "IDA (learning)"},
    {"ipv", Kind::kNumber, 0, kHighestScore, {}, "IPV (ponto de virada)", "IPV (turning point)"},
    {"ian", Kind::kNumber, 0, kHighestScore, {}, "IAN (adequação ao nível)", "IAN (adequacy to level)"},
    {"matematica", Kind::kNumber, 0, kHighestScore, {}, "Nota de matemática", "Mark in mathematics"},
    {"portugues", Kind::kNumber, 0, kHighestScore, {}, "Nota de português", "Mark in Portuguese"},
    {"ingles", Kind::kNumber, 0, kHighestScore, {}, "Nota de inglês", "Mark in English"},
    {"fase_ideal", Kind::kInteger, 0, 9, {}, "Fase ideal", "Phase for the age"},
    {"defasagem", Kind::kInteger, -10, 10, {}, "Defasagem atual (fases)", "Current lag (phases)"},
};
}  // namespace

std::span<const RawFeature> RawFeatures() { return kFeatures; }

const RawFeature* FindRaw(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFeatures), std::end(kFeatures),
                                   [&](const RawFeature& feature) { return feature.name == name; });
  return found == std::end(kFeatures) ? nullptr : found;
}

}  // namespace vigia::catalog
