// The risk service as a process: models loaded and watched, loops started, drained and stopped.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/random.h"
#include "http/server.h"
#include "risk/service.h"
#include "serve/model_source.h"
#include "serve/settings.h"

namespace vigia::serve {

// What the process is given; outlives the App.
struct World {
  Files& files;
  const Clock& clock;
  Entropy& entropy;
  Log& log;
};

// Used from one thread.
class App {
 public:
  // Starts serving, with a model or without one.
  static Result<std::unique_ptr<App>> Start(const Settings& settings, const std::string& home, const World& world);
  ~App();

  uint16_t port() const { return server_->port(); }
  // Looks whether what the process serves has changed on disk. To be called a few times a second.
  void Poll();
  // Finishes what has begun, and returns when all loops have ended.
  void DrainAndStop();

 private:
  App(const Parts& parts, ModelSourceSettings source, const World& world);
  void LoadModel();

  const World world_;
  const Parts parts_;
  ModelSource source_;
  std::string seen_;  // the fingerprint of what was loaded, or failed to load
  risk::RiskService service_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace vigia::serve
