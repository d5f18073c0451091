#include "auth/access.h"

#include <algorithm>

#include "base/json.h"

namespace vigia::auth {

namespace {

Result<std::optional<WallTime>> ReadUntil(const Json& json) {
  if (!json.contains("until") || json["until"].is_null()) return std::optional<WallTime>();
  return std::optional<WallTime>(TRY(ParseTime(TRY(GetString(json, "until")))));
}

Json UntilJson(const std::optional<WallTime>& until) { return until ? Json(FormatTime(*until)) : Json(nullptr); }

}  // namespace

Result<AccessChanges> ParseAccess(std::string_view text) {
  const Json document = TRY(ParseJson(text));
  if (!document.is_object()) return Error(Code::kDataLoss, "is not an object");
  AccessChanges changes;
  if (document.contains("rate_limit_rpm") && !document["rate_limit_rpm"].is_null()) {
    const Json& rate = document["rate_limit_rpm"];
    changes.rate_limit_rpm = TRY(GetNumber(rate, "value"));
    if (!(*changes.rate_limit_rpm >= 1)) return Error(Code::kDataLoss, "rate_limit_rpm must be at least 1");
    changes.rate_limit_until = TRY(ReadUntil(rate));
  }
  if (!document.contains("blocked")) return changes;
  for (const Json& json : *TRY(GetArray(document, "blocked"))) {
    const std::optional<http::Peer> peer = http::ParsePeer(TRY(GetString(json, "address")));
    if (!peer) return Error(Code::kDataLoss, "a blocked address is not an IP address");
    changes.blocked.push_back({
      *peer, TRY(ReadUntil(json))
      , json.value("reason", "")
    });
  }
  return changes;
}

std::string FormatAccess(const AccessChanges& changes) {
  Json document;
  document["rate_limit_rpm"] = nullptr;
  if (changes.rate_limit_rpm) {
    document["rate_limit_rpm"] = {{"value", *changes.rate_limit_rpm}, {"until", UntilJson(changes.rate_limit_until)}};
  }
  document["blocked"] = Json::array();
  for (const Blocked& blocked : changes.blocked) {
    document["blocked"].push_back(
        {{"address", blocked.peer.ToString()}, {"until", UntilJson(blocked.until)}, {"reason", blocked.reason}});
  }
  return PrettyJson(document);
}

Result<AccessChanges> ReadAccess(const Files& files, const std::string& path) {
  if (!files.Exists(path)) return AccessChanges();
  return TRY_CONTEXT(ParseAccess(TRY(files.Read(path))), path);
}

bool AccessPolicy::IsBlocked(const http::Peer& peer, WallTime now) const {
  if (blocked.empty()) return false;
  if (std::find(protected_peers.begin(), protected_peers.end(), peer) != protected_peers.end()) return false;
  return std::any_of(blocked.begin(), blocked.end(),
                     [&](const Blocked& entry) { return entry.peer == peer && (!entry.until || now < *entry.until); });
}

}  // namespace vigia::auth
