// Faults, each from outside: what a drill breaks. The service has no door for them.
// An error says why it could not be broken.
#pragma once

#include "drill/arena.h"

namespace vigia::drill {

// process_faults.cc
Status KillService(Arena& arena);
Status HangService(Arena& arena);      // SIGSTOP
Status KillAndTakePort(Arena& arena);  // so that no restart can help
// model_faults.cc
Status TamperWithModel(Arena& arena);
Status PromoteSlowModel(Arena& arena);   // one client sends large batches
Status PromoteModelOf5xx(Arena& arena);  // so slow that others are refused with 503
// traffic_faults.cc
Status SendInvalidRequests(Arena& arena);
Status Flood(Arena& arena);
Status HonestPeak(Arena& arena);
Status SendMoreThanItCanAnswer(Arena& arena);
// data_faults.cc
Status DriftFeature(Arena& arena);
Status DriftFeatureALittle(Arena& arena);
Status DriftScore(Arena& arena);
Status LoseValues(Arena& arena);
Status LabelsSayOtherwise(Arena& arena);
Status RemoveLabels(Arena& arena);
// machine_faults.cc
Status FillDiskWithOldLogs(Arena& arena);
Status LeakMemory(Arena& arena);
Status BusyGpu(Arena& arena);
Status FillInferenceStore(Arena& arena);

}  // namespace vigia::drill
