// Signals that commands of ours give: drift, performance, labels, and what the request log tells.
#pragma once

#include <string_view>

namespace vigia::control {

// A part of the YAML list of default sources. Names: drift, performance, labels, risk-requests.
//   feature_drift_psi, feature_missing_delta {feature, model}; drift_feature_psi_max, drift_missing_delta_max,
//   score_drift_psi {model}   of the last seven days; what sampling noise gives as well counts as 0
//   performance_recall {model}, performance_labels {model}   of the last thirty days, where labels exist
//   file_count, file_age_seconds {probe="labels"}
//   rate_limited_per_minute, rate_limited_top_share, rate_limited_top_per_minute {service="risk"}
std::string_view DefaultJobs();

}  // namespace vigia::control
