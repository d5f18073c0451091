#include "serve/settings.h"

#include "base/text.h"
#include "config/yaml.h"

namespace vigia::serve {

void Describe(config::Section section, Settings& s) {
  section.Text("host", s.host,
               {.environment = "API_HOST",
                .help = "address to listen on; by default 127.0.0.1, and 0.0.0.0 when there are keys"});
  section.Integer("port", s.port, {.environment = "PORT", .help = "TCP port; 0 for any", .min = 0, .max = 65535});
  section.Integer("loops", s.loops, {.help = "event loops; 0 for one per core", .min = 0, .max = 1024});
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
  section.Text("log_level", s.log_level,
               {.environment = "LOG_LEVEL", .help = "the least level that is logged: DEBUG, INFO, WARNING, ERROR"});
  section.Text("app_name", s.app_name, {.environment = "APP_NAME", .help = "the name in the log lines"});
}

Result<Settings> LoadSettings(const Files& files, const std::string& home, const config::Environment& environment,
                              const std::vector<std::pair<std::string, std::string>>& flags) {
  Settings settings;
  config::Settings keys;
  Describe(keys.In("risk"), settings);
  config::YamlNode ours;
  const std::string path = JoinPath(home, "vigia.yaml");
  if (files.Exists(path)) {
    const config::YamlNode file = TRY(config::ParseYaml(TRY(files.Read(path)), "vigia.yaml"));
    if (file.kind == config::YamlNode::Kind::kMap) {
      ours.kind = config::YamlNode::Kind::kMap;
      for (size_t i = 0; i < file.map.size(); ++i) {
        if (file.map[i].first != "risk") continue;  // other sections belong to other programs
        ours.map.push_back(file.map[i]);
        ours.key_lines.push_back(file.key_lines[i]);
      }
    }
  }
  // An empty variable is as good as none: shells and compose files cannot always leave it out.
  const config::Environment non_empty = [&](const std::string& name) {
    std::optional<std::string> value = environment(name);
    return value && Trim(*value).empty() ? std::nullopt : value;
  };
  TRY(keys.Load(ours, "vigia.yaml", non_empty, flags));
  return settings;
}

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
