#include "alerting/suppression.h"

#include <algorithm>

#include "base/text.h"

namespace vigia::alerting {
namespace {

using signals::LabelSet;
using signals::MatchesAll;

std::string ValuesOf(const LabelSet& labels, const std::vector<std::string>& names) {
  std::string values;
  for (const std::string& name : names) {
    values += labels.Get(name);
    values += '\xFF';  // in no UTF-8 text
  }
  return values;
}

}  // namespace

std::string Suppression::ToString() const {
  std::vector<std::string> parts;
  for (const std::string& id : silenced_by) parts.push_back("silence " + id);
  for (const std::string& name : windows) parts.push_back("window " + name);
  for (const std::string& fingerprint : inhibited_by) parts.push_back("inhibited by alert " + fingerprint);
  return Join(parts, ", ");
}

Suppressor::Suppressor(const AlertingSettings& settings, const Silences& silences,
                       const std::set<std::string>& open_windows, const std::vector<const checks::Alert*>& firing,
                       WallTime now) {
  for (const auto& [id, silence] : silences) {
    if (StateOf(silence, now) == SilenceState::kActive) active_.push_back(silence);
  }
  for (const WindowSilence& one : settings.silences) {
    if (open_windows.count(one.window) > 0) windows_.push_back(&one);
  }
  for (const InhibitRule& rule : settings.inhibit_rules) {
    Sources sources{&rule, {}};
    for (const checks::Alert* alert : firing) {
      if (!MatchesAll(rule.source, alert->labels)) continue;
      Inhibitor& inhibitor = sources.by_equal[ValuesOf(alert->labels, rule.equal)];
      if (inhibitor.any.empty()) inhibitor.any = alert->fingerprint();
      if (inhibitor.one_sided.empty() && !MatchesAll(rule.target, alert->labels)) {
        inhibitor.one_sided = alert->fingerprint();
      }
    }
    if (!sources.by_equal.empty()) sources_.push_back(std::move(sources));
  }
}

Suppression Suppressor::Of(const LabelSet& labels) const {
  Suppression suppression;
  for (const Silence& silence : active_) {
    if (MatchesAll(silence.matchers, labels)) suppression.silenced_by.push_back(silence.id);
  }
  for (const WindowSilence* one : windows_) {
    const bool said =
        std::find(suppression.windows.begin(), suppression.windows.end(), one->window) != suppression.windows.end();
    if (!said && MatchesAll(one->matchers, labels)) suppression.windows.push_back(one->window);
  }
  for (const Sources& sources : sources_) {
    if (!MatchesAll(sources.rule->target, labels)) continue;
    const auto found = sources.by_equal.find(ValuesOf(labels, sources.rule->equal));
    if (found == sources.by_equal.end()) continue;
    const bool two_sided = MatchesAll(sources.rule->source, labels);
    const std::string& by = two_sided ? found->second.one_sided : found->second.any;
    auto& all = suppression.inhibited_by;
    if (!by.empty() && std::find(all.begin(), all.end(), by) == all.end()) all.push_back(by);
  }
  return suppression;
}

}  // namespace vigia::alerting
