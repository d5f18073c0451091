#include "signals/probe.h"

#include <algorithm>

namespace vigia::signals {

std::vector<Sample> Probe::Collect(WallTime now) {
  const MonoTime started = world_.clock.Mono();
  Findings findings(now, common_.labels);
  const Outcome outcome = Measure(now, findings);
  if (outcome == Outcome::kAbsent) return {};
  const double seconds = std::chrono::duration<double>(world_.clock.Mono() - started).count();
  findings.Add("probe_success", outcome == Outcome::kGood ? 1 : 0);
  findings.Add("probe_seconds", seconds);
  return std::move(findings.samples());
}

std::vector<Sample> Probe::Hanging(WallTime now) const {
  return {{"probe_success", common_.labels, 0, now}, {"probe_hanging", common_.labels, 1, now}};
}

std::string Probe::Path(const std::string& path) const {
  return !path.empty() && path.front() == '/' ? path : JoinPath(world_.home, path);
}

Fields Fields::Load(config::MapReader& reader) {
  Fields fields;
  const config::YamlNode* map = reader.Map("signals");
  if (map == nullptr) return fields;
  for (const auto& [name, expression] : map->map) {
    if (!IsSignalName(name)) {
      reader.Add(expression.line, "'" + name + "' is not a name of a signal: letters, digits and _");
      continue;
    }
    auto filter = jq::Filter::Compile(expression.scalar);
    if (filter.ok()) {
      fields.filters_.emplace_back(name, std::make_shared<const jq::Filter>(*std::move(filter)));
    } else {
      reader.Add(expression.line, "'" + name + "': " + filter.error().message());
    }
  }
  return fields;
}

namespace {

std::optional<double> NumberOf(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1.0 : 0.0;
  return std::nullopt;
}

}  // namespace

void Fields::Extract(const Json& document, Findings& findings) const {
  const std::lock_guard lock(*mutex_);
  for (const auto& [name, filter] : filters_) {
    const Result<Json> found = filter->Run(document);
    if (!found.ok()) continue;
    if (const auto number = NumberOf(*found)) findings.Add(name, *number);
    if (!found->is_array()) continue;
    for (const Json& entry : *found) {
      if (!entry.is_object() || !entry.contains("value")) continue;
      const auto number = NumberOf(entry["value"]);
      if (number) findings.Add(name, *number, LabelSet::FromJson(entry.value("labels", Json::object())));
    }
  }
}

std::shared_ptr<const jq::Filter> LoadCondition(config::MapReader& reader, std::string_view key) {
  const std::string expression = reader.Text(key);
  if (expression.empty()) return nullptr;
  auto filter = jq::Filter::Compile(expression);
  if (filter.ok()) return std::make_shared<const jq::Filter>(*std::move(filter));
  reader.Add(reader.Line(key), "'" + std::string(key) + "': " + filter.error().message());
  return nullptr;
}

bool IsSignalName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':'; };
  if (name.empty() || !letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::vector<std::string> LoadProgram(config::MapReader& reader, std::string_view key, const ProbeRules& rules) {
  const config::YamlNode* list = reader.List(key);
  if (list == nullptr && reader.Has(key)) return {};  // told by List
  std::vector<std::string> arguments = reader.Texts(key);
  if (arguments.empty()) {
    reader.Add(reader.Line(key), "'" + std::string(key) + "' must be a list: the program, then its arguments");
  } else if (std::find(rules.programs.begin(), rules.programs.end(), arguments[0]) == rules.programs.end()) {
    reader.Add(reader.Line(key), "'" + arguments[0] + "' is not among the allowed programs (signals.programs)");
  }
  return arguments;
}

}  // namespace vigia::signals
