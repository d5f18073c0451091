#include "cli/completion_command.h"

#include <ostream>

namespace vigia::cli {

namespace {

// One shell case per command path: its subcommands and its long flags.
void AppendCases(const CLI::App& app, const std::string& path, std::string& cases) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words += sub->get_name() + " ";
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  if (app.get_parent() != nullptr) words += "--home --json ";
  words.pop_back();
  cases += "    \"" + path + "\") words=\"" + words + "\" ;;\n";
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    AppendCases(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), cases);
  }
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

std::string CompletionScript(const CLI::App& app, const std::string& shell) {
  std::string cases;
  AppendCases(app, "", cases);
  std::string script = kScript;
  constexpr std::string_view kMark = "@CASES@";
  script.replace(script.find(kMark), kMark.size(), cases);
  if (shell == "zsh") script = "autoload -Uz bashcompinit && bashcompinit\n" + script;
  return script;
}

void AddCompletionCommand(Commands& commands) {
  auto shell = std::make_shared<std::string>();
  auto command = std::make_shared<CLI::App*>();
  *command = commands.Add("completion", "Print a completion script: source <(vigia completion bash)",
                          [shell, command](Context& context) -> Result<int> {
                            context.out << CompletionScript(*(*command)->get_parent(), *shell);
                            return 0;
                          });
  (*command)->add_option("shell", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
}

}  // namespace vigia::cli
