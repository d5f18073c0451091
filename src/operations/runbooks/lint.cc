#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "config/yaml.h"
#include "runbooks/load.h"

namespace vigia::runbooks {
namespace {

using config::Problem;

class Linter {
 public:
  Linter(const std::vector<Runbook>& runbooks, const LintWorld& world) : runbooks_(runbooks), world_(world) {
    known_checks_.insert(world.checks.begin(), world.checks.end());
    for (const Runbook& runbook : runbooks) {
      for (const checks::Check& check : runbook.checks) known_checks_.insert(check.name);
    }
  }

  std::vector<Problem> Lint() && {
    std::set<std::string> names;
    std::set<std::string> defined(world_.checks.begin(), world_.checks.end());
    for (const Runbook& runbook : runbooks_) {
      if (!names.insert(runbook.name).second) Add(runbook, LineOf(runbook, "name"), "another runbook has this name");
      for (const checks::Check& check : runbook.checks) {
        if (defined.insert(check.name).second) continue;
        Add(runbook, LineOf(runbook, "checks"), "check '" + check.name + "' is defined elsewhere too");
      }
      LintReferences(runbook);
      LintSignals(runbook);
      LintSteps(runbook);
      LintShape(runbook);
    }
    for (const Runbook& runbook : runbooks_) FindCircle(runbook);
    return std::move(problems_);
  }

 private:
  // The line of a key of the runbook's file, "guards" or one below it; 1 when it is not there.
  static int LineOf(const Runbook& runbook, std::string_view key, std::string_view below = {}) {
    const auto root = config::ParseYaml(runbook.source, runbook.file);
    if (!root.ok()) return 1;
    const int line = KeyLine(*root, key).value_or(1);
    const config::YamlNode* inner = below.empty() ? nullptr : root->Find(key);
    return inner != nullptr ? KeyLine(*inner, below).value_or(line) : line;
  }
  static std::optional<int> KeyLine(const config::YamlNode& node, std::string_view key) {
    for (size_t i = 0; i < node.map.size(); ++i) {
      if (node.map[i].first == key) return node.key_lines[i];
    }
    return std::nullopt;
  }

  void Add(const Runbook& runbook, int line, const std::string& message) {
    problems_.push_back({runbook.file, line, "runbook '" + runbook.name + "': " + message});
  }

  // Conditions and templates that read a signal which the runbook does not have: it would be null for ever.
  void LintSignals(const Runbook& runbook) {
    std::set<std::string, std::less<>> known;
    for (const auto& signal : runbook.signals) known.insert(signal.name);
    const std::vector<std::string> read = SignalsIn(runbook.source);
    if (std::all_of(read.begin(), read.end(), [&](const std::string& name) { return known.count(name) > 0; })) return;
    const auto root = config::ParseYaml(runbook.source, runbook.file);  // for the lines, and without the comments
    if (root.ok()) LintSignalsIn(*root, known, runbook);
  }

  void LintSignalsIn(const config::YamlNode& node, const std::set<std::string, std::less<>>& known,
                     const Runbook& runbook) {
    for (const std::string& name : SignalsIn(node.scalar)) {
      if (known.count(name) == 0) Add(runbook, node.line, "there is no signal '" + name + "' under 'signals'");
    }
    for (const config::YamlNode& item : node.items) LintSignalsIn(item, known, runbook);
    for (const auto& [key, value] : node.map) LintSignalsIn(value, known, runbook);
  }

  // The names after ".signals." in a jq expression.
  static std::vector<std::string> SignalsIn(std::string_view text) {
    constexpr std::string_view kBefore = ".signals.";
    constexpr std::string_view kOfName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    std::vector<std::string> names;
    for (size_t at = text.find(kBefore); at != std::string_view::npos; at = text.find(kBefore, at)) {
      const bool of_another = at > 0 && kOfName.find(text[at - 1]) != std::string_view::npos;
      at += kBefore.size();
      const size_t end = std::min(text.find_first_not_of(kOfName, at), text.size());
      if (!of_another && end > at) names.emplace_back(text.substr(at, end - at));
    }
    return names;
  }

  void LintReferences(const Runbook& runbook) {
    for (const Trigger& trigger : runbook.triggers) {
      if (!trigger.check.empty() && known_checks_.count(trigger.check) == 0) {
        Add(runbook, trigger.line, "there is no check '" + trigger.check + "'");
      }
    }
    if (!runbook.escalate.policy.empty()) {
      const int line = LineOf(runbook, "escalate", "policy");
      const auto policy = world_.policies.find(runbook.escalate.policy);
      if (policy == world_.policies.end()) {
        Add(runbook, line, "there is no escalation policy '" + runbook.escalate.policy + "'");
      } else if (!policy->second.empty()) {
        Add(runbook, line, "escalation policy '" + policy->first + "' reaches nobody: " + policy->second);
      }
    }
    for (const Trigger& trigger : runbook.triggers) {
      if (trigger.time_zone.empty() || world_.zones == nullptr) continue;
      if (!world_.zones->Find(trigger.time_zone).ok()) {
        Add(runbook, trigger.line, "there is no time zone '" + trigger.time_zone + "'");
      }
    }
    for (const std::string& window : runbook.guards.deny_windows) {
      if (Has(world_.windows, window)) continue;
      Add(runbook, LineOf(runbook, "guards", "deny_windows"), "there is no window '" + window + "'");
    }
    if (runbook.guards.approval) {
      LintApprovers(runbook, LineOf(runbook, "guards", "approval"), runbook.guards.approval->ask);
    }
  }

  void LintApprovers(const Runbook& runbook, int line, const Approve& ask) {
    for (const std::string& who : ask.by) {
      if (!Has(world_.approvers, who)) Add(runbook, line, "nobody is '" + who + "', who should approve");
    }
  }

  void LintSteps(const Runbook& runbook) {
    std::set<std::string> ids;
    const auto lint = [&](const Step& step, bool read_only) {
      if (!ids.insert(step.id).second) Add(runbook, step.line, "step id '" + step.id + "' is used twice");
      if (step.id.find_first_of("./ ") != std::string::npos) {
        Add(runbook, step.line, "step id '" + step.id + "' must not hold dots, slashes or spaces");
      }
      if (const auto* act = std::get_if<Act>(&step.what)) LintAct(runbook, step, *act, read_only);
      if (const auto* approve = std::get_if<Approve>(&step.what)) LintApprovers(runbook, step.line, *approve);
    };
    for (const Step& step : runbook.diagnose) lint(step, true);
    std::set<std::string> attempts;
    for (const Attempt& attempt : runbook.mitigate) {
      if (!attempts.insert(attempt.name).second) {
        Add(runbook, attempt.line, "attempt '" + attempt.name + "' is there twice");
      }
      for (const Step& step : attempt.steps) lint(step, false);
    }
  }

  void LintAct(const Runbook& runbook, const Step& step, const Act& act, bool read_only) {
    if (act.effect == Effect::kRead) return;
    if (read_only) {
      Add(runbook, step.line, "step '" + step.id + "' writes, but diagnosis must only read");
      return;
    }
    if (!act.probe && !act.undo && !act.idempotent) {
      Add(runbook, step.line,
          "step '" + step.id +
              "' writes, but has no probe, no undo and is not declared idempotent: "
              "after a crash nobody could go on");
    }
    if (act.retry.max > 0 && !act.probe && !act.idempotent) {
      Add(runbook, step.line, "step '" + step.id + "' is retried, but is neither idempotent nor has a probe");
    }
  }

  void LintShape(const Runbook& runbook) {
    if (!runbook.mitigate.empty() && !runbook.verify) {
      Add(runbook, LineOf(runbook, "mitigate"), "it mitigates, but has no verify: nothing would prove that it helped");
    }
    if (runbook.revert && !HasUndo(runbook)) {
      Add(runbook, LineOf(runbook, "revert"), "'revert' goes back by undo, but no step has one");
    }
    if (runbook.triggers.empty() && runbook.mode != Mode::kOff) Add(runbook, 1, "'trigger' is missing");
    for (const checks::Check& check : runbook.checks) LintKey(runbook, check);
  }

  // An incident's key is made of the alert's labels: a label that no alert can have is a mistake.
  void LintKey(const Runbook& runbook, const checks::Check& check) {
    if (!check.by) return;
    for (const std::string& label : runbook.key) {
      const bool has = Has(*check.by, label) || !check.labels.Get(label).empty();
      if (!has)
        Add(runbook, LineOf(runbook, "key"), "key '" + label + "' is not a label of check '" + check.name + "'");
    }
  }

  static bool HasUndo(const Runbook& runbook) {
    for (const Attempt& attempt : runbook.mitigate) {
      for (const Step& step : attempt.steps) {
        const auto* act = std::get_if<Act>(&step.what);
        if (act != nullptr && act->undo) return true;
      }
    }
    return false;
  }

  // Which runbooks a runbook starts by `vigia runbook run [FLAG…] NAME`, with the line of the step.
  std::map<std::string, int> Starts(const Runbook& runbook) const {
    std::map<std::string, int> starts;
    for (const Attempt& attempt : runbook.mitigate) {
      for (const Step& step : attempt.steps) {
        const auto* act = std::get_if<Act>(&step.what);
        if (act == nullptr) continue;
        if (const auto name = Started(act->command)) starts.emplace(*name, step.line);
        if (!act->undo) continue;
        if (const auto name = Started(*act->undo)) starts.emplace(*name, step.line);
      }
    }
    return starts;
  }
  std::optional<std::string> Started(const Command& command) const {
    const auto* program = std::get_if<Program>(&command);
    if (program == nullptr || program->arguments.size() < 4) return std::nullopt;
    std::vector<std::string> words;
    for (const auto& argument : program->arguments) words.push_back(argument.text());
    if (words[0] != "vigia" || words[1] != "runbook" || words[2] != "run") return std::nullopt;
    for (size_t i = 3; i < words.size(); ++i) {
      if (Find(words[i]) != nullptr) return words[i];
    }
    for (size_t i = 3; i < words.size(); ++i) {
      const bool value = words[i - 1].starts_with("--") && words[i - 1].find('=') == std::string::npos;
      if (!words[i].starts_with('-') && !value) return words[i];
    }
    return std::nullopt;
  }

  const Runbook* Find(const std::string& name) const {
    for (const Runbook& runbook : runbooks_) {
      if (runbook.name == name) return &runbook;
    }
    return nullptr;
  }

  void FindCircle(const Runbook& start) {
    for (const auto& [name, line] : Starts(start)) {
      if (Find(name) == nullptr) {
        Add(start, line, "there is no runbook '" + name + "'");
        continue;
      }
      std::set<std::string> seen;
      std::vector<std::string> open = {name};
      while (!open.empty()) {
        const std::string next = open.back();
        open.pop_back();
        if (next == start.name) {
          Add(start, line, "it starts '" + name + "', which leads back to it: a loop between runbooks");
          break;
        }
        const Runbook* runbook = Find(next);
        if (runbook == nullptr || !seen.insert(next).second) continue;
        for (const auto& [further, further_line] : Starts(*runbook)) open.push_back(further);
      }
    }
  }

  static bool Has(const std::vector<std::string>& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  }

  const std::vector<Runbook>& runbooks_;
  const LintWorld& world_;
  std::set<std::string> known_checks_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> LintRunbooks(const std::vector<Runbook>& runbooks, const LintWorld& world) {
  return Linter(runbooks, world).Lint();
}

}  // namespace vigia::runbooks
