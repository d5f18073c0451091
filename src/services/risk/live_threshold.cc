#include "risk/live_threshold.h"

#include "base/json.h"

namespace vigia::risk {

Result<std::optional<LiveThreshold>> ReadLiveThreshold(const Files& files, const std::string& path) {
  if (!files.Exists(path)) return std::optional<LiveThreshold>();
  const Json json = TRY_CONTEXT(ParseJson(TRY(files.Read(path))), path);
  LiveThreshold threshold;
  threshold.value = TRY_CONTEXT(GetNumber(json, "value"), path);
  if (!(threshold.value >= 0 && threshold.value <= 1)) {
    return Error(Code::kInvalidArgument, path + ": the threshold must be from 0 to 1");
  }
  if (json.contains("until") && !json["until"].is_null()) {
    threshold.until = TRY_CONTEXT(ParseTime(TRY(GetString(json, "until"))), path);
  }
  return std::optional<LiveThreshold>(threshold);
}

std::string FormatLiveThreshold(const LiveThreshold& threshold) {
  return PrettyJson(
      {{"value", threshold.value}, {"until", threshold.until ? Json(FormatTime(*threshold.until)) : Json(nullptr)}});
}

}  // namespace vigia::risk
