// The risk service: its routes, and what they share between loops.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "http/handler.h"
#include "http/stage.h"
#include "risk/served_model.h"
#include "risk/settings.h"

namespace vigia::risk {

struct ServiceSettings {
  PredictSettings predict;
};

// Thread-safe, except for construction. What it is given outlives it; it outlives its handlers.
class RiskService {
 public:
  RiskService(const ServiceSettings& settings, const Clock& clock, Entropy& entropy);

  // What is served; null for nothing. Takes effect with each loop's next request.
  ModelHolder& models() { return models_; }

  // The handler of one event loop.
  std::unique_ptr<http::Handler> MakeHandler(unsigned loop);

 private:
  const ServiceSettings settings_;
  const Clock& clock_;
  Entropy& entropy_;
  const MonoTime started_;
  ModelHolder models_;
};

}  // namespace vigia::risk
