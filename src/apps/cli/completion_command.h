// `vigia completion bash|zsh`: completes commands and flags from the command table itself.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddCompletionCommand(Commands& commands);

// The script for a shell, "bash" or "zsh", that completes the command line of `program`.
std::string CompletionScript(const flags::Program& program, const std::string& shell);

}  // namespace vigia::cli
