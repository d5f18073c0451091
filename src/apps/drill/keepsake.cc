#include "drill/keepsake.h"

namespace vigia::drill {

// A look that fails is made up for by the next one.
void Keepsake::Look(const Json& incident) {
  if (folder_.empty() || !incident.is_object()) return;
  Keep("incident.json", CompactJson(incident));
  const Json id = incident.value("run", Json());
  if (id.is_string()) {
    const auto run = arena_.Get("/api/v1/runs/" + id.get<std::string>());
    if (run.ok()) Keep("run.json", CompactJson(*run));
  }
  const auto timeline = arena_.Get("/api/v1/incidents/" + incident.value("id", "") + "/timeline?limit=500");
  if (timeline.ok()) Keep("timeline.json", CompactJson((*timeline)["items"]));
}

void Keepsake::Keep(const std::string& file, const std::string& text) {
  if (folder_.empty() || kept_[file] == text) return;
  Files& files = arena_.world().files;
  if (!files.MakeFolders(folder_).ok() || !files.Write(JoinPath(folder_, file), text).ok()) return;
  kept_[file] = text;
}

}  // namespace vigia::drill
