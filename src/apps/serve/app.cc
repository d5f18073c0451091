#include "serve/app.h"

#include <algorithm>

namespace vigia::serve {

namespace {

constexpr double kDefaultRpm = 60;
constexpr size_t kMaxUnaudited = 100;

std::string BelowHome(const std::string& home, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : JoinPath(home, path);
}

std::unique_ptr<inference::InferenceStore> OpenStore(const Parts& parts, const std::string& folder,
                                                     const World& world) {
  if (folder.empty()) return nullptr;
  return std::make_unique<inference::InferenceStore>(
      parts.store, std::make_unique<inference::SystemSegmentFolder>(inference::WalFolder(folder)), world.clock,
      world.entropy);
}

}  // namespace

unsigned App::LoopsOf(const Parts& parts) {
  return parts.server.loops != 0 ? parts.server.loops : std::max(1U, std::thread::hardware_concurrency());
}

App::App(const Parts& parts, const ModelSourceSettings& source, std::string home, const std::string& store_folder,
         const World& world, LineLog& log)
    : world_(world),
      log_(log),
      parts_(parts),
      home_(std::move(home)),
      source_(source, world.files),
      challengers_(source_, world.clock),
      store_(OpenStore(parts, store_folder, world)),
      service_(parts_.service,
               {world.clock, world.entropy, &log, store_.get(), [this](MetricsText& text) { AddServerMetrics(text); }},
               LoopsOf(parts)) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::Start(const Settings& settings, const std::string& home, const World& world,
                                        LineLog& log) {
  Parts parts = TRY(Derive(settings));
  parts.server.loops = LoopsOf(parts);
  const ModelSourceSettings source{BelowHome(home, settings.registry_dir), settings.model_version,
                                   BelowHome(home, settings.model_path), BelowHome(home, settings.metadata_path),
                                   BelowHome(home, settings.signature_path)};
  const std::string store = settings.inference_store == "off" || settings.drift_store == "off"
                                ? ""
                                : BelowHome(home, settings.inference_store);
  std::unique_ptr<App> app(new App(parts, source, home, store, world, log));
  TRY(app->LoadAccess());  // a damaged key file must not open the doors
  app->LoadModel();
  app->FollowTrials();
  const bool open = app->service_.access().Get()->keys.empty();
  parts.server.tls = {BelowHome(home, settings.tls_certificate), BelowHome(home, settings.tls_key)};
  if (settings.host.empty()) parts.server.host = open ? "127.0.0.1" : "0.0.0.0";
  if (open) log.Warning("no API keys are configured: every client on this machine is served, nobody else is");
  app->server_ = TRY(http::Server::Start(
      parts.server, [&service = app->service_](unsigned loop) { return service.MakeHandler(loop); }, world.clock));
  app->scraped_.store(app->server_.get(), std::memory_order_release);
  log.Info("serving",
           {{"host", parts.server.host}, {"port", int64_t{app->port()}}, {"loops", int64_t{app->server_->loops()}}});
  app->NoteChange("service_start", {{"service", "risk"}, {"host", parts.server.host}, {"port", app->port()}});
  return app;
}

void App::Poll() {
  if (source_.Fingerprint() != seen_model_) {
    LoadModel();
  } else if (!loads_.error.empty() && world_.clock.Mono() >= retry_model_at_) {
    LoadModel();
  }
  if (AccessFingerprint() != seen_access_) {
    const Status loaded = LoadAccess();
    if (!loaded.ok()) log_.Error("the change of access is not taken over", {{"reason", loaded.error().message()}});
  }
  const Result<bool> renewed = server_->RenewTls();
  if (!renewed.ok()) log_.Error("the new certificate is not taken over", {{"reason", renewed.error().message()}});
  if (renewed.ok() && *renewed) log_.Info("the certificate has been read again");
  ApplyThreshold();
  FollowTrials();
  WriteAudit();
}

std::string App::AccessFingerprint() const {
  return StampOf(world_.files, Home("state/api_keys.json")) + " " + StampOf(world_.files, Home("state/access.json")) +
         " " + StampOf(world_.files, Home("state/threshold.json"));
}

Status App::LoadAccess() {
  seen_access_ = AccessFingerprint();
  std::vector<auth::ApiKey> keys = TRY(auth::ReadKeys(world_.files, Home("state/api_keys.json")));
  auth::AccessChanges changes = TRY(auth::ReadAccess(world_.files, Home("state/access.json")));
  live_threshold_ = TRY(risk::ReadLiveThreshold(world_.files, Home("state/threshold.json")));
  keys.insert(keys.end(), parts_.api_keys.begin(), parts_.api_keys.end());
  auth::AccessPolicy policy;
  policy.rate = parts_.rate;
  if (!keys.empty() && !policy.rate) policy.rate = auth::Rate{kDefaultRpm, kDefaultRpm};
  policy.keys = auth::KeySet(std::move(keys));
  if (changes.rate_limit_rpm) policy.rate_until_changed = auth::Rate{*changes.rate_limit_rpm, *changes.rate_limit_rpm};
  policy.rate_until = changes.rate_limit_until;
  policy.blocked = std::move(changes.blocked);
  for (const http::Peer& peer : parts_.blocked_peers) policy.blocked.push_back({peer, std::nullopt, "settings"});
  policy.protected_peers = parts_.protected_peers;
  log_.Info("access loaded", {{"keys", policy.keys.size()}, {"blocked", policy.blocked.size()}});
  service_.access().Set(std::make_shared<const auth::AccessPolicy>(std::move(policy)));
  return {};
}

void App::LoadModel() {
  std::string seen = source_.Fingerprint();
  if (seen != seen_model_) {
    retry_model_after_ = kFirstRetry;
    refused_.clear();
  }
  seen_model_ = std::move(seen);
  Result<risk::ModelBundle> loaded = source_.Load();
  if (!loaded.ok()) {
    RefuseModel(loaded.error());
    return;
  }
  ++loads_.accepted;
  loads_.error.clear();
  service_.model_loads().Set(std::make_shared<const risk::ModelLoads>(loads_));
  if (bundle_ && !loaded->digest.empty() && loaded->digest == bundle_->digest) return;  // it is served already
  bundle_ = std::move(loaded).value();
  threshold_in_force_ = {-1, risk::ThresholdSource::kMetadata};
  ApplyThreshold();
  NoteLoad("model_load", bundle_->version, "");
}

// The home's own path is nobody's business outside.
std::string App::WithoutHome(std::string text) const {
  for (size_t at; (at = text.find(home_ + "/")) != std::string::npos;) text.erase(at, home_.size() + 1);
  return text;
}

// What is served stays served: a damaged version must not take a good one down.
void App::RefuseModel(const Error& error) {
  retry_model_at_ = world_.clock.Mono() + retry_model_after_;
  retry_model_after_ = std::min<Duration>(retry_model_after_ * 2, kLastRetry);
  const std::string reason = WithoutHome(error.message());
  loads_.error = reason;
  const bool nothing_yet = !bundle_ && error.code() == Code::kNotFound;
  if (!nothing_yet) ++loads_.refused;
  service_.model_loads().Set(std::make_shared<const risk::ModelLoads>(loads_));
  if (refused_ == reason) return;
  refused_ = reason;
  log_.Error(bundle_ ? "the new model cannot be loaded, the old one stays" : "no model is loaded",
             {{"reason", reason}, {"model_version", bundle_ ? bundle_->version : ""}});
  if (!nothing_yet) NoteLoad("model_refused", bundle_ ? bundle_->version : "", reason);
}

void App::FollowTrials() {
  if (!challengers_.Poll()) return;
  risk::TrialStates states;
  states.error = WithoutHome(challengers_.error());
  states.refused = challengers_.refused();
  if (!states.error.empty()) log_.Error("the trials cannot be read", {{"reason", states.error}});
  states.canary = FollowTrial(registry::TrialKind::kCanary, trials_.canary);
  states.shadow = FollowTrial(registry::TrialKind::kShadow, trials_.shadow);
  PublishChallengers();
  service_.trials().Set(std::make_shared<const risk::TrialStates>(states));
  trials_ = std::move(states);
}

// What has become of one, told once. A challenger that does not load takes no part: the champion answers all.
std::optional<risk::TrialState> App::FollowTrial(registry::TrialKind kind,
                                                 const std::optional<risk::TrialState>& before) {
  const std::string name = registry::TrialKindName(kind);
  const Challenger* challenger = challengers_.of(kind);
  const std::string serving = bundle_ ? bundle_->version : "";
  if (challenger == nullptr) {
    if (before) log_.Info(name + " ended", {{"model_version", before->version}});
    return std::nullopt;
  }
  const risk::TrialState state{challenger->trial.version, challenger->trial.percent, WithoutHome(challenger->error)};
  if (before == state) return state;
  if (challenger->bundle) {
    log_.Info(name + " started", {{"model_version", state.version}, {"percent", state.percent}});
    NoteLoad(name + "_load", state.version, "");
  } else {
    log_.Error("the " + name + " cannot be loaded", {{"model_version", state.version}, {"reason", state.error}});
    NoteLoad(name + "_refused", serving, "version " + state.version + ": " + state.error);
  }
  return state;
}

void App::PublishChallengers() {
  const auto served = [&](registry::TrialKind kind) -> std::shared_ptr<const risk::ServedModel> {
    const Challenger* challenger = challengers_.of(kind);
    if (challenger == nullptr || !challenger->bundle) return nullptr;
    return std::make_shared<const risk::ServedModel>(*challenger->bundle, ThresholdOf(*challenger->bundle),
                                                     world_.clock.Now());
  };
  const Challenger* canary = challengers_.of(registry::TrialKind::kCanary);
  service_.SetCanary(served(registry::TrialKind::kCanary), canary != nullptr ? canary->trial.percent : 0);
  service_.SetShadow(served(registry::TrialKind::kShadow));
}

void App::NoteLoad(std::string action, std::string version, const std::string& error) {
  Json details = {{"service", "risk"}, {"serving", version.empty() ? Json(nullptr) : Json(std::move(version))}};
  if (!error.empty()) details["reason"] = error;
  NoteChange(std::move(action), std::move(details));
}

void App::NoteChange(std::string action, Json details) {
  if (!parts_.audit_enabled) return;
  if (unaudited_.size() < kMaxUnaudited) unaudited_.push_back({std::move(action), "vigia-risk", std::move(details)});
}

// A log that is busy or on a full disk gets the events later, in their order.
void App::WriteAudit() {
  while (!unaudited_.empty()) {
    const Status written = audit::Append(world_.files, Home("logs/audit.log"), world_.clock.Now(), unaudited_.front());
    if (!written.ok()) return;
    unaudited_.erase(unaudited_.begin());
  }
}

// A person's change counts before the environment's, and that before the model's own.
risk::Threshold App::ThresholdOf(const risk::ModelBundle& bundle) const {
  if (live_threshold_ && (!live_threshold_->until || world_.clock.Now() < *live_threshold_->until)) {
    return {live_threshold_->value, risk::ThresholdSource::kLive};
  }
  if (parts_.threshold) return {*parts_.threshold, risk::ThresholdSource::kEnvironment};
  return {bundle.model->threshold(), risk::ThresholdSource::kMetadata};
}

void App::ApplyThreshold() {
  if (!bundle_) return;
  const risk::Threshold threshold = ThresholdOf(*bundle_);
  if (threshold == threshold_in_force_) return;
  PublishChallengers();
  threshold_in_force_ = threshold;
  service_.models().Set(std::make_shared<const risk::ServedModel>(*bundle_, threshold, world_.clock.Now()));
  log_.Info("serving model", {{"model_version", bundle_->version},
                              {"threshold", threshold.value},
                              {"threshold_source", risk::ThresholdSourceName(threshold.source)}});
}

void App::AddServerMetrics(MetricsText& text) const {
  const http::Server* server = scraped_.load(std::memory_order_acquire);
  if (server == nullptr) return;
  double open = 0, accepted = 0, refused = 0, evicted = 0, timed_out = 0;
  for (unsigned loop = 0; loop < server->loops(); ++loop) {
    const http::LoopStats& stats = server->stats(loop);
    open += static_cast<double>(stats.open.load(std::memory_order_relaxed));
    accepted += static_cast<double>(stats.accepted.value());
    refused += static_cast<double>(stats.refused.value());
    evicted += static_cast<double>(stats.evicted.value());
    timed_out += static_cast<double>(stats.timed_out.value());
  }
  const auto add = [&](std::string_view name, MetricsText::Type type, std::string_view help, double value) {
    text.Family(name, type, help);
    text.Sample({}, value);
  };
  add("http_connections_open", MetricsText::Type::kGauge, "Connections that are open.", open);
  add("http_connections_accepted", MetricsText::Type::kCounter, "Connections accepted.", accepted);
  add("http_connections_refused", MetricsText::Type::kCounter, "Connections refused at the cap.", refused);
  add("http_connections_evicted", MetricsText::Type::kCounter, "Idle connections closed to make room.", evicted);
  add("http_connections_timed_out", MetricsText::Type::kCounter, "Connections closed by a time limit.", timed_out);
}

void App::DrainAndStop() {
  server_->Drain();
  server_->Join();
  NoteChange("service_stop", {{"service", "risk"}});
  WriteAudit();
  log_.Info("stopped");
}

}  // namespace vigia::serve
