// Every setting of the risk service's process, with its default and its environment variable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/access.h"
#include "base/files.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/settings.h"
#include "http/settings.h"
#include "inference/inference_store.h"
#include "risk/service.h"

namespace vigia::serve {

// As they stand in vigia.yaml below "risk", in the environment and in flags.
struct Settings {
  std::string host;  // empty: 127.0.0.1 without keys, 0.0.0.0 with keys
  int64_t port = 8000;
  int64_t loops = 0;
  std::string tls_certificate, tls_key;
  std::string model_path, metadata_path, signature_path;
  std::string model_version = "champion";
  std::string registry_dir = "models/registry";
  std::string threshold;
  std::string extra_feature_policy = "reject";
  int64_t max_body_bytes = 1024 * 1024;
  int64_t request_timeout_ms = 3000;
  int64_t idle_timeout_s = 75;
  int64_t max_connections = 10'000;
  int64_t drain_timeout_s = 10;
  std::string log_level = "INFO";
  std::string app_name = "defasagem-risk-api";
  std::vector<Secret> api_keys;
  int64_t rate_limit_rpm = 0;
  int64_t rate_limit_burst = 0;
  std::vector<std::string> protected_addresses;
  std::vector<std::string> blocked_ips;
  double slo_p95_ms = 300;
  double slo_error_rate = 0.01;
  int64_t shed_after_ms = 100;
  std::string metrics_enabled = "true";
  std::string audit_enabled = "true";
  std::string inference_store = "monitoring/inference_store";
  std::string drift_store = "local";
  std::string privacy_mode = "values";
  int64_t flush_ms = 0;
};

void Describe(config::Section section, Settings& settings);

// What the parts of the process take, derived from the settings. Relative paths are below the home.
struct Parts {
  http::ServerSettings server;
  std::vector<auth::ApiKey> api_keys;  // of the environment
  std::optional<auth::Rate> rate;      // unset: the default where there are keys, no limit elsewhere
  std::vector<http::Peer> protected_peers;
  std::vector<http::Peer> blocked_peers;
  inference::StoreSettings store;
  risk::ServiceSettings service;
  LogLevel log_level = LogLevel::kInfo;
  bool audit_enabled = true;
  std::optional<double> threshold;
};
Result<Parts> Derive(const Settings& settings);

// Reads <home>/vigia.yaml (its section "risk"), the environment, and flags (key, text) in that order.
Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment,
                              const std::vector<std::pair<std::string, std::string>>& flags);

// The same, explained: each key with its value and where it came from.
Result<std::vector<config::KeyState>> ExplainSettings(const Files& files, const std::string& home,
                                                      const config::Environment& environment);

}  // namespace vigia::serve
