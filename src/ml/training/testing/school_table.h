// Made-up pupils for tests: a lag that depends on phase, age and marks, as the school's does.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "features/school.h"
#include "tabular/table.h"

namespace vigia::training {

struct SchoolTable {
  size_t pupils = 150;
  std::vector<int> years = {2022};  // every pupil has a row in each
  uint64_t seed = 1;

  tabular::Table Make() const {
    Rng rng(seed);
    const double none = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> ano, aluno, fase, idade, defasagem, ida, ieg, ipv, ingles, ingresso, label;
    std::vector<std::optional<std::string>> genero, instituicao;
    for (size_t pupil = 0; pupil < pupils; ++pupil) {
      const double age = 8 + static_cast<double>(rng.Below(9));
      const bool girl = rng.Uniform() < 0.5;
      for (size_t year = 0; year < years.size(); ++year) {
        const double now = age + static_cast<double>(year);
        const double phase = std::max(0.0, features::IdealPhase(now) - static_cast<double>(rng.Below(3)));
        const double marks = 6 + 1.5 * rng.Normal();
        const double margin = -1.5 * (phase - features::IdealPhase(now + 1)) - 0.6 * (marks - 6) - 2.2;
        ano.push_back(years[year]);
        aluno.push_back(static_cast<double>(pupil) + 987650000);
        fase.push_back(phase);
        idade.push_back(now);
        defasagem.push_back(phase - features::IdealPhase(now));
        ida.push_back(std::clamp(marks + 0.3 * rng.Normal(), 0.0, 10.0));
        ieg.push_back(std::clamp(marks + 0.5 * rng.Normal(), 0.0, 10.0));
        ipv.push_back(rng.Uniform() < 0.1 ? none : std::clamp(marks + 0.5 * rng.Normal(), 0.0, 10.0));
        ingles.push_back(rng.Uniform() < 0.6 ? none : std::clamp(marks, 0.0, 10.0));
        ingresso.push_back(years[year] - static_cast<double>(rng.Below(5)));
        genero.emplace_back(girl ? "Feminino" : "Masculino");
        instituicao.emplace_back(rng.Uniform() < 0.8 ? "Publica" : "Privada");
        label.push_back(rng.Uniform() < 1 / (1 + std::exp(-margin)) ? 1 : 0);
      }
    }
    tabular::Table table;
    table.AddNumbers("aluno", aluno);
    table.AddNumbers("ano", ano);
    table.AddNumbers("fase", fase);
    table.AddNumbers("idade", idade);
    table.AddCategories("genero", genero);
    table.AddNumbers("ano_ingresso", ingresso);
    table.AddCategories("instituicao", instituicao);
    table.AddNumbers("ieg", ieg);
    table.AddNumbers("ipp", std::vector<double>(label.size(), none));
    table.AddNumbers("ida", ida);
    table.AddNumbers("ipv", ipv);
    table.AddNumbers("ingles", ingles);
    table.AddNumbers("defasagem", defasagem);
    table.AddNumbers("em_risco", label);
    return table;
  }
};

}  // namespace vigia::training
