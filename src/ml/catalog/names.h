// What a column's name tells: its spelling folded, the year it speaks of, whether it looks personal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vigia::catalog {

// "Instituição de ensino" -> "instituicao_de_ensino", "Ativo/ Inativo" -> "ativo_inativo", "INDE 2023" ->
// "inde_2023", "nomeCompleto" -> "nome_completo". Lower case, no accents, one underscore between words.
std::string FoldName(std::string_view name);

struct DatedName {
  std::string base;         // the folded name without the year
  std::optional<int> year;  // 2000 to 2099
};
// The year that a name ends in: "INDE 22", "inde_2023", "Idade22" -> ("idade", 2022). "Avaliador1",
// "Rec Av2" and "ano" carry none. A four-digit year counts wherever it stands.
DatedName SplitYear(std::string_view name);

// Names, documents, contacts, births and record numbers of people: "Nome da mãe", "CPF", "e-mail".
bool LooksPersonal(std::string_view name);

// Names that say they are the answer or of the next year: "em_risco", "target", "defasagem_futura".
bool LooksLikeAnswer(std::string_view name);

}  // namespace vigia::catalog
