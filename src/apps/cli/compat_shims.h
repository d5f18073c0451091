// The files of `vigia compat install`, as text: small Python programs under the names that runbooks
// of the published system spell, each of which runs `vigia`, and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vigia::cli {

struct Shim {
  std::string path;  // below the home
  std::string text;
};

// The first words of every Python file of ours: what begins otherwise is somebody else's.
inline constexpr std::string_view kShimMark = "# Written by `vigia compat install`";

// `program`: what runs when no `vigia` is on the PATH, and VIGIA_PROGRAM does not name one.
std::vector<Shim> Shims(const std::string& program);

}  // namespace vigia::cli
