#include <fmt/format.h>

#include "base/text.h"
#include "training/artifact_json.h"
#include "training/report.h"
#include "training/report_content.h"

namespace vigia::training {
namespace {

using evaluation::Interval;
using evaluation::Metric;

std::string Cell(const Interval& interval, Language l) {
  return fmt::format("{} [{}; {}]", Decimal(interval.value, l), Decimal(interval.low, l), Decimal(interval.high, l));
}

class Writer {
 public:
  Writer(const TrainedModel& model, const ArtifactInfo& info, Language language)
      : model_(model), info_(info), l_(language) {}

  std::string Write() {
    Heading(1, {"Modelo de risco de defasagem " + info_.model_version, "School-lag risk model " + info_.model_version});
    Line(fmt::format("{} · {} · seed {}", FormatDate(info_.created_at), FamilyTitle(model_.candidate.family).In(l_),
                     model_.recipe.seed));
    Paragraphs(ProblemWords(model_));
    Heading(2, {"O que o limiar significa", "What the threshold means"});
    Paragraphs(ThresholdWords(model_));
    Heading(2, {"Medidas", "Metrics"});
    Metrics();
    Line(PersistenceWords(model_).In(l_));
    Line(CalibrationWords(model_).In(l_));
    Confusion();
    Heading(2, {"O que pesa", "What matters"});
    Importance();
    Heading(2, {"Por grupo", "By group"});
    Subgroups();
    Heading(2, {"Candidatos", "Candidates"});
    Line(SelectionWords(model_).In(l_));
    Candidates();
    Heading(2, {"Limites", "Limits"});
    for (const Bilingual& limit : LimitWords(model_)) out_ += "- " + limit.In(l_) + "\n";
    return out_ + "\n";
  }

 private:
  void Heading(size_t level, const Bilingual& text) { out_ += std::string(level, '#') + " " + text.In(l_) + "\n\n"; }
  void Line(const std::string& text) { out_ += text + "\n\n"; }
  void Paragraphs(const std::vector<Bilingual>& texts) {
    for (const Bilingual& text : texts) Line(text.In(l_));
  }
  void Row(const std::vector<std::string>& cells) { out_ += "| " + Join(cells, " | ") + " |\n"; }
  void Header(const std::vector<Bilingual>& names) {
    std::vector<std::string> cells, rules;
    for (const Bilingual& name : names) {
      cells.push_back(name.In(l_));
      rules.push_back("---");
    }
    Row(cells);
    Row(rules);
  }

  void Metrics() {
    std::vector<Bilingual> names = {{"Medida", "Metric"}, {"Validação cruzada", "Cross-validated"}};
    if (model_.temporal) names.push_back({"Anos seguintes", "Later years"});
    names.push_back({"O que diz", "What it says"});
    Header(names);
    for (const MetricWords& words : ReportedMetrics()) {
      std::vector<std::string> cells = {words.name.In(l_), Cell(model_.cross_validated.metrics[words.metric], l_)};
      if (model_.temporal) cells.push_back(Cell(model_.temporal->metrics[words.metric], l_));
      cells.push_back(words.meaning.In(l_));
      Row(cells);
    }
    out_ += "\n";
  }

  void Confusion() {
    const auto& c = model_.cross_validated.confusion;
    Header({{"", ""}, {"Apontado", "Flagged"}, {"Não apontado", "Not flagged"}});
    const Bilingual behind{"Ficou defasado", "Fell behind"}, fine{"Não ficou", "Did not"};
    Row({behind.In(l_), std::to_string(c.true_positives), std::to_string(c.false_negatives)});
    Row({fine.In(l_), std::to_string(c.false_positives), std::to_string(c.true_negatives)});
    out_ += "\n";
  }

  void Importance() {
    Line(Bilingual{"Quanto a ROC-AUC cai, fora da amostra, quando os valores de um dado são embaralhados.",
                   "How much ROC-AUC falls on held-out folds when the values of one field are shuffled."}
             .In(l_));
    Header({{"Dado", "Field"}, {"Queda da ROC-AUC", "Loss of ROC-AUC"}, {"Desvio", "Deviation"}});
    for (const FeatureImportance& f : model_.importance) {
      Row({FeatureTitle(f.feature).In(l_), Decimal(f.auc_drop, l_), Decimal(f.auc_drop_sd, l_)});
    }
    out_ += "\n";
  }

  void Subgroups() {
    Header({{"Grupo", "Group"},
            {"n", "n"},
            {"Em risco", "At risk"},
            {"Apontados", "Flagged"},
            {"ROC-AUC", "ROC-AUC"},
            {"Sensibilidade", "Recall"},
            {"Precisão", "Precision"}});
    for (const evaluation::Subgroup& g : model_.cross_validated.subgroups) {
      Row({(g.small ? "~ " : "") + FeatureTitle(g.feature).In(l_) + ": " + g.value, std::to_string(g.n),
           Percent(g.metrics[Metric::kBaseRate].value, l_), Percent(g.metrics[Metric::kFlaggedRate].value, l_),
           Cell(g.metrics[Metric::kRocAuc], l_), Cell(g.metrics[Metric::kRecall], l_),
           Cell(g.metrics[Metric::kPrecision], l_)});
    }
    out_ += "\n";
  }

  void Candidates() {
    Header({{"Candidato", "Candidate"}, {"ROC-AUC", "ROC-AUC"}, {"±", "±"}, {"PR-AUC", "PR-AUC"}, {"Brier", "Brier"}});
    for (const CandidateSummary& c : Ranked(model_)) {
      const bool chosen = c.candidate.name == model_.candidate.name;
      Row({chosen ? "**" + c.candidate.name + "**" : c.candidate.name, Decimal(c.auc, l_, 4), Decimal(c.auc_se, l_, 4),
           Decimal(c.pr_auc, l_, 4), Decimal(c.brier, l_, 4)});
    }
    out_ += "\n";
  }

  const TrainedModel& model_;
  const ArtifactInfo& info_;
  Language l_;
  std::string out_;
};

}  // namespace

std::string MarkdownReport(const TrainedModel& model, const ArtifactInfo& info) {
  return Writer(model, info, Language::kPortuguese).Write() + "---\n\n" +
         Writer(model, info, Language::kEnglish).Write();
}

}  // namespace vigia::training
