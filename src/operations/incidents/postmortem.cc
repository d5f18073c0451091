#include "incidents/postmortem.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/map_reader.h"
#include "incidents/kinds.h"
#include "incidents/words.h"

namespace vigia::incidents {
namespace {

constexpr size_t kLongestOutput = 600;

// One line of a Markdown table or list.
std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text) {
    if (c == '|') line += '\\';
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return line;
}

// At most so many bytes, whole characters, and a mark where it was cut.
std::string Cut(std::string text, size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) --longest;
  return text.substr(0, longest) + "…";
}

std::string Percent(double share) { return fmt::format("{:.2f}%", 100 * share); }

// What a step printed.
std::string Output(const Json& evidence) {
  if (!evidence.is_object()) return "";
  if (evidence.contains("text") && evidence["text"].is_string()) return evidence["text"].get<std::string>();
  if (!evidence.contains("out")) return "";
  const Json& out = evidence["out"];
  return out.is_string() ? out.get<std::string>() : CompactJson(out);
}

class Draft {
 public:
  Draft(const PostmortemFacts& facts, Language language)
      : facts_(facts), incident_(facts.incident), words_(WordsOf(language)) {}

  std::string Write() {
    Add("# {}: {}\n", words_.report, OneLine(incident_.title));
    Add("\n{}\n", words_.draft_note);
    Summary();
    Times();
    Symptoms();
    Timeline();
    Section(words_.root_cause);
    Add("{}\n", words_.root_cause_hint);
    Diagnosis();
    Impact();
    Resolution();
    Actions();
    Lessons();
    Checklist();
    return std::move(text_);
  }

 private:
  template <typename... Arguments>
  void Add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    text_ += fmt::format(format, std::forward<Arguments>(arguments)...);
  }
  void Section(std::string_view name) { Add("\n## {}\n\n", name); }

  WallTime Began() const {
    return facts_.began_at ? std::min(*facts_.began_at, incident_.opened_at) : incident_.opened_at;
  }

  std::string Clock(WallTime time) const { return FormatTime(WallTime(time + Offset(time))).substr(11, 8); }
  std::string Date(WallTime time) const { return FormatDate(WallTime(time + Offset(time))); }
  calendar::Seconds Offset(WallTime time) const { return facts_.zone.OffsetAt(time); }

  std::string_view Status() const {
    if (incident_.resolved_at) return words_.resolved;
    return incident_.mitigated_at ? words_.mitigated : words_.investigating;
  }

  void Summary() {
    Section(words_.summary);
    const WallTime began = Began();
    Add("- **{}:** {} {} ({})\n", words_.date, Date(began), Clock(began).substr(0, 5), facts_.zone.name());
    Add("- **{}:** {}\n", words_.duration,
        incident_.resolved_at ? Took(*incident_.resolved_at - began) : std::string(words_.not_over));
    Add("- **{}:** {}\n", words_.impact, ImpactText());
    Add("- **{}:** {} ({})\n", words_.severity, checks::SeverityName(incident_.severity),
        words_.severities[static_cast<size_t>(incident_.severity) - 1]);
    Add("- **{}:** {}\n", words_.status, Status());
    Add("- **{}:** {}{}\n", words_.incident, incident_.id,
        incident_.key.empty() ? "" : " (" + OneLine(incident_.key) + ")");
    if (!incident_.runbook.empty()) Add("- **Runbook:** {}\n", OneLine(incident_.runbook));
    if (!facts_.owner.empty()) Add("- **{}:** {}\n", words_.owner, OneLine(facts_.owner));
    if (facts_.due) Add("- **{}:** {}\n", words_.due, Date(*facts_.due));
  }

  std::string ImpactText() const {
    return facts_.requests_hit ? fmt::format("{} {}", Percent(*facts_.requests_hit), words_.requests_hit)
                               : std::string(words_.not_measured);
  }

  void Moment(std::string_view name, std::optional<WallTime> at, const std::string& who) {
    if (!at) {
      Add("| {} | – | – |\n", name);
    } else {
      Add("| {}{} | {} | {} |\n", name, who.empty() ? "" : " (" + OneLine(who) + ")", Clock(*at), Took(*at - Began()));
    }
  }

  void Times() {
    Add("\n| {} | {} | {} |\n| --- | --- | --- |\n", words_.what, words_.when, words_.after);
    if (facts_.began_at) Moment(words_.began, facts_.began_at, "");
    Moment(words_.detected, incident_.opened_at, "");
    Moment(words_.acknowledged, incident_.acknowledged_at, incident_.acknowledged_by);
    if (incident_.escalated_at) Moment(words_.escalated, incident_.escalated_at, "");
    Moment(words_.mitigated, incident_.mitigated_at, "");
    Moment(words_.resolved, incident_.resolved_at, incident_.resolved_by);
  }

  void Symptoms() {
    Section(words_.symptoms);
    bool any = false;
    for (const TimelineEntry& entry : facts_.timeline) {
      if (entry.kind != kinds::kAlertFired) continue;
      Add("- {} {}\n", Clock(entry.at), OneLine(entry.text));
      any = true;
    }
    if (!any) Add("- {}\n", words_.no_alert);
    if (!incident_.labels.empty()) Add("- {}: `{}`\n", words_.target, OneLine(incident_.labels.ToString()));
  }

  void Timeline() {
    Section(words_.timeline);
    for (const TimelineEntry& entry : facts_.timeline) {
      const std::string_view kind = words_.KindName(entry.kind);
      Add("- {} - {}{}{}\n", Clock(entry.at), kind, kind.empty() || entry.text.empty() ? "" : ": ",
          Cut(OneLine(entry.text), 300));
    }
  }

  // Outputs of the steps of one phase: `wrote` tells mitigation from diagnosis.
  void Steps(bool wrote) {
    const TimelineEntry* intent = nullptr;
    for (const TimelineEntry& entry : facts_.timeline) {
      if (entry.kind == kinds::kStepIntent) intent = &entry;
      if (entry.kind != kinds::kStepOutcome || Wrote(entry.ref) != wrote) continue;
      const bool same = intent != nullptr && intent->ref == entry.ref;
      Add("- {} `{}`: {}\n", Clock(entry.at), same ? Cut(OneLine(intent->text), 200) : OneLine(entry.ref),
          OneLine(entry.text));
      const std::string output = Cut(Output(entry.evidence), kLongestOutput);
      if (!output.empty()) Block(output);
      intent = nullptr;
    }
  }

  // A step writes when its intent says so.
  bool Wrote(const std::string& step) const {
    return std::any_of(facts_.timeline.begin(), facts_.timeline.end(), [&](const TimelineEntry& entry) {
      return entry.kind == kinds::kStepIntent && entry.ref == step && entry.evidence.is_object() &&
             entry.evidence.value("effect", "read") != "read";
    });
  }

  // Indented, so that nothing in it is Markdown.
  void Block(const std::string& output) {
    text_ += "\n      ";
    for (const char c : output) {
      text_ += c == '\r' ? ' ' : c;
      if (c == '\n') text_ += "      ";
    }
    text_ += "\n\n";
  }

  bool Happened(const char* kind) const {
    return std::any_of(facts_.timeline.begin(), facts_.timeline.end(),
                       [&](const TimelineEntry& entry) { return entry.kind == kind; });
  }

  void Diagnosis() {
    const size_t before = text_.size();
    Add("\n{}\n\n", words_.diagnosis_shows);
    const size_t list = text_.size();
    Steps(false);
    if (text_.size() == list) text_.resize(before);
  }

  void Impact() {
    Section(words_.impact);
    Add("- {}\n", ImpactText());
    if (facts_.budget_burned) Add("- {} {}\n", Percent(*facts_.budget_burned), words_.budget_burned);
    for (const auto& [name, value] : facts_.metrics) Add("- {}: {}\n", OneLine(name), OneLine(value));
  }

  void Resolution() {
    Section(words_.resolution);
    const size_t before = text_.size();
    Steps(true);
    if (text_.size() == before) Add("- {}\n", words_.nothing_done);
    for (const TimelineEntry& entry : facts_.timeline) {
      if (entry.kind == kinds::kVerify) Add("- {} {}: {}\n", Clock(entry.at), words_.verification, OneLine(entry.text));
    }
    if (!incident_.resolved_at) return;
    Add("\n{}\n", fmt::format(fmt::runtime(words_.healed_by), OneLine(Healer())));
  }

  // The last thing that was done before it was well; else whoever resolved it.
  std::string Healer() const {
    std::string healer;
    for (const TimelineEntry& entry : facts_.timeline) {
      const bool done = entry.kind == kinds::kStepIntent && entry.evidence.is_object() &&
                        entry.evidence.value("effect", "read") != "read";
      if (done && (!incident_.mitigated_at || entry.at <= *incident_.mitigated_at))
        healer = entry.evidence.value("command", entry.text);
    }
    return healer.empty() ? incident_.resolved_by : "`" + healer + "`";
  }

  void Action(std::string_view text) {
    Add("- [ ] {} ({}, {})\n", text, facts_.owner.empty() ? words_.owner : std::string_view(facts_.owner),
        facts_.due ? Date(*facts_.due) : std::string(words_.due));
  }

  void Actions() {
    Section(words_.actions);
    Action(words_.find_cause);
    if (incident_.acknowledge_late) Action(words_.fix_late);
    if (CountGivenUp() > 0) Action(words_.fix_channels);
    if (incident_.escalated_at && !incident_.runbook.empty()) Action(words_.extend_runbook);
    if (incident_.runbook.empty()) Action(words_.write_runbook);
    if (Happened(kinds::kGuard)) Action(words_.review_guards);
    if (!facts_.requests_hit) Action(words_.measure_impact);
  }

  size_t CountGivenUp() const {
    return static_cast<size_t>(
        std::count_if(facts_.timeline.begin(), facts_.timeline.end(), [](const TimelineEntry& e) {
          return e.kind == kinds::kReceipt && e.text.find("could not be reached") != std::string::npos;
        }));
  }

  void Lessons() {
    Section(words_.lessons);
    Add("- {}: ", words_.went_well);
    if (incident_.resolved_at && !incident_.escalated_at) {
      Add("{}", words_.healed_alone);
    } else if (incident_.acknowledged_at && !incident_.acknowledge_late) {
      Add("{}", words_.acknowledged_soon);
    }
    Add("\n- {}: ", words_.went_wrong);
    if (incident_.acknowledge_late) Add("{}", words_.acknowledged_late);
    Add("\n- {}: \n", words_.got_lucky);
  }

  void Checklist() {
    Section(words_.checklist);
    for (const Item item : kItems) {
      const auto at = incident_.checklist.find(item);
      const bool late = item == Item::kAcknowledged && incident_.acknowledge_late;
      const bool done = at != incident_.checklist.end();
      Add("- [{}] {}{}{}\n", done && !late ? "x" : " ", words_.items[static_cast<size_t>(item)],
          done ? " – " + Clock(at->second) : "", done && late ? " " + std::string(words_.too_late) : "");
    }
  }

  const PostmortemFacts& facts_;
  const Incident& incident_;
  const Words& words_;
  std::string text_;
};

}  // namespace

std::string DraftPostmortem(const PostmortemFacts& facts, Language language) { return Draft(facts, language).Write(); }

}  // namespace vigia::incidents
