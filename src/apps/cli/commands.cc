#include "cli/commands.h"

#include "cli/alert_command.h"
#include "cli/audit_command.h"
#include "cli/baseline_command.h"
#include "cli/compare_command.h"
#include "cli/compat_command.h"
#include "cli/completion_command.h"
#include "cli/config_command.h"
#include "cli/dataset_command.h"
#include "cli/doctor_command.h"
#include "cli/drift_command.h"
#include "cli/drill_command.h"
#include "cli/evaluate_command.h"
#include "cli/incident_command.h"
#include "cli/inference_command.h"
#include "cli/key_command.h"
#include "cli/logs_command.h"
#include "cli/notify_command.h"
#include "cli/oncall_command.h"
#include "cli/performance_command.h"
#include "cli/registry_command.h"
#include "cli/report_command.h"
#include "cli/retention_command.h"
#include "cli/retrain_command.h"
#include "cli/runbook_command.h"
#include "cli/sample_command.h"
#include "cli/score_command.h"
#include "cli/serve_command.h"
#include "cli/service_command.h"
#include "cli/set_command.h"
#include "cli/silence_command.h"
#include "cli/status_command.h"
#include "cli/train_command.h"
#include "cli/up_command.h"
#include "cli/user_command.h"

namespace vigia::cli {

void AddAllCommands(Commands& commands) {
  AddSampleCommand(commands);
  AddRegistryCommands(commands);
  AddCompareCommand(commands);
  AddTrainCommand(commands);
  AddRetrainCommand(commands);
  AddScoreCommand(commands);
  AddEvaluateCommand(commands);
  AddInferenceCommands(commands);
  AddServeCommands(commands);
  AddServiceCommands(commands);
  AddUpCommand(commands);
  AddStatusCommand(commands);
  AddIncidentCommands(commands);
  AddRunbookCommands(commands);
  AddAlertCommands(commands);
  AddSilenceCommands(commands);
  AddDoctorCommand(commands);
  AddKeyCommands(commands);
  AddUserCommands(commands);
  AddSetCommands(commands);
  AddDrillCommands(commands);
  AddAuditCommands(commands);
  AddLogsCommands(commands);
  AddBaselineCommands(commands);
  AddDriftCommands(commands);
  AddPerformanceCommands(commands);
  AddRetentionCommand(commands);
  AddConfigCommands(commands);
  AddCompatCommands(commands);
  AddCompletionCommand(commands);
  AddDatasetCommands(commands);
  AddOncallCommands(commands);
  AddNotifyCommands(commands);
  AddReportCommands(commands);
}

}  // namespace vigia::cli
