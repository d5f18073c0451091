#include "cli/serve_command.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace vigia::cli {

namespace {

// The service's program lies beside this one.
Result<std::string> ProgramBeside(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Error(Code::kInternal, "cannot find the folder of this program");
  return (self.parent_path() / name).string();
}

Result<int> Become(Context& context, const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{program, "--home", context.home};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  context.out.flush();
  ::execv(program.c_str(), argv.data());
  return Error(Code::kUnavailable, "cannot start " + program + ": " + std::strerror(errno));
}

}  // namespace

void AddServeCommands(Commands& commands) {
  commands.Describe("serve", "Run a service in the foreground");
  auto rest = std::make_shared<std::function<std::vector<std::string>()>>();
  flags::Command risk = commands.Add(
      "serve risk", "The school-lag risk service",
      [rest](Context& context) -> Result<int> { return Become(context, TRY(ProgramBeside("vigia-risk")), (*rest)()); });
  // Every flag is the service's own; its --help describes them.
  risk.TakeRest();
  *rest = [risk] { return risk.Rest(); };
}

}  // namespace vigia::cli
