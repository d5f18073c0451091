// Seed 000's weekly review: SLO compliance, alerts, drift, capacity, incidents.
#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "config/map_reader.h"
#include "incidents/postmortem.h"
#include "incidents/words.h"

namespace vigia::incidents {
namespace {

std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return cell;
}

std::string ValueText(const Json& value) {
  if (value.is_string()) return Cell(value.get<std::string>());
  if (value.is_number_float()) return FormatNumber(value.get<double>());
  if (value.is_null()) return "–";
  return Cell(CompactJson(value));
}

// Mean of what there is.
class Mean {
 public:
  void Add(Duration value) {
    sum_ += value;
    ++count_;
  }
  std::string Text() const { return count_ == 0 ? "–" : Took(sum_ / count_); }

 private:
  Duration sum_{};
  int64_t count_ = 0;
};

class Review {
 public:
  Review(const WeekFacts& facts, Language language) : facts_(facts), words_(WordsOf(language)) {}

  std::string Write() {
    text_ = fmt::format("# {}: {} – {}\n", words_.weekly, FormatDate(facts_.from), FormatDate(facts_.to - Duration(1)));
    Begin(words_.slo_checked, HasData(facts_.slo));
    Slo();
    Begin(words_.alerts_reviewed, true);
    Alerts();
    Begin(words_.drift_checked, HasData(facts_.drift));
    Pairs(facts_.drift);
    Begin(words_.capacity_updated, HasData(facts_.capacity));
    Pairs(facts_.capacity);
    Begin(words_.incidents_reviewed, true);
    Incidents();
    return std::move(text_);
  }

 private:
  static bool HasData(const Json& value) { return value.is_object() && !value.empty(); }

  // An item of the checklist is ticked when the review holds what it asks for.
  void Begin(std::string_view item, bool done) { text_ += fmt::format("\n## [{}] {}\n\n", done ? "x" : " ", item); }
  void NoData() { text_ += fmt::format("{}\n", words_.no_data); }

  void Slo() {
    if (!HasData(facts_.slo)) return NoData();
    text_ += fmt::format("| {} | {} | {} | {} |\n| --- | --- | --- | --- |\n", words_.name, words_.goal, words_.value,
                         words_.met);
    for (const auto& [name, slo] : facts_.slo.items()) {
      const Json met = slo.is_object() ? slo.value("met", Json()) : Json();
      text_ += fmt::format("| {} | {} | {} | {} |\n", Cell(name),
                           ValueText(slo.is_object() ? slo.value("target", Json()) : Json()),
                           ValueText(slo.is_object() ? slo.value("value", Json()) : slo),
                           met.is_boolean() ? (met.get<bool>() ? words_.yes : words_.no) : "–");
    }
  }

  void Alerts() {
    std::map<std::string, int> counts;
    for (const Incident& incident : facts_.incidents) {
      if (Opened(incident)) ++counts[incident.title];
    }
    if (counts.empty()) text_ += fmt::format("{}\n", words_.none);
    for (const auto& [title, count] : counts) text_ += fmt::format("- {}: {}\n", Cell(title), count);
  }

  void Pairs(const Json& values) {
    if (!HasData(values)) return NoData();
    for (const auto& [name, value] : values.items()) text_ += fmt::format("- {}: {}\n", Cell(name), ValueText(value));
  }

  bool Opened(const Incident& incident) const {
    return incident.opened_at >= facts_.from && incident.opened_at < facts_.to;
  }

  void Incidents() {
    Mean acknowledge;
    Mean resolve;
    int alone = 0;
    int late = 0;
    for (const Incident& incident : facts_.incidents) {
      if (incident.acknowledged_at) acknowledge.Add(*incident.acknowledged_at - incident.opened_at);
      if (incident.resolved_at) resolve.Add(*incident.resolved_at - incident.opened_at);
      if (incident.resolved_at && !incident.escalated_at && !incident.acknowledged_at) ++alone;
      if (incident.acknowledge_late) ++late;
    }
    text_ += fmt::format("- {}: {}\n- {}: {}\n- {}: {}\n- {}: {}\n- {}: {}\n", words_.count, facts_.incidents.size(),
                         words_.mean_acknowledge, acknowledge.Text(), words_.mean_resolve, resolve.Text(), words_.alone,
                         alone, words_.late, late);
    if (facts_.incidents.empty()) return;
    text_ += fmt::format("\n| {} | {} | {} | {} | {} |\n| --- | --- | --- | --- | --- |\n", words_.incident,
                         words_.severity, words_.what, words_.date, words_.duration);
    for (const Incident& incident : facts_.incidents) {
      text_ += fmt::format(
          "| {} | {} | {} | {} | {} |\n", Cell(incident.id), checks::SeverityName(incident.severity),
          Cell(incident.title), FormatDate(incident.opened_at),
          incident.resolved_at ? Took(*incident.resolved_at - incident.opened_at) : std::string(words_.open));
    }
  }

  const WeekFacts& facts_;
  const Words& words_;
  std::string text_;
};

}  // namespace

std::string WeeklyReview(const WeekFacts& facts, Language language) { return Review(facts, language).Write(); }

}  // namespace vigia::incidents
