// Where a drill takes place: a scratch home on free ports, its control plane and service as real
// processes, a sink for pages, and clients. Everything ends with it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "base/progress.h"
#include "base/result.h"
#include "drill/home.h"
#include "drill/sink.h"
#include "drill/traffic.h"
#include "net/http_client.h"

namespace vigia::drill {

struct ArenaWorld {
  Files& files;
  Processes& processes;
  net::HttpClient& http;
  const Clock& clock;
  std::string vigia;                                         // the program
  std::string trained;                                       // a home made by TrainHome
  std::function<bool()> interrupted = [] { return false; };  // somebody wants it to end now
  Progress& progress;
  // What there is to see of a drill, written as it changes into <keep>/<drill>/; empty: nothing is kept.
  std::string keep = {};
};

struct ArenaSettings {
  std::vector<std::string> quick;
  std::vector<std::string> quick_probes;
  std::string risk;         // more of vigia.yaml's section `risk`
  std::string limits;       // more of its entry in `services`
  int leaky_megabytes = 0;  // a second service that leaks when it is told to, with this limit; 0: none
  int disk_megabytes = 0;   // a file system of its own of this size (root) …
  std::string disk_at;      // … for this folder below the home; empty: for all of it
};

class Arena {
 public:
  // Returns when the service is ready and the operator sees it. kPermissionDenied: the file system of its
  // own cannot be mounted here.
  static Result<std::unique_ptr<Arena>> Open(const ArenaSettings& settings, const ArenaWorld& world);
  ~Arena();

  const std::string& home() const { return home_; }
  uint16_t port() const { return port_; }
  uint16_t leaky_port() const { return leaky_port_; }  // of the service that may leak
  const ArenaWorld& world() const { return world_; }
  const Sink& sink() const { return *sink_; }
  std::string Path(std::string_view below) const { return JoinPath(home_, below); }

  // A command against the home; its JSON, or null when it prints none.
  Result<Json> Vigia(std::vector<std::string> words) const;
  // The operations API.
  Result<Json> Get(const std::string& path) const;
  Result<Json> Post(const std::string& path, const Json& body) const;
  Result<int> Predict(const std::string& body) const;  // the status
  Result<int> ServicePid() const;
  Result<std::vector<Json>> Rows() const;  // instances that the model was trained on

  // Looks every 50 ms; false at the deadline, or when the drill was interrupted.
  bool WaitFor(const std::function<bool()>& condition, Duration most) const;

  // The moment from which time to detect counts, when preparing the fault takes time; else the beginning.
  void MarkBroken() { broken_ = world_.clock.Now(); }
  std::optional<WallTime> broken() const { return broken_; }

  void AddClient(ClientPlan plan);
  void StopClients() { clients_.clear(); }
  // What takes the fault away again, before people resolve the incident or the arena ends.
  void WhenMended(std::function<void()> mend) { mends_.push_back(std::move(mend)); }
  void Mend();

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

 private:
  explicit Arena(const ArenaWorld& world) : world_(world) {}
  Status MakeHome(const ArenaSettings& settings);
  Status Mount(const std::string& folder, int megabytes);
  Status StartPlane();
  Result<int> PidOf(const std::string& service) const;
  bool WaitHowever(const std::function<bool()>& condition, Duration most, bool interruptible) const;
  Result<Json> Ask(const std::string& method, const std::string& path, const std::string& body) const;

  const ArenaWorld world_;
  std::string home_;
  std::string mounted_;  // where; empty: nowhere
  uint16_t port_ = 0, leaky_port_ = 0;
  std::unique_ptr<Sink> sink_;
  int plane_pid_ = 0;
  std::string url_, token_;
  std::optional<WallTime> broken_;
  std::vector<std::function<void()>> mends_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace vigia::drill
