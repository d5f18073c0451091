#include "cli/logs_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <ostream>

#include "base/text.h"
#include "config/map_reader.h"

namespace vigia::cli {

namespace {

constexpr std::streamoff kMost = 32L * 1024 * 1024;  // of the log's end; more is a flood, and a part tells
constexpr size_t kMostClients = 20;

struct LogsFlags {
  std::string last = "5m";
};

// The last bytes of a log, from the beginning of a line.
std::string ReadEnd(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const std::streamoff size = file.tellg();
  const std::streamoff from = std::max<std::streamoff>(0, size - kMost);
  file.seekg(from);
  std::string text(static_cast<size_t>(size - from), '\0');
  file.read(text.data(), size - from);
  text.resize(static_cast<size_t>(file.gcount()));
  if (from > 0) text.erase(0, text.find('\n') + 1);
  return text;
}

struct Counts {
  uint64_t requests = 0, errors = 0, refused = 0;
  uint64_t largest_batch = 0;
  std::map<std::string, uint64_t> by_status, by_error, by_version, by_key, refused_clients;
  std::vector<double> latencies;  // ms

  void Take(const Json& line) {
    if (line.value("message", "") != "request") {
      if (line.value("level", "") == "ERROR") ++errors;
      return;
    }
    ++requests;
    const int status = line.value("status_code", 0);
    ++by_status[std::to_string(status)];
    if (status >= 500) ++errors;
    Add(by_error, line.value("error", ""));
    Add(by_version, line.value("model_version", ""));
    Add(by_key, line.value("key_name", ""));
    largest_batch = std::max<uint64_t>(largest_batch, line.value("n_instances", uint64_t{0}));
    latencies.push_back(line.value("latency_ms", 0.0));
    if (const std::string client = line.value("client", ""); status == 429 && !client.empty()) {
      ++refused;
      ++refused_clients[client];
    }
  }
  static void Add(std::map<std::string, uint64_t>& counts, const std::string& what) {
    if (!what.empty()) ++counts[what];
  }
  Json Quantile(double q) {
    if (latencies.empty()) return nullptr;
    const auto at = latencies.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(latencies.size() - 1));
    std::nth_element(latencies.begin(), at, latencies.end());
    return *at;
  }
};

// Most first.
std::vector<std::pair<std::string, uint64_t>> Ranked(const std::map<std::string, uint64_t>& counts) {
  std::vector<std::pair<std::string, uint64_t>> ranked(counts.begin(), counts.end());
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return ranked;
}

Json RefusedJson(const Counts& counts, double minutes) {
  Json clients = Json::array();
  for (const auto& [client, refusals] : Ranked(counts.refused_clients)) {
    if (clients.size() == kMostClients) break;
    clients.push_back({{"client", client},
                       {"refusals", refusals},
                       {"per_minute", static_cast<double>(refusals) / minutes},
                       {"share", static_cast<double>(refusals) / static_cast<double>(counts.refused)}});
  }
  return {
      {"total", counts.refused}, {"per_minute", static_cast<double>(counts.refused) / minutes}, {"clients", clients}};
}

Json ToJson(Counts& counts, WallTime from, WallTime to) {
  const double minutes = std::chrono::duration<double>(to - from).count() / 60;
  return {{"from", FormatTime(from)},
          {"to", FormatTime(to)},
          {"requests", counts.requests},
          {"errors", counts.errors},
          {"by_status", counts.by_status},
          {"by_error", counts.by_error},
          {"by_version", counts.by_version},
          {"by_key", counts.by_key},
          {"largest_batch", counts.largest_batch},
          {"latency_ms", {{"p50", counts.Quantile(0.50)}, {"p95", counts.Quantile(0.95)}}},
          {"rate_limited", RefusedJson(counts, minutes)}};
}

void PrintText(const Json& summary, std::ostream& out) {
  out << fmt::format("{} requests, {} errors; largest batch {}\n", summary["requests"].get<uint64_t>(),
                     summary["errors"].get<uint64_t>(), summary["largest_batch"].get<uint64_t>());
  for (const char* what : {"by_status", "by_error", "by_version", "by_key"}) {
    if (!summary[what].empty()) out << fmt::format("  {:<11} {}\n", what + 3, CompactJson(summary[what]));
  }
  out << "  latency ms  " << CompactJson(summary["latency_ms"]) << "\n";
  for (const Json& client : summary["rate_limited"]["clients"]) {
    out << fmt::format("  refused     {}  {} times, {:.0f}%\n", client["client"].get<std::string>(),
                       client["refusals"].get<uint64_t>(), 100 * client["share"].get<double>());
  }
}

Result<int> Summary(const LogsFlags& flags, Context& context) {
  const auto last = config::ParseDuration(flags.last);
  if (!last || last->count() == 0) return Error(Code::kInvalidArgument, "--last wants a time such as 90s, 5m or 1h");
  const WallTime to = context.clock.Now(), from = to - *last;
  Counts counts;
  const std::string text = ReadEnd(context.Home("logs/app.log"));
  const std::string from_text = FormatTime(from).substr(0, 19);  // to the second: texts compare as times do
  std::string_view rest = text;
  while (!rest.empty()) {  // newest first, until a line is too old
    if (rest.back() == '\n') rest.remove_suffix(1);
    const size_t begin = rest.rfind('\n') == std::string_view::npos ? 0 : rest.rfind('\n') + 1;
    const std::string_view line = rest.substr(begin);
    rest = rest.substr(0, begin);
    if (line.empty()) continue;
    const auto parsed = ParseJson(line);
    if (!parsed.ok() || !parsed->is_object()) continue;  // cut off, or of another program
    const std::string time = parsed->value("timestamp", "");
    if (!time.empty() && time.substr(0, 19) < from_text) break;
    counts.Take(*parsed);
  }
  const Json summary = ToJson(counts, from, to);
  if (context.json()) {
    context.PrintJson(summary);
  } else {
    PrintText(summary, context.out);
  }
  return 0;
}

}  // namespace

void AddLogsCommands(Commands& commands) {
  commands.Describe("logs", "What the services wrote down (logs/app.log)");
  auto flags = std::make_shared<LogsFlags>();
  flags::Command summary =
      commands.Add("logs summary", "Requests, errors, batches and refused clients of the last minutes",
                   [flags](Context& context) { return Summary(*flags, context); });
  summary.Option("--last", flags->last, "How far back, such as 90s, 5m or 1h").ShowDefault();
}

}  // namespace vigia::cli
