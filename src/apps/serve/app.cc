#include "serve/app.h"

namespace vigia::serve {

namespace {

std::string BelowHome(const std::string& home, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : JoinPath(home, path);
}

}  // namespace

App::App(const Parts& parts, ModelSourceSettings source, const World& world)
    : world_(world),
      parts_(parts),
      source_(std::move(source), world.files),
      service_(parts_.service, world.clock, world.entropy) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::Start(const Settings& settings, const std::string& home, const World& world) {
  const Parts parts = TRY(Derive(settings));
  const ModelSourceSettings source{BelowHome(home, settings.registry_dir), settings.model_version,
                                   BelowHome(home, settings.model_path), BelowHome(home, settings.metadata_path)};
  std::unique_ptr<App> app(new App(parts, source, world));
  app->LoadModel();
  app->server_ = TRY(http::Server::Start(
      parts.server, [&service = app->service_](unsigned loop) { return service.MakeHandler(loop); }, world.clock));
  world.log.Info(
      "serving",
      {{"host", parts.server.host}, {"port", int64_t{app->port()}}, {"loops", int64_t{app->server_->loops()}}});
  return app;
}

void App::Poll() {
  if (source_.Fingerprint() != seen_) LoadModel();
}

void App::LoadModel() {
  seen_ = source_.Fingerprint();
  Result<risk::ModelBundle> loaded = source_.Load();
  if (!loaded.ok()) {
    // What is served stays served: a damaged version must not take a good one down.
    const bool serving = service_.models().Get() != nullptr;
    world_.log.Error(serving ? "the new model cannot be loaded, the old one stays" : "no model is loaded",
                     {{"reason", loaded.error().message()}});
    return;
  }
  risk::Threshold threshold{loaded->model->threshold(), risk::ThresholdSource::kMetadata};
  if (parts_.threshold) threshold = {*parts_.threshold, risk::ThresholdSource::kEnvironment};
  const auto model = std::make_shared<risk::ServedModel>(std::move(loaded).value(), threshold, world_.clock.Now());
  service_.models().Set(model);
  world_.log.Info("model loaded", {{"model_version", model->version()},
                                   {"threshold", threshold.value},
                                   {"threshold_source", risk::ThresholdSourceName(threshold.source)}});
}

void App::DrainAndStop() {
  server_->Drain();
  server_->Join();
  world_.log.Info("stopped");
}

}  // namespace vigia::serve
