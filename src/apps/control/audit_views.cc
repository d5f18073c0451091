#include "control/audit_views.h"

#include <string_view>

namespace vigia::control {

Result<AuditPage> ReadAuditPage(const Files& files, const std::string& path, int64_t before, size_t limit) {
  AuditPage page;
  if (!files.Exists(path)) return page;
  const std::string text = TRY(files.Read(path));
  std::string_view rest = text;
  while (!rest.empty()) {
    if (rest.back() == '\n') rest.remove_suffix(1);
    const size_t start = rest.rfind('\n');
    const std::string_view line = start == std::string_view::npos ? rest : rest.substr(start + 1);
    rest = start == std::string_view::npos ? std::string_view() : rest.substr(0, start + 1);
    const auto entry = ParseJson(line);
    if (!entry.ok() || !entry->is_object()) continue;
    const auto seq = GetInteger(*entry, "seq");
    if (!seq.ok() || (before > 0 && *seq >= before)) continue;
    if (page.items.size() == limit) {
      page.next = page.items.back()["seq"];
      break;
    }
    Json item = {{"seq", *seq}};
    for (const char* key : {"timestamp", "action", "who", "details"}) {
      item[key] = entry->contains(key) ? (*entry)[key] : Json(nullptr);
    }
    page.items.push_back(std::move(item));
  }
  return page;
}

}  // namespace vigia::control
