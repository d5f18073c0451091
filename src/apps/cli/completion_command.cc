#include "cli/completion_command.h"

#include <ostream>

namespace vigia::cli {

namespace {

// One shell case per place: what may stand there.
std::string Cases(const flags::Program& program) {
  std::string cases;
  for (const flags::Program::Place& place : program.Places()) {
    std::string words;
    for (const std::string& word : place.words) words += (words.empty() ? "" : " ") + word;
    cases += "    \"" + place.path + "\") words=\"" + words + "\" ;;\n";
  }
  return cases;
}

constexpr const char* kScript = R"(_vigia() {
  local word path="" words="" current="${COMP_WORDS[COMP_CWORD]}" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    case "$word" in
      --home) ((i++)) ;;
      -*) ;;
      *) path="${path:+$path }$word" ;;
    esac
  done
  while true; do
    case "$path" in
@CASES@    esac
    [ -n "$words" ] || [ -z "$path" ] && break
    case "$path" in *" "*) path="${path% *}" ;; *) path="" ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _vigia vigia
)";

}  // namespace

std::string CompletionScript(const flags::Program& program, const std::string& shell) {
  std::string script = kScript;
  constexpr std::string_view kMark = "@CASES@";
  script.replace(script.find(kMark), kMark.size(), Cases(program));
  if (shell == "zsh") script = "autoload -Uz bashcompinit && bashcompinit\n" + script;
  return script;
}

void AddCompletionCommand(Commands& commands) {
  auto shell = std::make_shared<std::string>();
  flags::Command command = commands.Add("completion", "Print a completion script: source <(vigia completion bash)",
                                        [shell, &commands](Context& context) -> Result<int> {
                                          context.out << CompletionScript(commands.program(), *shell);
                                          return 0;
                                        });
  command.Option("shell", *shell, "bash or zsh").Required().OneOf({"bash", "zsh"});
}

}  // namespace vigia::cli
