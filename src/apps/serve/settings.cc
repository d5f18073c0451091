#include "serve/settings.h"

#include "base/text.h"
#include "config/file.h"

namespace vigia::serve {

namespace {

void DescribeListener(config::Section& section, Settings& s) {
  section.Text("host", s.host,
               {.environment = "API_HOST",
                .help = "address to listen on; by default 127.0.0.1, and 0.0.0.0 when there are keys"});
  section.Integer(
      "port", s.port,
      {.environment = "PORT", .older_name = "API_PORT", .help = "TCP port; 0 for any", .min = 0, .max = 65535});
  section.Integer("loops", s.loops, {.help = "event loops; 0 for one per core", .min = 0, .max = 1024});
  section.Text(
      "tls_certificate", s.tls_certificate,
      {.environment = "TLS_CERTIFICATE",
       .help = "PEM file with the certificate and its chain, for HTTPS instead of HTTP; read again when it changes"});
  section.Text("tls_key", s.tls_key, {.environment = "TLS_KEY", .help = "PEM file with the certificate's private key"});
}

void DescribeModel(config::Section& section, Settings& s) {
  section.Text("model_path", s.model_path,
               {.environment = "MODEL_PATH", .help = "a model file to serve instead of the registry's"});
  section.Text("metadata_path", s.metadata_path,
               {.environment = "METADATA_PATH", .help = "its metadata; by default beside the model"});
  section.Text("signature_path", s.signature_path,
               {.environment = "SIGNATURE_PATH", .help = "its signature; by default beside the model"});
  section.Text("model_version", s.model_version,
               {.environment = "MODEL_VERSION", .help = "the registry's version to serve: champion, or vX.Y.Z"});
  section.Text("registry_dir", s.registry_dir,
               {.environment = "REGISTRY_DIR", .help = "folder of the registry, below the home"});
  section.Text("threshold", s.threshold,
               {.environment = "THRESHOLD", .help = "score from which a pupil is flagged; overrides the model's"});
  section.Text("extra_feature_policy", s.extra_feature_policy,
               {.environment = "EXTRA_FEATURE_POLICY",
                .help = "what to do with features that the model does not know",
                .choices = {"reject", "ignore"}});
}

void DescribeLimits(config::Section& section, Settings& s) {
  section.Integer("max_body_bytes", s.max_body_bytes,
                  {.environment = "MAX_BODY_BYTES", .help = "largest request body in bytes", .min = 1, .max = 1 << 30});
  section.Integer("request_timeout_ms", s.request_timeout_ms,
                  {.environment = "REQUEST_TIMEOUT_MS",
                   .help = "time a request's body may take to arrive, in milliseconds",
                   .min = 1,
                   .max = 3'600'000});
  section.Integer("idle_timeout_s", s.idle_timeout_s,
                  {.help = "time a connection may stay open without a request, in seconds", .min = 1, .max = 86'400});
  section.Integer("max_connections", s.max_connections,
                  {.help = "connections held at once", .min = 1, .max = 1'000'000});
  section.Integer("drain_timeout_s", s.drain_timeout_s,
                  {.help = "time for begun requests to end when the service stops, in seconds", .min = 0, .max = 3600});
}

void DescribeProtection(config::Section& section, Settings& s) {
  section.Text("log_level", s.log_level,
               {.environment = "LOG_LEVEL", .help = "the least level that is logged: DEBUG, INFO, WARNING, ERROR"});
  section.SecretList("api_keys", s.api_keys,
                     {.environment = "API_KEYS", .help = "keys beside those of `vigia key`, separated by commas"});
  section.Integer("rate_limit_rpm", s.rate_limit_rpm,
                  {.environment = "RATE_LIMIT_RPM",
                   .help = "predictions per minute and key; 0 for 60 with keys, and no limit without",
                   .min = 0,
                   .max = 1e9});
  section.Integer("rate_limit_burst", s.rate_limit_burst,
                  {.help = "predictions at once after a rest; 0 for one minute's", .min = 0, .max = 1e9});
  section.List("protected_addresses", s.protected_addresses, {.help = "client addresses that are never blocked"});
  section.List(
      "blocked_ips", s.blocked_ips,
      {.environment = "BLOCKED_IPS", .help = "client addresses that are refused, beside those of `vigia block-ip`"});
  section.Number("slo_p95_ms", s.slo_p95_ms,
                 {.environment = "SLO_P95_MS", .help = "objective of the 95th percentile, in milliseconds", .min = 0});
  section.Number("slo_error_rate", s.slo_error_rate,
                 {.environment = "SLO_ERROR_RATE", .help = "objective of the share of 5xx", .min = 0, .max = 1});
  section.Integer(
      "shed_after_ms", s.shed_after_ms,
      {.help = "a prediction that may have waited this long is refused, in milliseconds", .min = 1, .max = 60'000});
}

void DescribeRecords(config::Section& section, Settings& s) {
  section.Text("metrics_enabled", s.metrics_enabled,
               {.environment = "METRICS_ENABLED", .help = "true: GET /metrics answers"});
  section.Text("audit_enabled", s.audit_enabled,
               {.environment = "AUDIT_ENABLED",
                .help = "true: the service notes starts, stops and loads in logs/audit.log; commands always do"});
  section.Text("inference_store", s.inference_store,
               {.help = "folder that keeps what was answered, below the home; 'off' for none"});
  section.Text("drift_store", s.drift_store,
               {.environment = "DRIFT_STORE",
                .help = "off: nothing is kept of what was answered, as inference_store: off",
                .choices = {"local", "local_jsonl", "off"}});
  section.Text("privacy_mode", s.privacy_mode,
               {.environment = "PRIVACY_MODE",
                .help = "values, or bins instead of numbers (aggregate_only is another name for bins)",
                .choices = {"values", "bins", "aggregate_only"}});
  section.Integer("flush_ms", s.flush_ms,
                  {.help = "what a power cut may take of the inference store, in milliseconds; 0: no bound",
                   .min = 0,
                   .max = 60'000});
  section.Text("app_name", s.app_name, {.environment = "APP_NAME", .help = "the name in the log lines"});
}

}  // namespace

void Describe(config::Section section, Settings& s) {
  DescribeListener(section, s);
  DescribeModel(section, s);
  DescribeLimits(section, s);
  DescribeProtection(section, s);
  DescribeRecords(section, s);
}

namespace {

Status Load(config::Settings& keys, const Files& files, const std::string& home, const config::Environment& environment,
            const std::vector<std::pair<std::string, std::string>>& flags) {
  return keys.Load(TRY(config::ReadSection(files, home, "risk")), config::kFileName, environment, flags);
}

}  // namespace

Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment,
                              const std::vector<std::pair<std::string, std::string>>& flags) {
  Settings settings;
  config::Settings keys;
  Describe(keys.In("risk"), settings);
  TRY(Load(keys, files, home, environment, flags));
  return settings;
}

Result<std::vector<config::KeyState>> ExplainSettings(const Files& files, const std::string& home,
                                                      const config::Environment& environment) {
  Settings settings;
  config::Settings keys;
  Describe(keys.In("risk"), settings);
  TRY(Load(keys, files, home, environment, {}));
  TRY(Derive(settings));  // refuses what only fits together
  return keys.Describe();
}

namespace {

Result<std::vector<http::Peer>> ReadPeers(const std::vector<std::string>& addresses, std::string_view name) {
  std::vector<http::Peer> peers;
  for (const std::string& address : addresses) {
    const std::optional<http::Peer> peer = http::ParsePeer(Trim(address));
    if (!peer) return Error(Code::kInvalidArgument, std::string(name) + ": not an IP address");
    peers.push_back(*peer);
  }
  return peers;
}

}  // namespace

Result<Parts> Derive(const Settings& settings) {
  Parts parts;
  parts.server.host = settings.host.empty() ? "127.0.0.1" : settings.host;
  parts.server.port = static_cast<uint16_t>(settings.port);
  parts.server.loops = static_cast<unsigned>(settings.loops);
  parts.server.limits.body_bytes = static_cast<size_t>(settings.max_body_bytes);
  parts.server.max_connections = static_cast<size_t>(settings.max_connections);
  parts.server.request_timeout = std::chrono::milliseconds(settings.request_timeout_ms);
  parts.server.idle_timeout = std::chrono::seconds(settings.idle_timeout_s);
  parts.server.drain_timeout = std::chrono::seconds(settings.drain_timeout_s);
  parts.service.predict.extra_features =
      settings.extra_feature_policy == "ignore" ? risk::ExtraFeatures::kIgnore : risk::ExtraFeatures::kReject;
  parts.service.slo = {settings.slo_p95_ms, settings.slo_error_rate};
  parts.service.shed_after = std::chrono::milliseconds(settings.shed_after_ms);
  parts.service.metrics_enabled = ToLowerAscii(Trim(settings.metrics_enabled)) == "true";
  parts.audit_enabled = ToLowerAscii(Trim(settings.audit_enabled)) == "true";
  parts.service.stored_detail =
      settings.privacy_mode == "values" ? inference::ValueDetail::kExact : inference::ValueDetail::kBins;
  if (settings.flush_ms > 0) parts.store.writer.flush_every = std::chrono::milliseconds(settings.flush_ms);
  std::string list;
  for (const Secret& key : settings.api_keys) list += key.Reveal() + ",";
  parts.api_keys = auth::KeysFromList(list);
  if (settings.rate_limit_rpm > 0) {
    const auto rpm = static_cast<double>(settings.rate_limit_rpm);
    parts.rate = auth::Rate{rpm, settings.rate_limit_burst > 0 ? static_cast<double>(settings.rate_limit_burst) : rpm};
  }
  parts.protected_peers = TRY(ReadPeers(settings.protected_addresses, "risk.protected_addresses"));
  parts.blocked_peers = TRY(ReadPeers(settings.blocked_ips, "BLOCKED_IPS"));
  parts.log_level = TRY_CONTEXT(ParseLogLevel(settings.log_level), "LOG_LEVEL");
  if (!settings.threshold.empty()) {
    parts.threshold = ParseNumber(Trim(settings.threshold));
    if (!parts.threshold || *parts.threshold < 0 || *parts.threshold > 1) {
      return Error(Code::kInvalidArgument, "THRESHOLD must be a number from 0 to 1");
    }
  }
  return parts;
}

}  // namespace vigia::serve
