// The risk service as a process: models loaded and watched, loops started, drained and stopped.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/line_log.h"
#include "base/random.h"
#include "http/server.h"
#include "risk/live_threshold.h"
#include "risk/service.h"
#include "serve/challengers.h"
#include "serve/model_source.h"
#include "serve/settings.h"

namespace vigia::serve {

// What the process is given; outlives the App.
struct World {
  Files& files;
  const Clock& clock;
  Entropy& entropy;
};

// Used from one thread.
class App {
 public:
  // Starts serving, with a model or without one. `log` has at least LoopsOf(parts) rings.
  static Result<std::unique_ptr<App>> Start(const Settings& settings, const std::string& home, const World& world,
                                            LineLog& log);
  ~App();
  static unsigned LoopsOf(const Parts& parts);

  uint16_t port() const { return server_->port(); }
  // Looks whether what the process serves, or to whom, has changed on disk. To be called a few times
  // a second.
  void Poll();
  // Finishes what has begun, and returns when all loops have ended.
  void DrainAndStop();

 private:
  App(const Parts& parts, const ModelSourceSettings& source, std::string home, const std::string& store_folder,
      const World& world, LineLog& log);
  void LoadModel();
  void RefuseModel(const Error& error);
  void NoteChange(std::string action, Json details);
  void FollowTrials();
  std::optional<risk::TrialState> FollowTrial(registry::TrialKind kind, const std::optional<risk::TrialState>& before);
  void PublishChallengers();
  std::string WithoutHome(std::string text) const;
  risk::Threshold ThresholdOf(const risk::ModelBundle& bundle) const;
  void NoteLoad(std::string action, std::string version, const std::string& error);
  void WriteAudit();
  Status LoadAccess();
  std::string AccessFingerprint() const;
  void ApplyThreshold();
  void AddServerMetrics(MetricsText& text) const;
  std::string Home(std::string_view below) const { return JoinPath(home_, below); }

  const World world_;
  LineLog& log_;
  const Parts parts_;
  const std::string home_;
  ModelSource source_;
  std::string seen_model_;     // the fingerprint of what was loaded, or failed to load
  MonoTime retry_model_at_{};  // after a failure: a file may be repaired in place
  Duration retry_model_after_{};
  std::string refused_;                  // the last refusal, to be told once
  std::vector<audit::Event> unaudited_;  // written at the next Poll, so that no start waits for the disk
  risk::ModelLoads loads_;
  std::string seen_access_;
  std::optional<risk::ModelBundle> bundle_;
  Challengers challengers_;
  risk::TrialStates trials_;  // as told last
  std::optional<risk::LiveThreshold> live_threshold_;
  risk::Threshold threshold_in_force_;
  std::unique_ptr<inference::InferenceStore> store_;  // null: off
  risk::RiskService service_;
  std::atomic<const http::Server*> scraped_{nullptr};
  std::unique_ptr<http::Server> server_;
};

}  // namespace vigia::serve
