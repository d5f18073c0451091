#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "base/progress_lines.h"
#include "cli/app.h"
#include "cli/terminal_progress.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  vigia::SystemFiles files;
  vigia::SystemClock clock;
  vigia::SystemEntropy entropy;
  vigia::ThreadExecutor executor;
  vigia::NoProgress silent;
  vigia::cli::TerminalProgress bar(clock);
  vigia::ProgressLines lines(stderr, clock);
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  const bool asked = environment(vigia::kProgressVariable) == "json";
  ::unsetenv(vigia::kProgressVariable);  // whoever asked us did not ask those whom we start
  vigia::Progress* progress = &silent;
  if (terminal) progress = &bar;
  if (asked) progress = &lines;
  const vigia::cli::World world{files,     clock,     entropy,
                                executor,  *progress, environment,
                                std::cout, std::cerr, terminal && ::isatty(STDIN_FILENO) != 0};
  const int code = vigia::cli::Run({argv + 1, argv + argc}, world);
  std::cout.flush();
  return std::cout ? code : 1;
}
