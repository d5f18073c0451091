#include "cli/config_command.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/live_changes.h"
#include "config/document.h"
#include "config/file.h"
#include "control/settings.h"
#include "retention/settings.h"
#include "serve/settings.h"

namespace vigia::cli {

namespace {

Json ToJson(const config::KeyState& state) {
  return {{"key", state.name},
          {"value", state.value_text},
          {"default", state.default_text},
          {"type", state.type},
          {"origin", std::string(config::OriginName(state.origin))},
          {"origin_detail", state.origin_detail},
          {"environment", state.options.environment},
          {"older_environment", state.options.older_name},
          {"help", state.options.help}};
}

Result<std::vector<config::KeyState>> StatesOf(const Context& context) {
  std::vector<config::KeyState> states;
  for (const auto& explain : {serve::ExplainSettings, control::ExplainSettings, retention::ExplainSettings}) {
    for (config::KeyState& state : TRY(explain(context.files, context.home, context.environment))) {
      states.push_back(std::move(state));
    }
  }
  ApplyLiveChanges(TRY(ReadLiveChanges(context)), states);
  for (config::KeyState& state : config::ExplainDocuments(TRY(config::ReadFile(context.files, context.home)))) {
    states.push_back(std::move(state));
  }
  return states;
}

Result<int> Show(Context& context, bool only_changed) {
  const std::vector<config::KeyState> states = TRY(StatesOf(context));
  Json list = Json::array();
  for (const config::KeyState& state : states) {
    if (only_changed && state.origin == config::Origin::kDefault) continue;
    if (context.json()) {
      list.push_back(ToJson(state));
      continue;
    }
    const std::string origin = state.origin_detail.empty() ? "default" : state.origin_detail;
    const std::string variable =
        state.options.environment.empty() || state.options.environment == origin ? "" : state.options.environment;
    context.out << fmt::format("{:<28} {:<28} {:<18} {}\n", state.name,
                               state.value_text.empty() ? "-" : state.value_text, origin, variable);
  }
  if (context.json()) context.PrintJson(list);
  return 0;
}

}  // namespace

void AddConfigCommands(Commands& commands) {
  commands.Describe(
      "config", "Settings: vigia.yaml in the home, .env, the environment, flags and live changes win in that order");
  auto only_changed = std::make_shared<bool>(false);
  flags::Command show =
      commands.Add("config show", "Each setting in force, and where it came from; secrets stay hidden",
                   [only_changed](Context& context) { return Show(context, *only_changed); });
  show.Switch("--changed", *only_changed, "Only what differs from the defaults' origin");
  show.Footer(
      "Columns: key, value, origin (file and line, variable, or live and until when), the variable that can set it.\n"
      "All sections of vigia.yaml are shown. What could be a secret is ***, and so is all below environment and "
      "headers.\n");
}

}  // namespace vigia::cli
