#include <algorithm>

#include "base/text.h"
#include "config/map_reader.h"
#include "controller/scenario.h"

namespace vigia::controller::scenario {
namespace {

using End = runbooks::ActionResult::End;

// The first word, and what follows it.
std::pair<std::string, std::string> Word(std::string_view text) {
  text = Trim(text);
  const size_t end = std::min(text.find(' '), text.size());
  return {std::string(text.substr(0, end)), std::string(Trim(text.substr(end)))};
}

Result<Duration> TimeOf(const std::string& text) {
  const auto time = config::ParseDuration(text);
  if (time) return *time;
  return Error(Code::kInvalidArgument, "'" + text + "' is not a time such as 3s or 1h30m");
}

// NAME{label="value",…} and what follows.
Result<std::pair<Series, std::string>> ReadSeries(const std::string& text) {
  const size_t end = text.find_first_of(" {");
  Series series;
  series.name = text.substr(0, end);
  std::string rest = end == std::string::npos ? "" : text.substr(end);
  if (rest.starts_with('{')) {
    const size_t close = rest.find('}');
    if (close == std::string::npos) return Error(Code::kInvalidArgument, "a series without its '}'");
    for (const std::string_view pair : Split(std::string_view(rest).substr(1, close - 1), ',')) {
      const auto matcher = TRY(signals::Matcher::Parse(pair));
      series.labels.Set(matcher.name(), matcher.value());
    }
    rest = rest.substr(close + 1);
  }
  return std::pair(series, std::string(Trim(rest)));
}

Result<SetSignal> ReadSet(const std::string& verb, const std::string& text) {
  auto [series, rest] = TRY(ReadSeries(text));
  SetSignal set{std::move(series), std::nullopt};
  if (verb == "clear") return set;
  set.value = ParseNumber(rest);
  if (!set.value) return Error(Code::kInvalidArgument, "'" + rest + "' is not a number");
  return set;
}

Result<Answer> ReadAnswer(const std::string& text) {
  const size_t colon = text.find(": ");
  if (colon == std::string::npos) return Error(Code::kInvalidArgument, "'when COMMAND: ok|fail|hang' is wanted");
  Answer answer;
  answer.prefix = text.substr(0, colon);
  std::string rest = text.substr(colon + 2);
  while (true) {
    const size_t effect = rest.rfind("; ");
    if (effect == std::string::npos) break;
    const auto [verb, series] = Word(rest.substr(effect + 2));
    answer.effects.insert(answer.effects.begin(), TRY(ReadSet(verb, series)));
    rest = rest.substr(0, effect);
  }
  auto [end, more] = Word(rest);
  if (end == "fail") {
    answer.end = End::kFailed;
  } else if (end == "hang") {
    answer.end = End::kLost;
  } else if (end != "ok") {
    return Error(Code::kInvalidArgument, "'" + end + "' must be ok, fail or hang");
  }
  if (more.starts_with("takes ")) {
    const auto [time, after] = Word(more.substr(6));
    answer.takes = TRY(TimeOf(time));
    more = after;
  }
  if (!more.empty()) answer.out = TRY(ParseJson(more));
  return answer;
}

Result<Happening> ReadHappening(const std::string& text) {
  const auto [time, rest] = Word(text);
  Happening happening;
  happening.at = TRY(TimeOf(time));
  const auto [verb, more] = Word(rest);
  if (verb == "set" || verb == "clear") {
    happening.what = TRY(ReadSet(verb, more));
  } else if (verb == "channel") {
    const auto [name, state] = Word(more);
    happening.what = Channel{name, state == "dead"};
  } else {
    const auto [what, runbook] = Word(more);
    if (what != "acknowledges" && what != "resolves" && what != "approves" && what != "refuses") {
      return Error(Code::kInvalidArgument, "'" + rest + "' is nothing that can happen");
    }
    happening.what = PersonActs{what, verb, runbook};
  }
  return happening;
}

Result<Want> ReadWant(const std::string& text, bool never, Duration end) {
  Want want;
  want.never = never;
  const auto [window, event] = Word(text);
  const size_t dots = window.find("..");
  if (dots == std::string::npos) {  // never EVENT
    if (!never) return Error(Code::kInvalidArgument, "'want FROM..TO EVENT' is wanted");
    want.to = end;
    want.event = std::string(Trim(text));
    return want;
  }
  want.from = TRY(TimeOf(window.substr(0, dots)));
  want.to = window.size() == dots + 2 ? end : TRY(TimeOf(window.substr(dots + 2)));
  want.event = event;
  if (want.event.empty() || want.to < want.from)
    return Error(Code::kInvalidArgument, "a window and an event are wanted");
  return want;
}

Status ReadLine(const std::string& verb, const std::string& rest, int line, Scenario& scenario) {
  if (verb == "runbook") {
    scenario.runbooks.push_back(rest);
  } else if (verb == "policy") {  // policy RUNBOOK NAME
    const auto [runbook, policy] = Word(rest);
    scenario.policies[runbook] = policy;
  } else if (verb == "start") {
    scenario.start = TRY(ParseTime(rest));
  } else if (verb == "tick") {
    scenario.tick = TRY(TimeOf(rest));
  } else if (verb == "end") {
    scenario.end = TRY(TimeOf(rest));
  } else if (verb == "at") {
    scenario.happenings.push_back(TRY(ReadHappening(rest)));
    scenario.happenings.back().line = line;
  } else if (verb == "when") {
    scenario.answers.push_back(TRY(ReadAnswer(rest)));
    scenario.answers.back().line = line;
  } else if (verb == "want" || verb == "never") {
    scenario.wants.push_back(TRY(ReadWant(rest, verb == "never", scenario.end)));
    scenario.wants.back().line = line;
  } else {
    return Error(Code::kInvalidArgument, "unknown word '" + verb + "'");
  }
  return {};
}

}  // namespace

Result<Scenario> Parse(const std::string& text, const std::string& file) {
  Scenario scenario;
  scenario.file = file;
  scenario.start = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(3));
  int line = 0;
  for (const std::string_view raw : Split(text, '\n')) {
    ++line;
    const std::string_view trimmed = Trim(raw);
    if (trimmed.empty() || trimmed.front() == '#') continue;
    const auto [verb, rest] = Word(trimmed);
    const Status read = ReadLine(verb, rest, line, scenario);
    if (!read.ok()) {
      return Error(Code::kInvalidArgument, file + ":" + std::to_string(line) + ": " + read.error().message());
    }
  }
  std::stable_sort(scenario.happenings.begin(), scenario.happenings.end(),
                   [](const Happening& a, const Happening& b) { return a.at < b.at; });
  return scenario;
}

}  // namespace vigia::controller::scenario
