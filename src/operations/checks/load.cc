#include "checks/load.h"

#include <array>
#include <limits>
#include <set>

#include "signals/probes/promql.h"

namespace vigia::checks {
namespace {

using config::MapReader;
using config::Problem;
using config::YamlNode;
using signals::Function;

constexpr Duration kShortestTimeout = std::chrono::milliseconds(100);
constexpr std::array<std::pair<std::string_view, Comparison>, 6> kComparisons = {
    {{"below", Comparison::kLess},
     {"at_most", Comparison::kLessEqual},
     {"above", Comparison::kGreater},
     {"at_least", Comparison::kGreaterEqual},
     {"equals", Comparison::kEqual},
     {"not_equals", Comparison::kNotEqual}}};

void ReadSeries(MapReader& reader, signals::Selector& selector) {
  selector.signal = reader.RequiredText("signal");
  for (const std::string& text : reader.Texts("labels")) {
    auto matcher = signals::Matcher::Parse(text);
    if (matcher.ok()) {
      selector.labels.push_back(*std::move(matcher));
    } else {
      reader.Add(reader.Line("labels"), matcher.error().message());
    }
  }
}

void ReadSelector(MapReader& reader, signals::Selector& selector) {
  ReadSeries(reader, selector);
  selector.function = reader.Choice<Function>("function",
                                              {{"last", Function::kLast},
                                               {"avg", Function::kAvg},
                                               {"min", Function::kMin},
                                               {"max", Function::kMax},
                                               {"sum", Function::kSum},
                                               {"count", Function::kCount},
                                               {"rate", Function::kRate},
                                               {"increase", Function::kIncrease},
                                               {"quantile", Function::kQuantile},
                                               {"age", Function::kAge},
                                               {"uptime", Function::kUptime}},
                                              Function::kLast);
  selector.window = reader.Time("window", selector.window);
  selector.quantile = reader.Number("quantile", selector.quantile);
  if (!(selector.quantile >= 0 && selector.quantile <= 1)) {
    reader.Add(reader.Line("quantile"), "'quantile' must be between 0 and 1");
  }
}

}  // namespace

std::optional<signals::Selector> LoadOf(MapReader& reader, const signals::Selector& part) {
  const YamlNode* node = reader.Map("of");
  if (node == nullptr) return std::nullopt;
  signals::Selector whole;
  whole.function = part.function;
  whole.window = part.window;
  MapReader of_reader(*node, reader.file(), "of", reader.problems());
  ReadSeries(of_reader, whole);
  of_reader.Finish();
  return whole;
}

namespace {

// Which comparisons are there; the last one is in the condition.
int ReadComparison(MapReader& reader, Condition& condition) {
  int given = 0;
  for (const auto& [name, comparison] : kComparisons) {
    if (!reader.Has(name)) continue;
    condition.comparison = comparison;
    condition.bound = reader.Number(name, 0);
    ++given;
  }
  return given;
}

// Each series of the answer is an instance; a missing answer is missing data.
void ReadPromqlCheck(const YamlNode& node, const std::string& file, const std::string& where, Check& check,
                     std::vector<Problem>& problems) {
  MapReader reader(node, file, where + ": promql", problems);
  signals::PromqlSettings settings = signals::ReadPromql(reader);
  settings.signal = "promql:" + check.name;
  signals::ProbeCommon common;
  common.name = settings.signal;
  common.every = check.every;
  common.timeout = reader.Time("timeout", std::min(common.timeout, std::max(check.every, kShortestTimeout)));
  if (common.timeout < kShortestTimeout) reader.Add(reader.Line("timeout"), "'timeout' must be at least 100ms");
  check.when.selector.signal = settings.signal;
  check.when.selector.window = check.every * 2 + common.timeout;
  check.when.comparison = Comparison::kGreaterEqual;
  check.when.bound = -std::numeric_limits<double>::infinity();
  if (ReadComparison(reader, check.when) > 1) reader.Add(node.line, "a condition has one comparison");
  reader.Finish();
  check.source = signals::MakerOf<signals::PromqlProbe>(std::move(common), std::move(settings));
}

Condition ReadCondition(const YamlNode& node, const std::string& file, const std::string& where,
                        std::vector<Problem>& problems) {
  Condition condition;
  MapReader reader(node, file, where, problems);
  const bool all = reader.Has("all");
  if (all || reader.Has("any")) {
    const std::string_view key = all ? "all" : "any";
    condition.kind = all ? Condition::Kind::kAll : Condition::Kind::kAny;
    if (const YamlNode* list = reader.List(key)) {
      for (const YamlNode& part : list->items) condition.parts.push_back(ReadCondition(part, file, where, problems));
    }
    if (condition.parts.empty()) reader.Add(reader.Line(key), "'" + std::string(key) + "' must list conditions");
    reader.Finish();
    return condition;
  }
  ReadSelector(reader, condition.selector);
  condition.of = LoadOf(reader, condition.selector);
  if (ReadComparison(reader, condition) != 1) {
    reader.Add(node.line, "a condition needs exactly one of below, at_most, above, at_least, equals, not_equals");
  }
  reader.Finish();
  return condition;
}

Flapping ReadFlapping(const YamlNode& node, const std::string& file, const std::string& where,
                      std::vector<Problem>& problems) {
  Flapping flapping;
  MapReader reader(node, file, where, problems);
  flapping.enabled = reader.Flag("enabled", flapping.enabled);
  flapping.high = reader.Number("high", flapping.high);
  flapping.low = reader.Number("low", flapping.low);
  if (!(0 < flapping.low && flapping.low <= flapping.high && flapping.high <= 1)) {
    reader.Add(node.line, "'low' and 'high' must be shares with 0 < low <= high <= 1");
  }
  reader.Finish();
  return flapping;
}

}  // namespace

Measured LoadMeasured(const YamlNode& node, const std::string& file, std::vector<Problem>& problems) {
  Measured measured;
  MapReader reader(node, file, "signal", problems);
  ReadSelector(reader, measured.selector);
  measured.of = LoadOf(reader, measured.selector);
  reader.Finish();
  return measured;
}

Check LoadCheck(const YamlNode& node, const std::string& file, std::vector<Problem>& problems) {
  Check check;
  const YamlNode* name = node.Find("name");
  const std::string where = name != nullptr ? "check '" + name->scalar + "'" : "check";
  MapReader reader(node, file, where, problems);
  check.name = reader.RequiredText("name");
  if (const YamlNode* when = reader.Map("when")) {
    check.when = ReadCondition(*when, file, where, problems);
  } else if (!reader.Has("when") && !reader.Has("promql")) {
    reader.Add(node.line, "'when' is missing");
  }
  if (reader.Has("by")) check.by = reader.Texts("by");
  check.every = reader.Time("every", check.every);
  if (check.every <= Duration::zero()) reader.Add(reader.Line("every"), "'every' must be longer than nothing");
  if (const YamlNode* promql = reader.Map("promql")) {
    if (reader.Has("when")) reader.Add(reader.Line("promql"), "a check has either 'when' or 'promql'");
    ReadPromqlCheck(*promql, file, where, check, problems);
  }
  check.hold = reader.Time("for", check.hold);
  check.keep_firing_for = reader.Time("keep_firing_for", check.keep_firing_for);
  check.no_data = reader.Choice<NoData>(
      "no_data", {{"ok", NoData::kOk}, {"alert", NoData::kAlert}, {"unknown", NoData::kUnknown}}, check.no_data);
  if (const YamlNode* flapping = reader.Map("flapping")) {
    check.flapping = ReadFlapping(*flapping, file, where, problems);
  }
  if (reader.Has("severity")) {
    if (const auto severity = ParseSeverity(reader.Text("severity"))) {
      check.severity = *severity;
    } else {
      reader.Add(reader.Line("severity"), "'severity' must be critical, high, medium or low");
    }
  }
  if (const YamlNode* labels = reader.Map("labels")) {
    for (const auto& [key, value] : labels->map) check.labels.Set(key, value.scalar);
  }
  if (const YamlNode* annotations = reader.Map("annotations")) {
    for (const auto& [key, value] : annotations->map) check.annotations[key] = value.scalar;
  }
  reader.Finish();
  return check;
}

std::vector<Check> LoadChecks(const YamlNode& list, const std::string& file, std::vector<Problem>& problems) {
  std::vector<Check> checks;
  std::set<std::string> names;
  for (const YamlNode& node : list.items) {
    checks.push_back(LoadCheck(node, file, problems));
    if (!names.insert(checks.back().name).second) {
      problems.push_back({file, node.line, "check '" + checks.back().name + "' is defined twice"});
    }
  }
  return checks;
}

}  // namespace vigia::checks
