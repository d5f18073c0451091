#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "training/artifact_json.h"
#include "training/report.h"
#include "training/report_charts.h"
#include "training/report_content.h"

namespace vigia::training {
namespace {

using evaluation::Interval;
using evaluation::Metric;

// The language switch is two radio buttons and CSS: no script.
constexpr const char* kHead = R"html(<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
:root{--bg:#f6f7f9;--card:#fff;--ink:#17202b;--soft:#5d6b7a;--line:#e3e7ec;--main:#1b6ca8;--warm:#d9822b;--good:#2b8a5f}
@media(prefers-color-scheme:dark){:root{--bg:#10151b;--card:#182029;--ink:#e8edf2;--soft:#93a1b0;--line:#2a3541;--main:#5aa9e6;--warm:#f0a35c;--good:#58c493}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 18px 60px}h1{font-size:1.7rem;line-height:1.2;margin:0 0 4px}h2{font-size:1.1rem;margin:0 0 10px}
p{margin:0 0 10px}.soft,small{color:var(--soft)}.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px 20px;margin:16px 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}.tile{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:14px 16px}
.tile b{display:block;font-size:1.8rem;line-height:1.15;font-variant-numeric:tabular-nums}.tile small{display:block}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:16px}@media(max-width:620px){.charts{grid-template-columns:1fr}}.charts .card{margin:0}
svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:var(--soft)}.grid{stroke:var(--line);fill:none}.guide{stroke:var(--soft);stroke-dasharray:4 4;fill:none}
.line{stroke:var(--main);stroke-width:2.5;fill:none;stroke-linejoin:round}.thin{stroke-width:1.5}.area{fill:var(--main);opacity:.12}.here{fill:var(--warm);stroke:var(--card);stroke-width:2}.rule{fill:var(--soft);stroke:var(--card);stroke-width:2}
.pos{fill:var(--warm)}.neg{fill:var(--main);opacity:.55}.cut{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 3}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.93rem}th,td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line);white-space:nowrap}td.wide{white-space:normal;min-width:220px}th{color:var(--soft);font-weight:600}td small{display:inline-block}.stack small{display:block}tr.chosen td{font-weight:700}tr.small td{color:var(--soft)}
.bar{background:var(--line);border-radius:6px;height:10px;min-width:120px}.bar i{display:block;height:10px;border-radius:6px;background:var(--main)}
.matrix{display:grid;grid-template-columns:auto 1fr 1fr;gap:8px;max-width:520px;align-items:center}.cell{border-radius:10px;padding:12px;text-align:center;font-size:1.4rem;font-weight:700;background:color-mix(in srgb,var(--good) 18%,var(--card))}.cell.bad{background:color-mix(in srgb,var(--warm) 20%,var(--card))}.cell small{display:block;font-size:.78rem;font-weight:400}
.key i{display:inline-block;width:10px;height:10px;border-radius:3px;margin:0 5px 0 12px}.warn{border-left:4px solid var(--warm);padding-left:12px}
input[name=lang]{position:absolute;opacity:0}.switch{float:right;display:inline-flex;border:1px solid var(--line);border-radius:999px;overflow:hidden;background:var(--card)}.switch label{padding:5px 14px;cursor:pointer;color:var(--soft)}
#pt:checked~main label[for=pt],#en:checked~main label[for=en]{background:var(--main);color:#fff}#pt:checked~main .en,#en:checked~main .pt{display:none}
input[name=lang]:focus-visible~main .switch{outline:2px solid var(--warm)}@media print{.switch{display:none}}
</style>
)html";

class Page {
 public:
  Page(const TrainedModel& model, const ArtifactInfo& info)
      : model_(model), info_(info), evaluation_(model.cross_validated) {}

  std::string Write() {
    out_ = "<!doctype html>\n<html lang=\"pt-BR\">\n<head>\n<title>Vigia " + EscapeHtml(info_.model_version) +
           "</title>\n" + kHead + "</head>\n<body>\n";
    out_ += R"(<input type="radio" name="lang" id="pt" checked><input type="radio" name="lang" id="en"><main>)";
    Top();
    Tiles();
    Card({"O que o limiar significa", "What the threshold means"}, Paragraphs(ThresholdWords(model_)) + Matrix());
    Charts();
    Card({"Medidas", "Metrics"},
         MetricsTable() + Paragraph(PersistenceWords(model_)) + Paragraph(CalibrationWords(model_)));
    Card({"O que pesa", "What matters"}, Importance());
    Card({"Por grupo", "By group"}, Subgroups());
    Card({"Candidatos", "Candidates"}, Paragraph(SelectionWords(model_)) + Candidates());
    Card({"Limites", "Limits"}, Limits());
    return out_ + "</main></body></html>\n";
  }

 private:
  static std::string Both(const Bilingual& text, const char* tag = "span") {
    return fmt::format(R"(<{0} class="pt" lang="pt-BR">{1}</{0}><{0} class="en" lang="en">{2}</{0}>)", tag,
                       EscapeHtml(text.pt), EscapeHtml(text.en));
  }
  static std::string Paragraph(const Bilingual& text) { return Both(text, "p"); }
  static std::string Paragraphs(const std::vector<Bilingual>& texts) {
    std::string html;
    for (const Bilingual& text : texts) html += Paragraph(text);
    return html;
  }
  void Card(const Bilingual& title, const std::string& body) {
    out_ += "<section class=\"card\"><h2>" + Both(title) + "</h2>" + body + "</section>\n";
  }

  // A number as each language writes it.
  template <typename Format>
  static std::string Number(const Format& format) {
    return Both({format(Language::kPortuguese), format(Language::kEnglish)});
  }
  static std::string Value(double value, int decimals = 3) {
    return Number([&](Language l) { return Decimal(value, l, decimals); });
  }
  static std::string Share(double value) {
    return Number([&](Language l) { return Percent(value, l); });
  }
  static std::string Range(const Interval& i) {
    return Number([&](Language l) { return fmt::format("[{}; {}]", Decimal(i.low, l), Decimal(i.high, l)); });
  }
  static std::string WithRange(const Interval& i) { return Value(i.value) + " <small>" + Range(i) + "</small>"; }

  static std::string HeaderRow(const std::vector<Bilingual>& names) {
    std::string row = "<div class=\"scroll\"><table><tr>";
    for (const Bilingual& name : names) row += "<th>" + Both(name) + "</th>";
    return row + "</tr>";
  }
  static std::string Row(const std::vector<std::string>& cells, const char* kind = "") {
    std::string row = fmt::format("<tr class=\"{}\">", kind);
    for (const std::string& cell : cells) row += "<td>" + cell + "</td>";
    return row + "</tr>";
  }

  void Top() {
    out_ += R"(<div class="switch"><label for="pt">Português</label><label for="en">English</label></div>)";
    out_ += "<h1>" + Both({"Quem pode ficar para trás no ano que vem?", "Who may fall behind next year?"}) + "</h1>";
    out_ += fmt::format("<p class=\"soft\">Vigia {} · {} · {} · seed {}</p>", EscapeHtml(info_.model_version),
                        FormatDate(info_.created_at), Both(FamilyTitle(model_.candidate.family)), model_.recipe.seed);
    out_ += Paragraphs(ProblemWords(model_));
  }

  void Tile(const Bilingual& name, const Interval& interval) {
    out_ += "<div class=\"tile\"><small>" + Both(name) + "</small><b>" + Value(interval.value) + "</b><small>" +
            Range(interval) + "</small></div>";
  }

  void Tiles() {
    const auto& metrics = evaluation_.metrics;
    out_ += "<div class=\"tiles\">";
    Tile({"ROC-AUC", "ROC-AUC"}, metrics[Metric::kRocAuc]);
    Tile({"Sensibilidade (recall)", "Recall"}, metrics[Metric::kRecall]);
    Tile({"Precisão", "Precision"}, metrics[Metric::kPrecision]);
    Tile({"Brier", "Brier score"}, metrics[Metric::kBrier]);
    Tile({"Alunos apontados", "Pupils flagged"}, metrics[Metric::kFlaggedRate]);
    out_ += "</div>\n";
  }

  std::string Matrix() const {
    const auto& c = evaluation_.confusion;
    const auto cell = [](uint64_t count, const char* kind, const Bilingual& text) {
      return fmt::format("<div class=\"cell {}\">{}<small>{}</small></div>", kind, count, Both(text));
    };
    return "<div class=\"matrix\"><span></span><small>" + Both({"apontado", "flagged"}) + "</small><small>" +
           Both({"não apontado", "not flagged"}) + "</small><small>" + Both({"ficou defasado", "fell behind"}) +
           "</small>" + cell(c.true_positives, "", {"acertos", "found"}) +
           cell(c.false_negatives, "bad", {"escaparam", "missed"}) + "<small>" + Both({"não ficou", "did not"}) +
           "</small>" + cell(c.false_positives, "bad", {"alarmes falsos", "false alarms"}) +
           cell(c.true_negatives, "", {"em paz", "left in peace"}) + "</div>";
  }

  static std::string Key(const char* colour) {
    return fmt::format(R"html(<i style="background:var(--{})"></i>)html", colour);
  }

  void Chart(const Bilingual& title, const std::string& svg, const std::string& note) {
    out_ += "<section class=\"card\"><h2>" + Both(title) + "</h2>" + svg + "<small class=\"key\">" + note +
            "</small></section>";
  }

  void Charts() {
    const std::string points = Key("warm") + Both({"o limiar", "the threshold"}) + Key("soft") +
                               Both({"regra “defasado hoje”", "rule “behind now”"});
    out_ += "<div class=\"charts\">";
    Chart({"Curva ROC", "ROC curve"}, RocChart(evaluation_), points);
    Chart({"Precisão e sensibilidade", "Precision and recall"}, PrChart(evaluation_), points);
    Chart({"Calibração", "Calibration"}, CalibrationChart(evaluation_),
          Both({"tamanho do ponto: alunos na faixa", "size of a point: pupils in the bin"}));
    Chart({"Distribuição do risco", "Risk scores"}, HistogramChart(evaluation_),
          Key("warm") + Both({"ficaram defasados", "fell behind"}) + Key("main") + Both({"não ficaram", "did not"}));
    out_ += "</div>\n";
  }

  std::string MetricsTable() const {
    std::vector<Bilingual> names = {{"Medida", "Metric"}, {"Validação cruzada", "Cross-validated"}};
    if (model_.temporal) names.push_back({"Anos seguintes", "Later years"});
    names.push_back({"O que diz", "What it says"});
    std::string html = HeaderRow(names);
    for (const MetricWords& words : ReportedMetrics()) {
      std::vector<std::string> cells = {Both(words.name), WithRange(evaluation_.metrics[words.metric])};
      if (model_.temporal) cells.push_back(WithRange(model_.temporal->metrics[words.metric]));
      std::string row = Row(cells);
      row.insert(row.rfind("</tr>"), "<td class=\"wide soft\">" + Both(words.meaning) + "</td>");
      html += row;
    }
    return html + "</table></div>";
  }

  std::string Importance() const {
    double highest = 1e-9;
    for (const FeatureImportance& f : model_.importance) highest = std::max(highest, f.auc_drop);
    std::string html =
        Paragraph({"Quanto a ROC-AUC cai, em alunos não vistos, quando os valores de um dado são "
                   "embaralhados entre os alunos.",
                   "How much ROC-AUC falls, on unseen pupils, when the values of one field are shuffled "
                   "among them."});
    html += HeaderRow({{"Dado", "Field"}, {"", ""}, {"Queda", "Loss"}});
    for (const FeatureImportance& f : model_.importance) {
      html += Row({Both(FeatureTitle(f.feature)),
                   fmt::format("<div class=\"bar\"><i style=\"width:{:.1f}%\"></i></div>",
                               100 * std::max(0.0, f.auc_drop) / highest),
                   Value(f.auc_drop) + " <small>± " + Value(f.auc_drop_sd) + "</small>"});
    }
    return html + "</table></div>";
  }

  std::string Subgroups() const {
    std::string html = "<div class=\"stack\">" + HeaderRow({{"Grupo", "Group"},
                                                            {"Alunos", "Pupils"},
                                                            {"Em risco", "At risk"},
                                                            {"Apontados", "Flagged"},
                                                            {"ROC-AUC", "ROC-AUC"},
                                                            {"Sensibilidade", "Recall"},
                                                            {"Precisão", "Precision"}});
    for (const evaluation::Subgroup& g : evaluation_.subgroups) {
      html += Row({(g.small ? "~ " : "") + Both(FeatureTitle(g.feature)) + ": " + EscapeHtml(g.value),
                   std::to_string(g.n), Share(g.metrics[Metric::kBaseRate].value),
                   Share(g.metrics[Metric::kFlaggedRate].value), WithRange(g.metrics[Metric::kRocAuc]),
                   WithRange(g.metrics[Metric::kRecall]), WithRange(g.metrics[Metric::kPrecision])},
                  g.small ? "small" : "");
    }
    return html + "</table></div></div>";
  }

  std::string Candidates() const {
    std::string html = HeaderRow({{"Candidato", "Candidate"},
                                  {"ROC-AUC", "ROC-AUC"},
                                  {"Erro-padrão", "Standard error"},
                                  {"PR-AUC", "PR-AUC"},
                                  {"Brier", "Brier"}});
    for (const CandidateSummary& c : Ranked(model_)) {
      html += Row(
          {EscapeHtml(c.candidate.name), Value(c.auc, 4), Value(c.auc_se, 4), Value(c.pr_auc, 4), Value(c.brier, 4)},
          c.candidate.name == model_.candidate.name ? "chosen" : "");
    }
    return html + "</table></div>";
  }

  std::string Limits() const {
    std::string html = "<ul>";
    for (const Bilingual& limit : LimitWords(model_)) html += "<li>" + Both(limit) + "</li>";
    return html + "</ul>";
  }

  const TrainedModel& model_;
  const ArtifactInfo& info_;
  const evaluation::Evaluation& evaluation_;
  std::string out_;
};

}  // namespace

std::string HtmlReport(const TrainedModel& model, const ArtifactInfo& info) { return Page(model, info).Write(); }

}  // namespace vigia::training
