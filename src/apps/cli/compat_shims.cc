#include "cli/compat_shims.h"

#include <fmt/format.h>

#include "base/json.h"

namespace vigia::cli {

namespace {

constexpr const char* kRunner = "vigia_shim.py";

// os.execv: the exit code, the signals and the terminal are those of vigia itself.
constexpr const char* kRunnerText = R"py(
import os
import pathlib
import shutil
import subprocess
import sys

HOME = pathlib.Path(__file__).resolve().parent
INSTALLED_BY = @PROGRAM@


def command(*words):
    program = os.environ.get("VIGIA_PROGRAM") or shutil.which("vigia") or INSTALLED_BY
    return [program, "--home", str(HOME), *words]


def run(*words):
    """Becomes vigia, with the flags that this program was given."""
    line = command(*words, *sys.argv[1:])
    try:
        os.execv(line[0], line)
    except OSError as error:
        sys.exit(f"cannot run {line[0]}: {error.strerror} (put vigia on the PATH, or name it in VIGIA_PROGRAM)")


def output(*words):
    """What vigia prints; its error line when it refuses."""
    done = subprocess.run(command(*words), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout
)py";

// A program by its path has its own folder on sys.path, a module the working directory: both find the runner.
constexpr const char* kImport = R"py(
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
)py";

constexpr const char* kStore = R"py(import json

import vigia_shim


class InferenceStore:
    def get_drift_summary(self):
        """The latest drift report of the champion: `vigia drift summary --json`."""
        return json.loads(vigia_shim.output("drift", "summary", "--json"))


if __name__ == "__main__":
    vigia_shim.run("inference", "status")
)py";

// curl leaves out the line ends of the file, and takes \n for one.
constexpr const char* kCurlFormat = R"(   time_namelookup:  %{time_namelookup}s\n
      time_connect:  %{time_connect}s\n
   time_appconnect:  %{time_appconnect}s\n
  time_pretransfer:  %{time_pretransfer}s\n
time_starttransfer:  %{time_starttransfer}s\n
        time_total:  %{time_total}s\n
         http_code:  %{http_code}\n
)";

std::string Head(const std::string& what) { return fmt::format("{}: {}\n", kShimMark, what); }

struct Program {
  const char* path;
  const char* command;
};

constexpr Program kPrograms[] = {
    {"src/registry.py", "registry"},
    {"src/retrain.py", "retrain"},
    {"src/train.py", "train"},
    {"src/make_dataset.py", "dataset build"},
    {"monitoring/drift_report.py", "drift report"},
    {"monitoring/performance_drift.py", "performance report"},
    {"monitoring/build_baseline.py", "baseline build"},
    {"monitoring/retention.py", "retention"},
};

std::string ProgramText(const std::string& command) {
  std::string words = "\"" + command + "\"";
  const size_t space = words.find(' ');
  if (space != std::string::npos) words.replace(space, 1, "\", \"");
  return Head("runs `vigia " + command + "`.") + kImport +
         fmt::format("import vigia_shim\n\nif __name__ == \"__main__\":\n    vigia_shim.run({})\n", words);
}

std::string RunnerText(const std::string& program) {
  std::string text = kRunnerText;
  constexpr std::string_view kPlace = "@PROGRAM@";
  text.replace(text.find(kPlace), kPlace.size(), Json(program).dump());  // a JSON string is a Python string
  return Head("how the programs of src/ and monitoring/ run vigia.") + text;
}

}  // namespace

std::vector<Shim> Shims(const std::string& program) {
  std::vector<Shim> shims = {{kRunner, RunnerText(program)},
                             {"src/__init__.py", Head("a package, so that `python -m src.registry` works.")},
                             {"monitoring/__init__.py", Head("a package, as src is.")},
                             {"monitoring/inference_store.py", Head("asks vigia.") + kImport + kStore},
                             {"curl-format.txt", kCurlFormat}};
  for (const Program& at : kPrograms) shims.push_back({at.path, ProgramText(at.command)});
  return shims;
}

}  // namespace vigia::cli
