#include "catalog/names.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace vigia::catalog {

namespace {

struct Letter {
  std::string_view accented;
  char plain;
};
// Latin-1 letters in UTF-8, both cases, and the ordinal signs of "Nº" and "5ª".
constexpr Letter kLetters[] = {
    {"á", 'a'}, {"à", 'a'}, {"â", 'a'}, {"ã", 'a'}, {"ä", 'a'}, {"Á", 'a'}, {"À", 'a'}, {"Â", 'a'}, {"Ã", 'a'},
    {"Ä", 'a'}, {"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"ë", 'e'}, {"É", 'e'}, {"È", 'e'}, {"Ê", 'e'}, {"Ë", 'e'},
    {"í", 'i'}, {"ì", 'i'}, {"î", 'i'}, {"ï", 'i'}, {"Í", 'i'}, {"Ì", 'i'}, {"Î", 'i'}, {"Ï", 'i'}, {"ó", 'o'},
    {"ò", 'o'}, {"ô", 'o'}, {"õ", 'o'}, {"ö", 'o'}, {"Ó", 'o'}, {"Ò", 'o'}, {"Ô", 'o'}, {"Õ", 'o'}, {"Ö", 'o'},
    {"ú", 'u'}, {"ù", 'u'}, {"û", 'u'}, {"ü", 'u'}, {"Ú", 'u'}, {"Ù", 'u'}, {"Û", 'u'}, {"Ü", 'u'}, {"ç", 'c'},
    {"Ç", 'c'}, {"ñ", 'n'}, {"Ñ", 'n'}, {"º", 'o'}, {"°", 'o'}, {"ª", 'a'},
};

// One ASCII character per letter; what is no letter or digit becomes a space. Combining accents vanish.
std::string Plain(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x80) {
      plain.push_back(c);
      ++i;
      continue;
    }
    const std::string_view two = text.substr(i, 2);
    const auto* found = std::find_if(std::begin(kLetters), std::end(kLetters),
                                     [&](const Letter& letter) { return letter.accented == two; });
    const bool combining = two.size() == 2 && two[0] == '\xCC' && static_cast<unsigned char>(two[1]) >= 0x80;
    if (found != std::end(kLetters)) {
      plain.push_back(found->plain);
    } else if (!combining) {
      plain.push_back(' ');
    }
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) ++i;
  }
  return plain;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

std::optional<int> YearOf(std::string_view word) {
  if (word.size() == 4 && word.starts_with("20") && IsDigit(word[2]) && IsDigit(word[3])) {
    return static_cast<int>(*ParseInteger(word));
  }
  return std::nullopt;
}

template <size_t N>
bool Contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string JoinWords(const std::vector<std::string_view>& words) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined.push_back('_');
    joined += word;
  }
  return joined;
}

}  // namespace

std::string FoldName(std::string_view name) {
  const std::string plain = Plain(name);
  std::string folded;
  for (size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const bool hump = i > 0 && IsUpper(c) && IsLower(plain[i - 1]);
    const bool word = IsDigit(c) || IsLower(c) || IsUpper(c);
    if ((hump || !word) && !folded.empty() && folded.back() != '_') folded.push_back('_');
    if (word) folded.push_back(IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c);
  }
  while (!folded.empty() && folded.back() == '_') folded.pop_back();
  return folded;
}

DatedName SplitYear(std::string_view name) {
  const std::string folded = FoldName(name);
  std::vector<std::string_view> words = Split(folded, '_');
  for (auto word = words.begin(); words.size() > 1 && word != words.end(); ++word) {
    if (const std::optional<int> year = YearOf(*word)) {
      words.erase(word);
      return {JoinWords(words), year};
    }
  }
  // The last word's digits: two ("22", "inde22") or four ("inde2023"), after a letter or alone.
  std::string_view last = words.back();
  size_t digits = 0;
  while (digits < last.size() && IsDigit(last[last.size() - 1 - digits])) ++digits;
  const bool alone = digits == last.size();
  const bool plausible = (digits == 2 && last[last.size() - 2] >= '1' && last[last.size() - 2] <= '4') ||
                         (digits == 4 && YearOf(last.substr(last.size() - 4)).has_value());
  if (!plausible || (alone && words.size() == 1)) return {folded, std::nullopt};
  const int year = 2000 + static_cast<int>(*ParseInteger(last.substr(last.size() - 2)));
  last.remove_suffix(digits);
  words.pop_back();
  if (!last.empty()) words.push_back(last);
  return {JoinWords(words), year};
}

bool LooksPersonal(std::string_view name) {
  constexpr std::array<std::string_view, 50> kWords = {
      "nome",     "nomes",      "name",        "names",    "sobrenome",  "apelido",   "cpf",       "rg",
      "cnh",      "nis",        "pis",         "ra",       "email",      "mail",      "telefone",  "tel",
      "celular",  "phone",      "fone",        "whatsapp", "contato",    "endereco",  "address",   "rua",
      "bairro",   "cep",        "responsavel", "mae",      "pai",        "filiacao",  "guardian",  "mother",
      "father",   "nascimento", "nasc",        "birth",    "birthday",   "birthdate", "matricula", "documento",
      "document", "passaporte", "foto",        "photo",    "assinatura", "surname",   "avaliador", "sus",
      "certidao", "instagram"};
  constexpr std::array<std::string_view, 8> kWhole = {"id",           "id_aluno",     "aluno_id", "student_id",
                                                      "estudante_id", "id_estudante", "student",  "estudante"};
  const std::string folded = SplitYear(name).base;
  if (Contains(kWhole, folded)) return true;
  for (std::string_view word : Split(folded, '_')) {
    while (!word.empty() && IsDigit(word.back())) word.remove_suffix(1);
    if (Contains(kWords, word) || word.starts_with("nome") || word.starts_with("telefone")) return true;
  }
  return false;
}

bool LooksLikeAnswer(std::string_view name) {
  constexpr std::array<std::string_view, 13> kWords = {"target",   "label",    "alvo",    "rotulo", "futuro",
                                                       "futura",   "proximo",  "proxima", "next",   "outcome",
                                                       "desfecho", "seguinte", "gabarito"};
  const std::string folded = FoldName(name);
  if (folded.find("em_risco") != std::string::npos || folded == "y" || folded.find("at_risk") != std::string::npos) {
    return true;
  }
  if (folded.ends_with("_t1") || folded.ends_with("_t_1") || folded.ends_with("_tmais1")) return true;
  for (const std::string_view word : Split(folded, '_')) {
    if (Contains(kWords, word)) return true;
  }
  return false;
}

}  // namespace vigia::catalog
