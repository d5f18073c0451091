// The services of a home: vigia.yaml's `services`, or the risk service when it names none.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "supervisor/supervisor.h"

namespace vigia::control {

// A program of ours (vigia, vigia-…) named without a folder is the one beside this program. Every
// service gets VIGIA_HOME. The error names file and line of the first problem.
Result<std::vector<supervisor::ServiceSpec>> LoadServiceSpecs(
    const Files& files, const std::string& home,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

}  // namespace vigia::control
