#include "runbooks/load.h"

#include "base/digest.h"
#include "checks/load.h"
#include "runbooks/load_step.h"

namespace vigia::runbooks {
namespace {

using config::MapReader;
using config::Problem;
using config::YamlNode;

void ReadTriggers(const YamlNode& list, Loader& loader, Runbook& runbook) {
  for (const YamlNode& node : list.items) {
    Trigger trigger;
    trigger.line = node.line;
    MapReader reader(node, loader.file, loader.where, loader.problems);
    trigger.check = reader.Text("check");
    trigger.schedule = reader.Text("schedule");
    trigger.time_zone = reader.Text("time_zone");
    if (!trigger.schedule.empty()) {
      auto cron = calendar::Cron::Parse(trigger.schedule);
      if (cron.ok()) {
        trigger.cron = *cron;
      } else {
        reader.Add(reader.Line("schedule"), cron.error().message());
      }
    } else if (!trigger.time_zone.empty()) {
      reader.Add(reader.Line("time_zone"), "'time_zone' belongs to a schedule");
    }
    for (const std::string& text : reader.Texts("alert")) {
      auto matcher = signals::Matcher::Parse(text);
      if (matcher.ok()) {
        trigger.matchers.push_back(*std::move(matcher));
      } else {
        reader.Add(reader.Line("alert"), matcher.error().message());
      }
    }
    const int given =
        (trigger.check.empty() ? 0 : 1) + (trigger.schedule.empty() ? 0 : 1) + (reader.Has("alert") ? 1 : 0);
    if (given != 1) reader.Add(node.line, "a trigger is one of check, alert or schedule");
    reader.Finish();
    runbook.triggers.push_back(std::move(trigger));
  }
}

void ReadSignals(const YamlNode& map, Loader& loader, Runbook& runbook) {
  for (const auto& [name, node] : map.map) {
    NamedSelector named;
    named.name = name;
    YamlNode selector = node;
    const YamlNode* match = node.Find("match");
    if (match != nullptr) {
      MapReader reader(node, loader.file, loader.where, loader.problems);
      named.match = reader.Texts("match");
      for (size_t i = 0; i < selector.map.size(); ++i) {
        if (selector.map[i].first != "match") continue;
        selector.map.erase(selector.map.begin() + static_cast<std::ptrdiff_t>(i));
        selector.key_lines.erase(selector.key_lines.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    checks::Measured measured = checks::LoadMeasured(selector, loader.file, loader.problems);
    named.selector = std::move(measured.selector);
    named.of = std::move(measured.of);
    runbook.signals.push_back(std::move(named));
  }
}

void ReadGuards(const YamlNode& node, Loader& loader, Guards& guards) {
  MapReader reader(node, loader.file, loader.where + ": guards", loader.problems);
  guards.cooldown = reader.Time("cooldown", guards.cooldown);
  if (const YamlNode* caps = reader.List("max_runs")) {
    guards.max_runs.clear();
    for (const YamlNode& item : caps->items) {
      MapReader cap_reader(item, loader.file, loader.where + ": max_runs", loader.problems);
      Cap cap;
      cap.runs = static_cast<int>(cap_reader.Integer("runs", cap.runs));
      cap.per = cap_reader.Time("per", cap.per);
      if (cap.runs < 1 || cap.per <= Duration::zero()) cap_reader.Add(item.line, "a cap needs runs >= 1 and per > 0s");
      cap_reader.Finish();
      guards.max_runs.push_back(cap);
    }
    if (guards.max_runs.empty()) reader.Add(caps->line, "'max_runs' must have at least one cap");
  }
  guards.max_concurrent = static_cast<int>(reader.Integer("max_concurrent", guards.max_concurrent));
  for (const std::string& text : reader.Texts("lock")) {
    if (auto made = CompileTemplate(text, reader.Line("lock"), loader)) guards.locks.push_back(*std::move(made));
  }
  if (const YamlNode* radius_node = reader.Map("blast_radius")) {
    MapReader radius_reader(*radius_node, loader.file, loader.where + ": blast_radius", loader.problems);
    BlastRadius radius;
    radius.group_by = radius_reader.Texts("group_by");
    radius.max_targets = static_cast<int>(radius_reader.Integer("max_targets", radius.max_targets));
    radius.min_healthy = radius_reader.Number("min_healthy", radius.min_healthy);
    if (radius.max_targets < 1 || !(radius.min_healthy >= 0 && radius.min_healthy <= 1)) {
      radius_reader.Add(radius_node->line, "needs max_targets >= 1 and min_healthy between 0 and 1");
    }
    radius_reader.Finish();
    guards.blast_radius = radius;
  }
  guards.deny_windows = reader.Texts("deny_windows");
  for (const std::string& text : reader.Texts("require")) {
    if (auto made = CompileExpression(text, reader.Line("require"), loader)) guards.require.push_back(std::move(made));
  }
  if (const YamlNode* rule_node = reader.Map("approval")) {
    MapReader rule_reader(*rule_node, loader.file, loader.where + ": approval", loader.problems);
    ApprovalRule rule;
    rule.when = ReadExpression(rule_reader, "when", loader);
    rule.ask = ReadApprove(rule_reader);
    rule_reader.Finish();
    guards.approval = std::move(rule);
  }
  guards.deadline = reader.Time("deadline", guards.deadline);
  if (guards.deadline <= Duration::zero())
    reader.Add(reader.Line("deadline"), "'deadline' must be longer than nothing");
  reader.Finish();
}

void ReadVerify(const YamlNode& node, Loader& loader, Runbook& runbook) {
  MapReader reader(node, loader.file, loader.where + ": verify", loader.problems);
  Verify verify;
  verify.when = ReadExpression(reader, "when", loader);
  if (!reader.Has("when")) reader.Add(node.line, "'when' is missing");
  verify.after = reader.Time("after", verify.after);
  verify.every = reader.Time("every", verify.every);
  verify.need = static_cast<int>(reader.Integer("need", verify.need));
  verify.fail_after = static_cast<int>(reader.Integer("fail_after", verify.fail_after));
  verify.timeout = reader.Time("timeout", verify.timeout);
  if (verify.need < 1 || verify.fail_after < 0 || verify.every <= Duration::zero()) {
    reader.Add(node.line, "needs need >= 1, fail_after >= 0 and every > 0s");
  }
  if (verify.every * (verify.need - 1) > verify.timeout) {
    reader.Add(node.line, "cannot pass: need times every is longer than timeout");
  }
  reader.Finish();
  runbook.verify = std::move(verify);
}

void ReadRevert(const YamlNode& node, Loader& loader, Runbook& runbook) {
  MapReader reader(node, loader.file, loader.where + ": revert", loader.problems);
  Revert revert;
  revert.when = ReadExpression(reader, "when", loader);
  if (!reader.Has("when")) reader.Add(node.line, "'when' is missing");
  revert.hold = reader.Time("for", revert.hold);
  revert.max_hold = reader.Time("max_hold", revert.max_hold);
  reader.Finish();
  if (revert.when != nullptr) runbook.revert = std::move(revert);
}

void ReadAftermath(MapReader& reader, Loader& loader, Runbook& runbook) {
  if (const YamlNode* node = reader.Map("escalate")) {
    MapReader escalate(*node, loader.file, loader.where + ": escalate", loader.problems);
    runbook.escalate.policy = escalate.RequiredText("policy");
    runbook.escalate.at_once = escalate.Flag("at_once", false);
    if (escalate.Has("after")) runbook.escalate.after = escalate.Time("after", Duration::zero());
    if (const YamlNode* facts = escalate.Map("facts")) {
      for (const auto& [fact, condition] : facts->map) {
        Expression expression = CompileExpression(condition.scalar, condition.line, loader);
        if (expression != nullptr) runbook.escalate.facts.emplace_back(fact, std::move(expression));
      }
    }
    escalate.Finish();
  } else if (!reader.Has("escalate")) {
    reader.Add(reader.line(), "'escalate' is missing: somebody must be called when the runbook cannot help");
  }
  if (const YamlNode* node = reader.Map("postmortem")) {
    MapReader postmortem(*node, loader.file, loader.where + ": postmortem", loader.problems);
    using When = Postmortem::When;
    runbook.postmortem.when = postmortem.Choice<When>(
        "when", {{"always", When::kAlways}, {"escalated", When::kEscalated}, {"never", When::kNever}}, When::kAlways);
    runbook.postmortem.owner = postmortem.Text("owner");
    runbook.postmortem.due = postmortem.Time("due", runbook.postmortem.due);
    postmortem.Finish();
  }
}

void ReadSteps(MapReader& reader, Loader& loader, Runbook& runbook) {
  if (const YamlNode* list = reader.List("diagnose")) {
    for (const YamlNode& node : list->items) {
      runbook.diagnose.push_back(LoadStep(node, OnFailure::kContinue, loader));
    }
  }
  const YamlNode* ladder = reader.List("mitigate");
  if (ladder == nullptr) return;
  for (const YamlNode& node : ladder->items) {
    MapReader attempt_reader(node, loader.file, loader.where + ": attempt", loader.problems);
    Attempt attempt;
    attempt.line = node.line;
    attempt.name = attempt_reader.RequiredText("name");
    attempt.text = attempt_reader.Text("text");
    attempt.condition = ReadExpression(attempt_reader, "if", loader);
    if (const YamlNode* steps = attempt_reader.List("steps")) {
      for (const YamlNode& step : steps->items) {
        attempt.steps.push_back(LoadStep(step, OnFailure::kNextAttempt, loader));
      }
    }
    if (attempt.steps.empty()) attempt_reader.Add(node.line, "attempt '" + attempt.name + "' has no steps");
    attempt_reader.Finish();
    runbook.mitigate.push_back(std::move(attempt));
  }
}

void ReadHead(MapReader& reader, Runbook& runbook) {
  runbook.name = reader.RequiredText("name");
  runbook.title = reader.RequiredText("title");
  runbook.summary = reader.Text("summary");
  runbook.mode = reader.Choice<Mode>(
      "mode", {{"auto", Mode::kAuto}, {"approve", Mode::kApprove}, {"dry-run", Mode::kDryRun}, {"off", Mode::kOff}},
      Mode::kAuto);
  if (const auto severity = checks::ParseSeverity(reader.Text("severity", "medium"))) {
    runbook.severity = *severity;
  } else {
    reader.Add(reader.Line("severity"), "'severity' must be critical, high, medium or low");
  }
  runbook.key = reader.Texts("key");
  runbook.on_resolve = reader.Choice<OnResolve>(
      "on_resolve", {{"verify", OnResolve::kVerify}, {"stop", OnResolve::kStop}}, OnResolve::kVerify);
}

}  // namespace

Runbook LoadRunbook(const std::string& text, const std::string& file, const Catalogue& catalogue,
                    std::vector<Problem>& problems, jq::Compiling compiling) {
  Runbook runbook;
  runbook.file = file;
  runbook.source = text;
  runbook.hash = Sha256Hex(text);
  const auto node = config::ParseYaml(text, file);
  if (!node.ok()) {
    // The parser's message is "file:line: what".
    const std::string& message = node.error().message();
    const size_t line_at = file.size() + 1;
    const int line = message.substr(0, line_at) == file + ":" ? std::atoi(message.c_str() + line_at) : 0;
    const size_t what_at = message.find(": ");
    problems.push_back({file, line, what_at == std::string::npos ? message : message.substr(what_at + 2)});
    return runbook;
  }
  const YamlNode* name = node->Find("name");
  Loader loader{file, "runbook '" + (name != nullptr ? name->scalar : std::string("?")) + "'", catalogue, problems,
                compiling};
  MapReader reader(*node, file, loader.where, problems);
  ReadHead(reader, runbook);
  if (const YamlNode* list = reader.List("checks")) runbook.checks = checks::LoadChecks(*list, file, problems);
  if (const YamlNode* list = reader.List("trigger")) ReadTriggers(*list, loader, runbook);
  if (const YamlNode* map = reader.Map("signals")) ReadSignals(*map, loader, runbook);
  if (const YamlNode* map = reader.Map("guards")) ReadGuards(*map, loader, runbook.guards);
  ReadSteps(reader, loader, runbook);
  if (const YamlNode* map = reader.Map("verify")) ReadVerify(*map, loader, runbook);
  if (const YamlNode* map = reader.Map("revert")) ReadRevert(*map, loader, runbook);
  ReadAftermath(reader, loader, runbook);
  reader.Finish();
  return runbook;
}

}  // namespace vigia::runbooks
