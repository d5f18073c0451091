#include "registry/history.h"

#include "base/digest.h"
#include "base/text.h"
#include "registry/layout.h"

namespace vigia::registry {

namespace {

std::string Chain(const std::string& before, const HistoryEntry& entry) {
  return Sha256Hex(before + CompactJson(ToJson(entry)));
}

struct Parsed {
  History history;
  std::string text;   // the whole file
  std::string chain;  // what the next line builds on
};

Result<HistoryEntry> EntryFromJson(const Json& json) {
  HistoryEntry entry;
  entry.at = TRY(GetString(json, "at"));
  entry.by = TRY(GetString(json, "by"));
  entry.action = TRY(GetString(json, "action"));
  entry.version = TRY(GetString(json, "version"));
  const auto text = [&json](const char* key) { return json.contains(key) && json[key].is_string(); };
  if (text("from")) entry.from = json["from"];
  if (text("to")) entry.to = json["to"];
  entry.reason = TRY(GetString(json, "reason"));
  if (text("digest")) entry.digest = json["digest"];
  return entry;
}

// One line: its entry and its chain, or what is wrong with it.
Result<std::pair<HistoryEntry, std::string>> ParseLine(std::string_view line) {
  const auto json = ParseJson(line);
  if (!json.ok() || !json->is_object()) return Error(Code::kDataLoss, "not a JSON object");
  HistoryEntry entry = TRY(EntryFromJson(*json));
  return std::pair(std::move(entry), TRY(GetString(*json, "chain")));
}

Result<Parsed> Parse(const Files& files, const std::string& path) {
  Parsed parsed;
  if (!files.Exists(path)) return parsed;
  parsed.text = TRY(files.Read(path));
  size_t number = 0;
  for (const std::string_view line : Split(parsed.text, '\n')) {
    ++number;
    if (line.empty()) continue;
    std::string problem;
    auto read = ParseLine(line);
    if (!read.ok()) {
      problem = read.error().message();
      parsed.chain = Sha256Hex(line);
    } else {
      auto& [entry, chain] = *read;
      if (chain != Chain(parsed.chain, entry)) {
        problem = "does not follow from the line before: a line was changed or removed";
      }
      parsed.chain = chain;
      parsed.history.entries.push_back(std::move(entry));
    }
    if (!problem.empty() && parsed.history.problem.empty()) {
      parsed.history.problem = path + ":" + std::to_string(number) + ": " + problem;
    }
  }
  if (!parsed.text.empty() && parsed.text.back() != '\n') parsed.text.push_back('\n');
  return parsed;
}

}  // namespace

Json ToJson(const HistoryEntry& entry) {
  Json json = {{"at", entry.at}, {"by", entry.by}, {"action", entry.action}, {"version", entry.version}};
  if (!entry.to.empty()) {
    json["from"] = entry.from.empty() ? Json(nullptr) : Json(entry.from);
    json["to"] = entry.to;
  }
  json["reason"] = entry.reason;
  if (!entry.digest.empty()) json["digest"] = entry.digest;
  return json;
}

Result<History> ReadHistory(const Files& files, const std::string& registry) {
  return TRY(Parse(files, JoinPath(registry, kHistoryFile)))
  .history;
}

Status AppendHistory(const std::vector<HistoryEntry>& entries, const std::string& registry, Files& files) {
  if (entries.empty()) return {};
  const std::string path = JoinPath(registry, kHistoryFile);
  Parsed parsed = TRY(Parse(files, path));
  for (const HistoryEntry& entry : entries) {
    parsed.chain = Chain(parsed.chain, entry);
    Json json = ToJson(entry);
    json["chain"] = parsed.chain;
    parsed.text += CompactJson(json) + "\n";
  }
  return files.Write(path, parsed.text);  // whole, so that a kill never leaves half a line
}

}  // namespace vigia::registry
