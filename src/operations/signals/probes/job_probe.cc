#include "signals/probes/job_probe.h"

#include <algorithm>

#include "base/text.h"

namespace vigia::signals {

Probe::Outcome JobProbe::Measure(WallTime, Findings& findings) {
  ProcessRequest request;
  request.arguments = settings_.command;
  request.environment = {{"VIGIA_HOME", world_.home}};
  request.timeout = common().timeout;
  request.max_output = 4 * 1024 * 1024;
  const auto result = world_.processes.Run(request);
  if (!result.ok() || result->end != ProcessResult::End::kExited) return Outcome::kBad;
  findings.Add("job_exit_code", result->code);
  bool good = std::find(settings_.expect.begin(), settings_.expect.end(), result->code) != settings_.expect.end();
  if (settings_.fields.empty() && settings_.expect_json == nullptr) return good ? Outcome::kGood : Outcome::kBad;
  const auto document = result->truncated ? Result<Json>(Error(Code::kResourceExhausted, "the output is too long"))
                                          : ParseJson(result->out);
  if (!document.ok()) return Outcome::kBad;
  settings_.fields.Extract(*document, findings);
  if (settings_.expect_json != nullptr) {
    good = good && settings_.expect_json->Test(*document) == jq::Verdict::kTrue;
  }
  return good ? Outcome::kGood : Outcome::kBad;
}

SourceMaker LoadJobProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules) {
  JobProbeSettings settings;
  settings.command = LoadProgram(reader, "command", rules);
  settings.expect_json = LoadCondition(reader, "expect_json");
  if (reader.Has("expect")) {
    settings.expect.clear();
    for (const std::string& text : reader.Texts("expect")) {
      const auto code = ParseInteger(text);
      if (code && *code >= 0 && *code <= 255) {
        settings.expect.push_back(static_cast<int>(*code));
      } else {
        reader.Add(reader.Line("expect"), "'expect' must be an exit code from 0 to 255, or a list of them");
      }
    }
  }
  settings.fields = Fields::Load(reader);
  return MakerOf<JobProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
