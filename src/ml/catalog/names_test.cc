#include "catalog/names.h"

#include "catalog/catalog.h"

namespace vigia::catalog {
namespace {

TEST(Names, Fold) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"Instituição de ensino", "instituicao_de_ensino"},
                                                                  {" Fase  Ideal ", "fase_ideal"},
                                                                  {"Nº Av", "no_av"},
                                                                  {"Ativo/ Inativo", "ativo_inativo"},
                                                                  {"INDE 2023", "inde_2023"},
                                                                  {"nomeCompleto", "nome_completo"},
                                                                  {"I\xCC\x81NDICE", "indice"},
                                                                  {"Gênero", "genero"},
                                                                  {"", ""},
                                                                  {"---", ""},
                                                                  {"Pedra\n22", "pedra_22"}};
  for (const auto& [name, folded] : cases) EXPECT_EQ(FoldName(name), folded) << name;
}

TEST(Names, Year) {
  struct Case {
    std::string name, base;
    std::optional<int> year;
  };
  const std::vector<Case> cases = {{"INDE 22", "inde", 2022},
                                   {"INDE 2023", "inde", 2023},
                                   {"Idade 22", "idade", 2022},
                                   {"inde23", "inde", 2023},
                                   {"iaa_2024", "iaa", 2024},
                                   {"2023_iaa", "iaa", 2023},
                                   {"iaa2024", "iaa", 2024},
                                   {"em_risco_2024_final", "em_risco_final", 2024},
                                   {"Avaliador1", "avaliador1", {}},
                                   {"Rec Av2", "rec_av2", {}},
                                   {"ano", "ano", {}},
                                   {"2023", "2023", {}},
                                   {"22", "22", {}},
                                   {"x 99", "x_99", {}},
                                   {"", "", {}}};
  for (const Case& c : cases) {
    const DatedName dated = SplitYear(c.name);
    EXPECT_EQ(dated.base, c.base) << c.name;
    EXPECT_EQ(dated.year, c.year) << c.name;
  }
}

TEST(Names, Personal) {
  for (const std::string name : {"Nome",        "nome_2022",   "NomeDaMae", "Nome Anonimizado", "nome completo",
                                 "CPF",         "RG do aluno", "E-mail",    "telefone2",        "Endereço",
                                 "Responsável", "mãe",         "PAI",       "Data de Nasc",     "data_nascimento",
                                 "RA",          "student_id",  "id",        "Matrícula",        "Avaliador3",
                                 "celular"}) {
    EXPECT_TRUE(LooksPersonal(name)) << name;
  }
  for (const std::string name :
       {"cargo", "país", "Fase", "origem", "ida", "ranking", "aluno", "mailing_score_x", "idade"}) {
    EXPECT_FALSE(LooksPersonal(name)) << name;
  }
  for (const RawFeature& feature : RawFeatures()) {
    EXPECT_FALSE(LooksPersonal(feature.name)) << feature.name;
    EXPECT_FALSE(LooksLikeAnswer(feature.name)) << feature.name;
  }
}

TEST(Names, Answer) {
  for (const std::string name : {"em_risco", "em_risco_2024", "Target", "label_2023", "defasagem_futura",
                                 "IAN próximo ano", "defasagem_t1", "rótulo", "Defasagem (t+1)"}) {
    EXPECT_TRUE(LooksLikeAnswer(name)) << name;
  }
  for (const std::string name : {"risco_social", "Defasagem", "alvorada", "contexto"}) {
    EXPECT_FALSE(LooksLikeAnswer(name)) << name;
  }
}

}  // namespace
}  // namespace vigia::catalog
