#include "runbooks/document.h"

namespace vigia::runbooks {
namespace {

Result<RenderedProgram> RenderProgram(const Program& program, const Json& document) {
  RenderedProgram rendered;
  for (const jq::Template& argument : program.arguments) {
    std::string text = TRY(argument.Render(document));
    if (argument.text().substr(0, 2) == "{{" && !text.empty() && text.front() == '-') {
      return Error(Code::kInvalidArgument, "'" + argument.text() + "' becomes an option");
    }
    rendered.arguments.push_back(std::move(text));
  }
  return rendered;
}

Result<RenderedHttp> RenderHttp(const HttpCall& call, const Json& document) {
  RenderedHttp rendered;
  rendered.method = call.method;
  rendered.url = TRY(call.url.Render(document));
  for (const auto& [name, value] : call.headers) rendered.headers.emplace_back(name, TRY(value.Render(document)));
  if (call.body) rendered.body = TRY(call.body->Render(document));
  rendered.expect = call.expect;
  return rendered;
}

}  // namespace

double UnixSeconds(WallTime time) { return static_cast<double>(time.time_since_epoch().count()) / 1e6; }

Json RunDocument(const Runbook& runbook, const Run& run, const Json& base, WallTime now) {
  Json document = base;
  Json& steps = document["steps"] = Json::object();
  for (const auto& [id, record] : run.steps) {
    steps[id] = {{"state", StepStateName(record.state)},
                 {"exit", record.exit},
                 {"status", record.status},
                 {"out", record.out},
                 {"text", record.text},
                 {"at", UnixSeconds(record.finished_at)}};
  }
  Json& about = document["run"] = {{"id", run.id},
                                   {"incident", run.incident},
                                   {"runbook", run.runbook},
                                   {"mode", ModeName(run.mode)},
                                   {"created_at", UnixSeconds(run.created_at)}};
  if (run.attempt < runbook.mitigate.size()) about["attempt"] = runbook.mitigate[run.attempt].name;
  document["now"] = UnixSeconds(now);
  return document;
}

Json StepDocument(const Step& step, const StepRecord& record) {
  const auto* act = std::get_if<Act>(&step.what);
  return {{"id", step.id},
          {"effect", act != nullptr ? EffectName(act->effect) : "read"},
          {"command", act != nullptr ? CommandText(act->command) : ""},
          {"intent_at", UnixSeconds(record.intent_at)},
          {"tries", record.tries}};
}

Result<std::variant<RenderedProgram, RenderedHttp>> Render(const Command& command, const Json& document) {
  using Rendered = std::variant<RenderedProgram, RenderedHttp>;
  if (const auto* program = std::get_if<Program>(&command)) return Rendered(TRY(RenderProgram(*program, document)));
  return Rendered(TRY(RenderHttp(std::get<HttpCall>(command), document)));
}

}  // namespace vigia::runbooks
