#include "drill/run.h"

#include <algorithm>

#include "base/text.h"
#include "drill/keepsake.h"
#include "drill/stages.h"

namespace vigia::drill {
namespace {

using std::chrono::seconds;

constexpr Duration kLongest = seconds(90);
constexpr Duration kSettle = seconds(3);  // longer than the windows of quick runbooks

double Since(WallTime broken, const std::string& time) {
  const auto at = ParseTime(time);
  return at.ok() ? std::chrono::duration<double>(*at - broken).count() : 0;
}

std::string TextOf(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

class Observer {
 public:
  Observer(const Drill& drill, Arena& arena, WallTime broken, Report& report)
      : drill_(drill),
        arena_(arena),
        broken_(broken),
        report_(report),
        keepsake_(arena, arena.world().keep.empty() ? "" : JoinPath(arena.world().keep, drill.name)) {}

  // An error says what did not happen.
  Status Watch() {
    Tell(arena_.world().progress, Stage::kDetecting);
    if (!arena_.WaitFor([this] { return FindIncident(); }, kLongest)) {
      return Error(Code::kDeadlineExceeded, "no incident of " + std::string(drill_.runbook) + " was opened");
    }
    report_.incident = TextOf(incident_, "id");
    report_.detect = Since(broken_, TextOf(incident_, "opened_at"));
    Tell(arena_.world().progress, Stage::kHealing);
    const bool ended = arena_.WaitFor([this] { return FindIncident() && (Healed() || Called()); }, kLongest);
    TRY(ReadTimeline());
    if (!ended) return Error(Code::kDeadlineExceeded, "neither healed nor called within 90 s; " + Where());
    return Healed() ? TakeHealed() : TakeCalled();
  }

  Status TakePostmortem() {
    Tell(arena_.world().progress, Stage::kWriting);
    const bool written =
        arena_.WaitFor([this] { return FindIncident() && !TextOf(incident_, "postmortem").empty(); }, seconds(10));
    if (!written) return Error(Code::kDeadlineExceeded, "the post-mortem was not written");
    const std::string text = TRY(arena_.world().files.Read(arena_.Path(TextOf(incident_, "postmortem"))));
    report_.postmortem = std::string(Split(text, '\n').front());
    keepsake_.Keep("postmortem.md", text);
    return {};
  }

 private:
  bool FindIncident() {
    const auto list = arena_.Get("/api/v1/incidents");
    if (!list.ok()) return false;
    for (const Json& incident : (*list)["items"]) {
      if (TextOf(incident, "runbook") != drill_.runbook || Since(broken_, TextOf(incident, "opened_at")) < 0) continue;
      incident_ = incident;
      keepsake_.Look(incident_);
      return true;
    }
    return false;
  }
  bool Healed() const { return TextOf(incident_, "state") == "resolved"; }
  std::optional<Page> CallOf(std::string_view to) const {
    for (const Page& page : arena_.sink().pages()) {
      if (page.to == to && page.text.find(TextOf(incident_, "id")) != std::string::npos) return page;
    }
    return std::nullopt;
  }
  bool Called() const { return !drill_.paged.empty() && CallOf(drill_.paged).has_value(); }

  Status TakeHealed() {
    if (!drill_.paged.empty()) return Error(Code::kInternal, "it healed, but people should have been called");
    report_.verify = Since(broken_, TextOf(incident_, "resolved_at"));
    report_.outcome = "healed unattended";
    if (TextOf(incident_, "resolved_by") != "verify") return Error(Code::kInternal, "it was not verified");
    const std::vector<Page> pages = arena_.sink().pages();
    const bool in_vain = std::any_of(pages.begin(), pages.end(), [](const Page& page) {
      return page.text.find("healed by ") == std::string::npos;  // those are told of what was done
    });
    if (in_vain) return Error(Code::kInternal, "somebody was called in vain");
    return {};
  }

  // People take over: they acknowledge, mend what was broken, and say so.
  Status TakeCalled() {
    const Page page = *CallOf(drill_.paged);
    report_.verify = std::chrono::duration<double>(page.at - broken_).count();
    if (!report_.mitigate) report_.mitigate = report_.verify;
    report_.outcome = "called " + std::string(drill_.paged);
    const std::string path = "/api/v1/incidents/" + report_.incident;
    TRY(arena_.Post(path + "/acknowledge", Json::object()));
    arena_.StopClients();
    arena_.Mend();
    const auto resolved = arena_.Post(path + "/resolve", {{"text", "mended by hand"}});
    if (!resolved.ok() && !(FindIncident() && Healed())) return resolved.error();  // it may have healed meanwhile
    return {};
  }

  Status ReadTimeline() {
    const Json timeline = TRY(arena_.Get("/api/v1/incidents/" + report_.incident + "/timeline?limit=500"));
    std::vector<std::string> writing;
    for (const Json& entry : timeline.at("items")) {
      const Json evidence = entry.contains("evidence") ? entry["evidence"] : Json();
      const std::string kind = TextOf(entry, "kind"), step = TextOf(entry, "ref");
      last_ = TextOf(entry, "text");
      if (kind == "step_intent" && evidence.is_object() && evidence.value("effect", "read") != "read") {
        report_.done.push_back(evidence.value("command", ""));
        writing.push_back(step);
      }
      const bool wrote = std::find(writing.begin(), writing.end(), step) != writing.end();
      if (kind == "step_outcome" && wrote) report_.mitigate = Since(broken_, TextOf(entry, "at"));
    }
    // Nothing was to be done by this runbook: the moment at which it began to verify.
    for (const Json& entry : timeline.at("items")) {
      const bool verifies = TextOf(entry, "kind") == "run_state" && TextOf(entry, "text").starts_with("verifying");
      if (writing.empty() && verifies) report_.mitigate = Since(broken_, TextOf(entry, "at"));
    }
    return {};
  }
  std::string Where() const { return "the last that happened: " + last_; }

  const Drill& drill_;
  Arena& arena_;
  const WallTime broken_;
  Report& report_;
  Keepsake keepsake_;
  Json incident_;
  std::string last_;
};

Status Play(const Drill& drill, Arena& arena, Report& report) {
  if (drill.prepare != nullptr) TRY(drill.prepare(arena));
  // The windows of the checks fill with what is normal; what the start itself has set off comes to its end.
  static_cast<void>(arena.WaitFor([] { return false; }, kSettle));
  const bool quiet = arena.WaitFor(
      [&arena] {
        const auto open = arena.Get("/api/v1/incidents?state=open");
        return open.ok() && (*open)["items"].empty();
      },
      kLongest);
  if (!quiet) return Error(Code::kUnavailable, "an incident was open before anything was broken");
  const WallTime begun = arena.world().clock.Now();
  Tell(arena.world().progress, Stage::kBreaking);
  TRY(drill.break_it(arena));
  Observer observer(drill, arena, arena.broken().value_or(begun), report);
  TRY(observer.Watch());
  TRY(observer.TakePostmortem());
  if (*report.detect > kDetectWithin) return Error(Code::kDeadlineExceeded, "it was detected too late");
  if (*report.verify > kVerifyWithin) return Error(Code::kDeadlineExceeded, "it took longer than a minute");
  return {};
}

}  // namespace

Report RunDrill(const Drill& drill, const ArenaWorld& world) {
  Report report;
  report.drill = drill.name;
  report.runbook = drill.runbook;
  report.title = drill.title;
  ArenaSettings settings{drill.quick,           drill.quick_probes,   drill.risk,   drill.limits,
                         drill.leaky_megabytes, drill.disk_megabytes, drill.disk_at};
  settings.quick.emplace_back(drill.runbook);
  Tell(world.progress, Stage::kStarting);
  auto arena = Arena::Open(settings, world);
  if (!arena.ok()) {
    report.end = arena.error().code() == Code::kPermissionDenied ? Report::End::kSkipped : Report::End::kFailed;
    report.why = world.interrupted() ? "interrupted" : arena.error().message();
    return report;
  }
  const Status played = Play(drill, **arena, report);
  report.end = played.ok() ? Report::End::kPassed : Report::End::kFailed;
  if (!played.ok()) report.why = world.interrupted() ? "interrupted" : played.error().message();
  return report;
}

Json ToJson(const Report& report) {
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  const char* end = report.end == Report::End::kPassed   ? "passed"
                    : report.end == Report::End::kFailed ? "failed"
                                                         : "skipped";
  return {{"drill", report.drill},
          {"runbook", report.runbook},
          {"title", report.title},
          {"end", end},
          {"why", report.why},
          {"detect_seconds", number(report.detect)},
          {"mitigate_seconds", number(report.mitigate)},
          {"verify_seconds", number(report.verify)},
          {"outcome", report.outcome},
          {"done", report.done},
          {"incident", report.incident},
          {"postmortem", report.postmortem}};
}

}  // namespace vigia::drill
