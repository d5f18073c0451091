#include "drill/quick.h"

#include <array>
#include <cctype>

#include "base/text.h"
#include "config/map_reader.h"

namespace vigia::drill {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Cap {
  std::string_view key;
  Duration most;
  std::string_view section;  // only there; empty: everywhere
};
constexpr std::array kCaps = {
    Cap{"every", milliseconds(500), ""},   Cap{"for", milliseconds(500), ""},   Cap{"keep_firing_for", seconds(0), ""},
    Cap{"cooldown", seconds(1), "guards"}, Cap{"wait", seconds(1), "mitigate"}, Cap{"after", seconds(1), "verify"},
    Cap{"timeout", seconds(20), "verify"}, Cap{"window", seconds(2), ""},
};

bool IsKeyStart(const std::string& line, size_t at) {
  return at == 0 || line[at - 1] == ' ' || line[at - 1] == '{' || line[at - 1] == ',';
}

void Shorten(std::string& line, const Cap& cap) {
  const std::string key = std::string(cap.key) + ": ";
  for (size_t at = line.find(key); at != std::string::npos; at = line.find(key, at + 1)) {
    if (!IsKeyStart(line, at)) continue;
    const size_t begin = at + key.size();
    size_t end = begin;
    while (end < line.size() && std::isalnum(static_cast<unsigned char>(line[end])) != 0) ++end;
    const auto time = config::ParseDuration(line.substr(begin, end - begin));
    if (time && *time > cap.most) line.replace(begin, end - begin, config::FormatDuration(cap.most));
  }
}

}  // namespace

std::string QuickRunbook(const std::string& text) {
  std::string quick, section;
  for (const std::string_view raw : Split(text, '\n')) {
    std::string line(raw);
    const bool begins = !line.empty() && line.front() != ' ' && line.front() != '-' && line.front() != '#';
    if (begins) section = line.substr(0, line.find(':'));
    const bool newest = line.find("function: last") != std::string::npos;
    for (const Cap& cap : kCaps) {
      if (section == "escalate" || (!cap.section.empty() && cap.section != section)) continue;
      if (cap.key == "window" && newest) continue;
      if (line.find('#') == 0) continue;
      Shorten(line, cap);
    }
    quick += line + "\n";
  }
  quick.pop_back();
  return quick;
}

}  // namespace vigia::drill
