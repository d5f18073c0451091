#include "cli/compat_command.h"

#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "base/text.h"
#include "cli/compat_shims.h"

namespace vigia::cli {

namespace {

enum class Found { kNothing, kSame, kOurs, kForeign };

struct CompatFlags {
  bool force = false;
};

// An empty __init__.py is as good as ours.
Result<Found> Look(const Files& files, const std::string& path, const Shim& shim) {
  if (!files.Exists(path)) return Found::kNothing;
  const std::string text = TRY(files.Read(path));
  if (text == shim.text) return Found::kSame;
  if (BaseName(path) == "__init__.py" && Trim(text).empty()) return Found::kSame;
  return text.starts_with(kShimMark) ? Found::kOurs : Found::kForeign;
}

Result<std::string> ThisProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Error(Code::kInternal, "cannot find the path of this program");
  return self.string();
}

// Everything is looked at before anything is written: a refusal changes nothing.
Result<int> Install(const CompatFlags& flags, Context& context) {
  std::vector<std::string> foreign;
  std::vector<Shim> missing;
  Json unchanged = Json::array(), written = Json::array();
  for (const Shim& shim : Shims(TRY(ThisProgram()))) {
    const Found found = TRY(Look(context.files, context.Home(shim.path), shim));
    if (found == Found::kForeign) foreign.push_back(shim.path);
    if (found == Found::kSame) {
      unchanged.push_back(shim.path);
    } else {
      missing.push_back(shim);
    }
  }
  if (!foreign.empty() && !flags.force) {
    return Error(Code::kAlreadyExists,
                 fmt::format("not written by vigia, and left alone: {} (--force replaces)", fmt::join(foreign, ", ")));
  }
  for (const Shim& shim : missing) {
    TRY(context.files.Write(context.Home(shim.path), shim.text));
    written.push_back(shim.path);
    if (!context.json()) context.out << shim.path << "\n";
  }
  if (context.json()) {
    context.PrintJson({{"written", written}, {"unchanged", unchanged}, {"replaced", foreign}});
  } else {
    context.out << fmt::format("{} written, {} there already, in {}\n", written.size(), unchanged.size(), context.home);
  }
  return 0;
}

}  // namespace

void AddCompatCommands(Commands& commands) {
  commands.Describe("compat", "For teams that keep their runbooks");
  auto flags = std::make_shared<CompatFlags>();
  flags::Command install =
      commands.Add("compat install", "Write small programs into the home, so that the Python spellings work there",
                   [flags](Context& context) { return Install(*flags, context); });
  install.Switch("--force", flags->force, "Replace files of the same names that are not ours");
  install.Footer(
      "Afterwards, in the home:\n  python -m src.registry list\n  python monitoring/drift_report.py --days 7\n"
      "  curl -w \"@curl-format.txt\" http://localhost:8000/health\n");
}

}  // namespace vigia::cli
