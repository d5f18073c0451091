#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

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
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  vigia::Progress& progress = terminal ? static_cast<vigia::Progress&>(bar) : silent;
  const vigia::cli::World world{files,     clock,     entropy,
                                executor,  progress,  environment,
                                std::cout, std::cerr, terminal && ::isatty(STDIN_FILENO) != 0};
  const int code = vigia::cli::Run({argv + 1, argv + argc}, world);
  std::cout.flush();
  return std::cout ? code : 1;
}
