#include "cli/commands.h"

#include "cli/completion_command.h"
#include "cli/serve_command.h"

namespace vigia::cli {

void AddAllCommands(Commands& commands) {
  AddServeCommands(commands);
  AddCompletionCommand(commands);
}

}  // namespace vigia::cli
