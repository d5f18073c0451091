#include "runbooks/load_step.h"

#include "base/text.h"

namespace vigia::runbooks {
namespace {

using config::MapReader;
using config::YamlNode;

// A command and what the catalogue says of it.
struct Known {
  Command command;
  Effect effect = Effect::kRead;
  bool idempotent = false;
};

std::optional<Known> ReadProgram(MapReader& reader, Loader& loader) {
  const int line = reader.Line("run");
  const YamlNode* list = reader.List("run");
  if (list == nullptr) return std::nullopt;
  Program program;
  std::vector<std::string> words;
  for (const YamlNode& item : list->items) {
    if (item.kind != YamlNode::Kind::kScalar) reader.Add(item.line, "'run' must be a list of words");
    words.push_back(item.scalar);
    if (auto made = CompileTemplate(item.scalar, item.line, loader)) program.arguments.push_back(*std::move(made));
  }
  if (words.empty()) {
    reader.Add(line, "'run' must name a program");
    return std::nullopt;
  }
  const AllowedCommand* allowed = loader.catalogue.Find(words);
  if (allowed == nullptr) {
    reader.Add(line, "unknown action '" + Join(words, " ") + "': it is not in the list of allowed commands");
    return std::nullopt;
  }
  return Known{std::move(program), allowed->effect, allowed->idempotent};
}

std::optional<Known> ReadHttp(const YamlNode& node, Loader& loader) {
  MapReader reader(node, loader.file, loader.where + ": http", loader.problems);
  HttpCall call;
  call.method = ToUpperAscii(reader.Text("method", "GET"));
  const auto url = CompileTemplate(reader.RequiredText("url"), reader.Line("url"), loader);
  if (const YamlNode* headers = reader.Map("headers")) {
    for (const auto& [name, value] : headers->map) {
      if (auto made = CompileTemplate(value.scalar, value.line, loader)) call.headers.emplace_back(name, *made);
    }
  }
  if (reader.Has("body")) call.body = CompileTemplate(reader.Text("body"), reader.Line("body"), loader);
  for (const std::string& status : reader.Texts("expect")) {
    const auto number = ParseInteger(status);
    if (number && *number >= 100 && *number <= 599) {
      call.expect.push_back(static_cast<int>(*number));
    } else {
      reader.Add(reader.Line("expect"), "'expect' must list HTTP statuses");
    }
  }
  reader.Finish();
  if (!url) return std::nullopt;
  if (url->text().substr(0, 7) != "http://" && url->text().substr(0, 8) != "https://" &&
      url->text().substr(0, 2) != "{{") {
    reader.Add(reader.Line("url"), "'url' must begin with http:// or https://");
  }
  call.url = *url;
  // RFC 9110, section 9.2: which methods are safe, and which idempotent.
  const bool safe = call.method == "GET" || call.method == "HEAD" || call.method == "OPTIONS";
  const bool idempotent = safe || call.method == "PUT" || call.method == "DELETE";
  return Known{std::move(call), safe ? Effect::kRead : Effect::kWrite, idempotent};
}

std::optional<Known> ReadCommand(MapReader& reader, Loader& loader) {
  if (reader.Has("run")) return ReadProgram(reader, loader);
  if (const YamlNode* http = reader.Map("http")) return ReadHttp(*http, loader);
  return std::nullopt;
}

void ReadProbe(const YamlNode& node, Loader& loader, Act& act) {
  MapReader reader(node, loader.file, loader.where + ": probe", loader.problems);
  const auto known = ReadCommand(reader, loader);
  Probe probe;
  probe.done_when = ReadExpression(reader, "done_when", loader);
  if (!reader.Has("done_when")) reader.Add(node.line, "'done_when' is missing");
  probe.timeout = reader.Time("timeout", probe.timeout);
  reader.Finish();
  if (!known) {
    if (!reader.Has("run") && !reader.Has("http")) reader.Add(node.line, "a probe needs run or http");
    return;
  }
  if (known->effect != Effect::kRead) reader.Add(node.line, "a probe must only read");
  probe.command = known->command;
  if (probe.done_when != nullptr) act.probe = std::move(probe);
}

void ReadUndo(const YamlNode& node, Loader& loader, Act& act) {
  MapReader reader(node, loader.file, loader.where + ": undo", loader.problems);
  const auto known = ReadCommand(reader, loader);
  const bool idempotent = reader.Flag("idempotent", known && known->idempotent);
  act.undo_timeout = reader.Time("timeout", act.undo_timeout);
  reader.Finish();
  if (!known) {
    if (!reader.Has("run") && !reader.Has("http")) reader.Add(node.line, "an undo needs run or http");
    return;
  }
  if (!idempotent) reader.Add(node.line, "an undo must be idempotent: after a crash it is done again");
  act.undo = known->command;
}

Act ReadAct(MapReader& reader, const Step& step, Loader& loader) {
  Act act;
  if (const auto known = ReadCommand(reader, loader)) {
    act.command = known->command;
    act.effect = known->effect;
    act.idempotent = known->idempotent;
  }
  const Effect least = act.effect;
  act.effect = reader.Choice<Effect>(
      "effect", {{"read", Effect::kRead}, {"write", Effect::kWrite}, {"destructive", Effect::kDestructive}},
      act.effect);
  if (act.effect < least) {
    reader.Add(reader.Line("effect"), "step '" + step.id + "' has the effect " + std::string(EffectName(least)) +
                                          ", which cannot be declared away");
    act.effect = least;
  }
  act.idempotent = reader.Flag("idempotent", act.idempotent);
  act.timeout = reader.Time("timeout", act.timeout);
  if (act.timeout <= Duration::zero()) reader.Add(reader.Line("timeout"), "'timeout' must be longer than nothing");
  if (const YamlNode* retry = reader.Map("retry")) {
    MapReader retry_reader(*retry, loader.file, loader.where + ": retry", loader.problems);
    act.retry.max = static_cast<int>(retry_reader.Integer("max", act.retry.max));
    act.retry.backoff = retry_reader.Time("backoff", act.retry.backoff);
    if (act.retry.max < 0 || act.retry.max > 20) retry_reader.Add(retry->line, "'max' must be between 0 and 20");
    retry_reader.Finish();
  }
  if (const YamlNode* probe = reader.Map("probe")) ReadProbe(*probe, loader, act);
  if (const YamlNode* undo = reader.Map("undo")) ReadUndo(*undo, loader, act);
  return act;
}

}  // namespace

Expression CompileExpression(const std::string& text, int line, Loader& loader) {
  auto filter = jq::Filter::Compile(text, loader.compiling);
  if (filter.ok()) return std::make_shared<const jq::Filter>(*std::move(filter));
  loader.problems.push_back({loader.file, line, loader.where + ": " + filter.error().message()});
  return nullptr;
}

Expression ReadExpression(MapReader& reader, std::string_view key, Loader& loader) {
  if (!reader.Has(key)) return nullptr;
  const int line = reader.Line(key);
  return CompileExpression(reader.Text(key), line, loader);
}

std::optional<jq::Template> CompileTemplate(const std::string& text, int line, Loader& loader) {
  auto made = jq::Template::Compile(text, loader.compiling);
  if (made.ok()) return *std::move(made);
  loader.problems.push_back({loader.file, line, loader.where + ": " + made.error().message()});
  return std::nullopt;
}

Approve ReadApprove(MapReader& reader) {
  Approve approve;
  approve.by = reader.Texts("by");
  approve.min = static_cast<int>(reader.Integer("min", approve.min));
  approve.timeout = reader.Time("timeout", approve.timeout);
  if (approve.by.empty() || approve.min < 1) reader.Add(reader.line(), "an approval needs by, and min >= 1");
  return approve;
}

Step LoadStep(const YamlNode& node, OnFailure default_failure, Loader& loader) {
  Step step;
  step.line = node.line;
  MapReader reader(node, loader.file, loader.where + ": step", loader.problems);
  step.id = reader.RequiredText("id");
  step.text = reader.Text("text");
  step.condition = ReadExpression(reader, "if", loader);
  step.on_failure = reader.Choice<OnFailure>("on_failure",
                                             {{"next_attempt", OnFailure::kNextAttempt},
                                              {"continue", OnFailure::kContinue},
                                              {"escalate", OnFailure::kEscalate}},
                                             default_failure);
  const int kinds = (reader.Has("run") ? 1 : 0) + (reader.Has("http") ? 1 : 0) + (reader.Has("wait") ? 1 : 0) +
                    (reader.Has("assert") ? 1 : 0) + (reader.Has("approve") ? 1 : 0);
  if (kinds != 1) {
    reader.Add(node.line, "a step is exactly one of run, http, wait, assert or approve");
    return step;
  }
  if (reader.Has("wait")) {
    step.what = Wait{reader.Time("wait", Duration::zero())};
  } else if (reader.Has("assert")) {
    step.what = Assert{ReadExpression(reader, "assert", loader)};
  } else if (const YamlNode* approve = reader.Map("approve")) {
    MapReader approve_reader(*approve, loader.file, loader.where + ": approve", loader.problems);
    step.what = ReadApprove(approve_reader);
    approve_reader.Finish();
  } else {
    step.what = ReadAct(reader, step, loader);
  }
  reader.Finish();
  return step;
}

}  // namespace vigia::runbooks
