#include "cli/audit_command.h"

#include <ostream>

#include "audit/audit.h"
#include "base/text.h"

namespace vigia::cli {

namespace {

constexpr std::string_view kLog = "logs/audit.log";

Result<int> VerifyLog(Context& context) {
  const audit::Verification verified = TRY(audit::Verify(context.files, context.Home(kLog)));
  if (context.json()) {
    context.PrintJson({{"intact", verified.intact},
                       {"entries", verified.entries},
                       {"torn", verified.torn},
                       {"first_bad_line", verified.first_bad_line},
                       {"problem", verified.problem}});
  } else if (verified.intact) {
    context.out << "intact: " << verified.entries << " entries\n";
  }
  if (verified.intact) return 0;
  return Error(Code::kDataLoss, context.Home(kLog) + ": " + verified.problem);
}

Result<int> ShowLog(Context& context, size_t last) {
  const auto log = context.files.Read(context.Home(kLog));
  std::vector<std::string_view> lines;
  if (log.ok()) {
    lines = Split(*log, '\n');
    std::erase_if(lines, [](std::string_view line) { return line.empty(); });
  } else if (log.error().code() != Code::kNotFound) {
    return log.error();
  }
  Json entries = Json::array();
  for (size_t i = lines.size() > last ? lines.size() - last : 0; i < lines.size(); ++i) {
    const auto entry = ParseJson(lines[i]);
    if (!entry.ok()) continue;  // torn: Verify counts it
    if (context.json()) {
      entries.push_back(*entry);
    } else {
      context.out << entry->value("timestamp", "") << "  " << entry->value("who", "") << "  "
                  << entry->value("action", "") << "  " << CompactJson(entry->value("details", Json::object())) << "\n";
    }
  }
  if (context.json()) context.PrintJson(entries);
  return 0;
}

}  // namespace

void AddAuditCommands(Commands& commands) {
  commands.Describe("audit", "Who changed what, when and why (logs/audit.log)");
  commands.Add("audit verify", "Check the chain of hashes; exit 1 when it is broken", VerifyLog);
  auto last = std::make_shared<size_t>(20);
  commands.Add("audit show", "The latest entries", [last](Context& context) { return ShowLog(context, *last); })
      .Option("--last", *last, "How many entries")
      .ShowDefault();
}

}  // namespace vigia::cli
