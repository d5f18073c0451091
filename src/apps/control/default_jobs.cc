#include "control/default_jobs.h"

namespace vigia::control {

std::string_view DefaultJobs() {
  return R"yaml(
    - name: drift
      kind: job
      command: [vigia, drift, report, --last_n_days, "7", --json]
      every: 1h
      timeout: 10m
      signals:
        feature_drift_psi: '.model_version as $model | [select(.global_status | IN("green", "yellow", "red")) | .feature_drift | to_entries[] | {labels: {feature: .key, model: $model}, value: (if .value.details.beyond_noise then .value.psi else 0 end)}]'
        feature_missing_delta: '.model_version as $model | [select(.global_status | IN("green", "yellow", "red")) | .feature_drift | to_entries[] | {labels: {feature: .key, model: $model}, value: (if .value.details.missing_beyond_noise then .value.missing_delta else 0 end)}]'
        drift_feature_psi_max: '.model_version as $model | [select(.global_status | IN("green", "yellow", "red")) | {labels: {model: $model}, value: ([.feature_drift[] | if .details.beyond_noise then .psi else 0 end] | max)}]'
        drift_missing_delta_max: '.model_version as $model | [select(.global_status | IN("green", "yellow", "red")) | {labels: {model: $model}, value: ([.feature_drift[] | if .details.missing_beyond_noise then .missing_delta else 0 end] | max)}]'
        score_drift_psi: '.model_version as $model | [select(.global_status | IN("green", "yellow", "red")) | {labels: {model: $model}, value: (if .score_drift.details.beyond_noise then .score_drift.psi else 0 end)}]'
    - name: performance
      kind: job
      command: [vigia, performance, report, --window, "30", --json]
      every: 6h
      timeout: 10m
      signals:
        performance_recall: '[select(.metrics.recall != null) | {labels: {model: .model_version}, value: .metrics.recall}]'
        performance_labels: '[{labels: {model: .model_version}, value: .n_samples}]'
    - name: labels
      kind: file
      path: monitoring/labels_store.jsonl
      every: 1m
    - name: risk-requests
      kind: job
      command: [vigia, logs, summary, --last, 1m, --json]
      every: 10s
      timeout: 10s
      labels: {service: risk}
      signals:
        rate_limited_per_minute: .rate_limited.per_minute
        rate_limited_top_share: '.rate_limited.clients[0].share // 0'
        rate_limited_top_per_minute: '.rate_limited.clients[0].per_minute // 0'
)yaml";
}

}  // namespace vigia::control
