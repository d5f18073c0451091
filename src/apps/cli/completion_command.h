// `vigia completion bash|zsh`: completes commands and flags from the command table itself.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddCompletionCommand(Commands& commands);

// The script for a shell, "bash" or "zsh", that completes `app`.
std::string CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace vigia::cli
