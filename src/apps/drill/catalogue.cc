#include "drill/catalogue.h"

#include <algorithm>

#include "drill/faults.h"
#include "drill/rows.h"

namespace vigia::drill {
namespace {

Status SomeTraffic(Arena& arena) {
  arena.AddClient({ 0, "127.0.0.1", Bodies(TRY(arena.Rows()), 20, 1), std::chrono::milliseconds(20) });
  return {};
}

Status SomeLabels(Arena& arena) { return arena.world().files.Write(arena.Path("monitoring/labels_store.jsonl"), ""); }

void AddServiceDrills(std::vector<Drill>& drills) {
  const auto add = [&](Drill drill) { drills.push_back(std::move(drill)); };
  add({.name = "kill", .runbook = "service-down", .title = "the service is killed", .break_it = KillService});
  add({.name = "hang", .runbook = "service-down", .title = "the service hangs (SIGSTOP)", .break_it = HangService});
  add({.name = "stay-down",
       .runbook = "service-down",
       .title = "the service is killed, and its port is taken: nothing helps",
       .paged = "sre-L3",
       .break_it = KillAndTakePort});
  add({.name = "tampered-model",
       .runbook = "model-not-loaded",
       .title = "a byte of the model is changed, then the service is restarted",
       .break_it = TamperWithModel});
  add({.name = "slow-model",
       .runbook = "risk-latency",
       .title = "a version is promoted that answers slowly",
       .quick_probes = {"risk-slo"},
       .break_it = PromoteSlowModel});
  add({.name = "bad-model",
       .runbook = "error-5xx",
       .title = "a version is promoted under which requests end in 503",
       .quick_probes = {"risk-metrics"},
       .prepare = SomeTraffic,
       .break_it = PromoteModelOf5xx});
  add({.name = "invalid-requests",
       .runbook = "error-4xx-surge",
       .title = "a client sends what the contract does not allow",
       .paged = "sre-L1",
       .quick_probes = {"risk-metrics"},
       .break_it = SendInvalidRequests});
  add({.name = "availability",
       .runbook = "availability-breach",
       .title = "the service is killed; the share of answered probes falls",
       .quick = {"service-down"},
       .break_it = KillService});
  add({.name = "flood",
       .runbook = "rate-limit-abuse",
       .title = "one client sends hundreds of requests a second",
       .quick_probes = {"risk-requests"},
       .risk = "rate_limit_rpm: 600, rate_limit_burst: 20",
       .break_it = Flood});
  add({.name = "peak",
       .runbook = "rate-limit-legit",
       .title = "many clients send a little more than they may",
       .quick_probes = {"risk-requests"},
       .risk = "rate_limit_rpm: 300, rate_limit_burst: 2",
       .break_it = HonestPeak});
}

void AddMachineDrills(std::vector<Drill>& drills) {
  const auto add = [&](Drill drill) { drills.push_back(std::move(drill)); };
  add({.name = "lost-predictions",
       .runbook = "predictions-lost",
       .title = "the disk has no byte left for the inference store",
       .paged = "platform-L1",
       .quick_probes = {"risk-metrics"},
       .disk_megabytes = 16,
       .disk_at = "monitoring/inference_store",
       .prepare = SomeTraffic,
       .break_it = FillInferenceStore});
  add({.name = "disk-full",
       .runbook = "disk-full",
       .title = "old logs fill a small disk",
       .quick_probes = {"machine-disk"},
       .disk_megabytes = 96,
       .break_it = FillDiskWithOldLogs});
  add({.name = "cpu",
       .runbook = "service-saturation",
       .title = "clients ask for more than the service's processor can answer",
       .limits = "processors: 1",
       .break_it = SendMoreThanItCanAnswer});
  add({.name = "memory",
       .runbook = "service-saturation",
       .title = "a service leaks memory",
       .leaky_megabytes = 128,
       .break_it = LeakMemory});
  add({.name = "gpu",
       .runbook = "resource-saturation",
       .title = "a GPU is busy all the time",
       .paged = "platform-L1",
       .quick_probes = {"machine-gpu", "no-machine-cpu", "no-machine-memory"},
       .break_it = BusyGpu});
}

void AddModelDrills(std::vector<Drill>& drills) {
  const auto add = [&](Drill drill) { drills.push_back(std::move(drill)); };
  add({.name = "yellow-drift",
       .runbook = "drift-yellow",
       .title = "one request in 25 has a value never seen in training",
       .paged = "data-L1",
       .quick_probes = {"drift"},
       .break_it = DriftFeatureALittle});
  add({.name = "red-drift",
       .runbook = "drift-red-feature",
       .title = "most requests have a value never seen in training",
       .paged = "data-L2",
       .quick_probes = {"drift"},
       .break_it = DriftFeature});
  add({.name = "score-drift",
       .runbook = "drift-red-score",
       .title = "all pupils that come are alike: the scores shift",
       .paged = "data-L2",
       .quick_probes = {"drift"},
       .break_it = DriftScore});
  add({.name = "missing-values",
       .runbook = "missing-rate-shift",
       .title = "a feature is missing in a third of the requests",
       .paged = "data-L2",
       .quick_probes = {"drift"},
       .break_it = LoseValues});
  add({.name = "wrong-model",
       .runbook = "performance-drop",
       .title = "labels come that say the opposite of the model",
       .paged = "data-L2",
       .quick_probes = {"performance"},
       .break_it = LabelsSayOtherwise});
  add({.name = "no-labels",
       .runbook = "labels-missing",
       .title = "the file of labels is removed",
       .paged = "data-L1",
       .quick_probes = {"labels"},
       .prepare = SomeLabels,
       .break_it = RemoveLabels});
}

std::vector<Drill> MakeDrills() {
  std::vector<Drill> drills;
  AddServiceDrills(drills);
  AddMachineDrills(drills);
  AddModelDrills(drills);
  return drills;
}

}  // namespace

const std::vector<Drill>& Drills() {
  static const std::vector<Drill> kDrills = MakeDrills();
  return kDrills;
}

const Drill* FindDrill(std::string_view name) {
  const auto found = std::find_if(Drills().begin(), Drills().end(), [&](const Drill& one) { return one.name == name; });
  return found == Drills().end() ? nullptr : &*found;
}

}  // namespace vigia::drill
