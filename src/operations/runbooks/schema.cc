// JSON schema of a runbook, for editors. The loader decides; schema_test checks that both know the same keys.
#include "runbooks/load.h"

namespace vigia::runbooks {
namespace {

Json Ref(const char* name) { return {{"$ref", std::string("#/$defs/") + name}}; }
Json ListOf(Json item) { return {{"type", "array"}, {"items", std::move(item)}}; }
Json OneOf(std::initializer_list<const char*> values) {
  Json list = Json::array();
  for (const char* value : values) list.push_back(value);
  return {{"enum", list}};
}
Json Object(Json properties, std::initializer_list<const char*> required = {}) {
  Json object = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  for (const char* name : required) object["required"].push_back(name);
  return object;
}
Json Text(const char* description) { return {{"type", "string"}, {"description", description}}; }
Json Whole(int minimum) { return {{"type", "integer"}, {"minimum", minimum}}; }
Json Number() { return {{"type", "number"}}; }
Json Flag() { return {{"type", "boolean"}}; }
Json Texts() { return {{"anyOf", {{{"type", "string"}}, ListOf({{"type", "string"}})}}}; }

Json SelectorProperties() {
  return {{"signal", Text("name of the series")},
          {"labels", ListOf(Text("name=\"value\", !=, =~ or !~"))},
          {"function",
           OneOf({"last", "avg", "min", "max", "sum", "count", "rate", "increase", "quantile", "age", "uptime"})},
          {"window", Ref("duration")},
          {"quantile", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}},
          {"of", Object({{"signal", Text("a share: the sum of the readings over the sum of these")},
                         {"labels", ListOf(Text("matcher"))}},
                        {"signal"})}};
}

constexpr const char* kComparisons[] = {"below", "at_most", "above", "at_least", "equals", "not_equals"};

Json ConditionSchema() {
  Json properties = SelectorProperties();
  for (const char* name : kComparisons) properties[name] = Number();
  properties["all"] = ListOf(Ref("condition"));
  properties["any"] = ListOf(Ref("condition"));
  return Object(std::move(properties));
}

Json PromqlSchema() {
  Json properties = {{"url", Text("of a Prometheus")},
                     {"query", Text("an instant query; each series of the answer is an instance")},
                     {"headers", {{"type", "object"}}},
                     {"ca_file", Text("certificates to trust")},
                     {"timeout", Ref("duration")}};
  for (const char* name : kComparisons) properties[name] = Number();
  return Object(std::move(properties), {"url", "query"});
}

Json CheckSchema() {
  return Object({{"name", Text("unique")},
                 {"when", Ref("condition")},
                 {"promql", PromqlSchema()},
                 {"by", Texts()},
                 {"every", Ref("duration")},
                 {"for", Ref("duration")},
                 {"keep_firing_for", Ref("duration")},
                 {"no_data", OneOf({"ok", "alert", "unknown"})},
                 {"flapping", Object({{"enabled", Flag()}, {"high", Number()}, {"low", Number()}})},
                 {"severity", Ref("severity")},
                 {"labels", {{"type", "object"}}},
                 {"annotations", {{"type", "object"}}}},
                {"name"});
}

void AddCommand(Json& properties) {
  properties["run"] = ListOf(Text("program and arguments, each a word; {{ jq }} over the run's document"));
  properties["http"] = Object({{"method", Text("GET unless said")},
                               {"url", Text("http:// or https://")},
                               {"headers", {{"type", "object"}}},
                               {"body", Text("may hold {{ jq }}")},
                               {"expect", ListOf(Whole(100))}},
                              {"url"});
}

Json ApprovalProperties() {
  return {{"by", ListOf(Text("person:NAME or role:NAME"))}, {"min", Whole(1)}, {"timeout", Ref("duration")}};
}

Json StepSchema() {
  Json probe = Json::object();
  AddCommand(probe);
  probe["done_when"] = Ref("expression");
  probe["timeout"] = Ref("duration");
  Json undo = Json::object();
  AddCommand(undo);
  undo["idempotent"] = Flag();
  undo["timeout"] = Ref("duration");
  Json properties = {{"id", Text("unique in the runbook")},
                     {"text", Text("what it is for")},
                     {"if", Ref("expression")},
                     {"on_failure", OneOf({"next_attempt", "continue", "escalate"})},
                     {"wait", Ref("duration")},
                     {"assert", Ref("expression")},
                     {"approve", Object(ApprovalProperties(), {"by"})},
                     {"effect", OneOf({"read", "write", "destructive"})},
                     {"idempotent", Flag()},
                     {"timeout", Ref("duration")},
                     {"retry", Object({{"max", Whole(0)}, {"backoff", Ref("duration")}})},
                     {"probe", Object(std::move(probe), {"done_when"})},
                     {"undo", Object(std::move(undo))}};
  AddCommand(properties);
  return Object(std::move(properties), {"id"});
}

Json GuardsSchema() {
  Json approval = ApprovalProperties();
  approval["when"] = Ref("expression");
  return Object(
      {{"cooldown", Ref("duration")},
       {"max_runs", ListOf(Object({{"runs", Whole(1)}, {"per", Ref("duration")}}))},
       {"max_concurrent", Whole(0)},
       {"lock", Texts()},
       {"blast_radius", Object({{"group_by", Texts()}, {"max_targets", Whole(1)}, {"min_healthy", Number()}})},
       {"deny_windows", Texts()},
       {"require", ListOf(Ref("expression"))},
       {"approval", Object(std::move(approval), {"by"})},
       {"deadline", Ref("duration")}});
}

Json Definitions() {
  Json named = SelectorProperties();
  named["match"] = Texts();
  return {{"duration", {{"type", "string"}, {"pattern", "^(0|([0-9.]+(us|ms|s|m|h|d|w))+)$"}}},
          {"expression", Text("jq over {labels, alert, incident, signals, checks, run, steps, step, now}")},
          {"severity", OneOf({"critical", "high", "medium", "low"})},
          {"condition", ConditionSchema()},
          {"check", CheckSchema()},
          {"signal", Object(std::move(named), {"signal"})},
          {"step", StepSchema()}};
}

}  // namespace

Json RunbookSchema() {
  Json schema = Object(
      {{"name", Text("unique, kebab-case")},
       {"title", Text("one line; it becomes the incident's")},
       {"summary", Text("what is wrong and what this does about it")},
       {"mode", OneOf({"auto", "approve", "dry-run", "off"})},
       {"severity", Ref("severity")},
       {"checks", ListOf(Ref("check"))},
       {"trigger", ListOf(Object({{"check", Text("name of a check")},
                                  {"alert", ListOf(Text("matcher"))},
                                  {"schedule", Text("five cron fields, or @daily and its like")},
                                  {"time_zone", Text("of the schedule; UTC without it")}}))},
       {"key", Texts()},
       {"signals", {{"type", "object"}, {"additionalProperties", Ref("signal")}}},
       {"on_resolve", OneOf({"verify", "stop"})},
       {"guards", GuardsSchema()},
       {"diagnose", ListOf(Ref("step"))},
       {"mitigate", ListOf(Object({{"name", Text("unique in the runbook")},
                                   {"text", Text("what it is for")},
                                   {"if", Ref("expression")},
                                   {"steps", ListOf(Ref("step"))}},
                                  {"name", "steps"}))},
       {"verify", Object({{"when", Ref("expression")},
                          {"after", Ref("duration")},
                          {"every", Ref("duration")},
                          {"need", Whole(1)},
                          {"fail_after", Whole(0)},
                          {"timeout", Ref("duration")}},
                         {"when"})},
       {"revert",
        Object({{"when", Ref("expression")}, {"for", Ref("duration")}, {"max_hold", Ref("duration")}}, {"when"})},
       {"escalate", Object({{"policy", Text("name of an escalation policy")},
                            {"at_once", Flag()},
                            {"after", Ref("duration")},
                            {"facts", {{"type", "object"}, {"additionalProperties", Ref("expression")}}}},
                           {"policy"})},
       {"postmortem", Object({{"when", OneOf({"always", "escalated", "never"})},
                              {"owner", Text("team or person")},
                              {"due", Ref("duration")}})}},
      {"name", "title", "escalate"});
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "Vigia runbook";
  schema["$defs"] = Definitions();
  return schema;
}

}  // namespace vigia::runbooks
