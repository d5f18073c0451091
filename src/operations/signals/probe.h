// What every probe has: a name, a beat, a timeout, labels; and how it reports.
// A kind of probe is a file pair in probes/ and a line in probes/kinds.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "config/map_reader.h"
#include "jq/filter.h"
#include "net/http_client.h"
#include "signals/signal.h"

namespace vigia::signals {

// The world that probes look at; outlives them.
struct ProbeWorld {
  Files& files;
  Processes& processes;
  net::HttpClient& http;
  const Clock& clock;
  std::string home;                                                           // relative paths are below it
  std::function<std::optional<std::string>(const std::string&)> environment;  // for secrets in headers
};

struct ProbeCommon {
  std::string name;
  Duration every = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(5);
  LabelSet labels;  // on everything it reports
};

using SourceMaker = std::function<std::unique_ptr<SignalSource>(const ProbeWorld&)>;

// What the programs of probes may be; anything else is refused when settings are loaded.
struct ProbeRules {
  std::vector<std::string> programs;
};

// Reads the keys of its own kind, and adds problems; the caller reads the common keys and finishes.
struct ProbeKind {
  std::string_view name;
  SourceMaker (*load)(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);
};

// Collects the samples of one call.
class Findings {
 public:
  Findings(WallTime now, const LabelSet& labels) : now_(now), labels_(labels) {}
  void Add(std::string name, double value, const LabelSet& more = {}) {
    samples_.push_back({std::move(name), more.With(labels_), value, now_});
  }
  std::vector<Sample>& samples() { return samples_; }

 private:
  WallTime now_;
  const LabelSet& labels_;
  std::vector<Sample> samples_;
};

// Adds probe_success and probe_seconds, with the label `probe`, to what Measure finds.
class Probe : public SignalSource {
 public:
  Probe(ProbeCommon common, const ProbeWorld& world) : world_(world), common_(std::move(common)) {
    common_.labels.Set("probe", common_.name);
  }
  const std::string& name() const final { return common_.name; }
  Duration every() const final { return common_.every; }
  Duration timeout() const final { return common_.timeout; }
  std::vector<Sample> Collect(WallTime now) final;
  std::vector<Sample> Hanging(WallTime now) const final;

 protected:
  enum class Outcome {
    kGood,
    kBad,     // probe_success 0
    kAbsent,  // there is nothing to measure on this machine: no data at all
  };
  virtual Outcome Measure(WallTime now, Findings& findings) = 0;

  const ProbeCommon& common() const { return common_; }
  std::string Path(const std::string& path) const;  // below the home unless absolute
  const ProbeWorld world_;

 private:
  ProbeCommon common_;
};

// signals: {drift_psi: .score.psi, feature_psi: "[.features[] | {labels: {feature: .name}, value: .psi}]"}
// A number or boolean is a sample; a list of {labels, value} is one sample each; anything else is none.
class Fields {
 public:
  static Fields Load(config::MapReader& reader);
  bool empty() const { return filters_.empty(); }
  void Extract(const Json& document, Findings& findings) const;

 private:
  std::vector<std::pair<std::string, std::shared_ptr<const jq::Filter>>> filters_;
  std::shared_ptr<std::mutex> mutex_ = std::make_shared<std::mutex>();  // a filter runs on one thread at a time
};

// A jq condition; null when there is none, or it does not compile (a problem).
std::shared_ptr<const jq::Filter> LoadCondition(config::MapReader& reader, std::string_view key);

bool IsSignalName(std::string_view name);  // [a-zA-Z_:][a-zA-Z0-9_:]*

// An argument list whose program is allowed; what is not becomes a problem.
std::vector<std::string> LoadProgram(config::MapReader& reader, std::string_view key, const ProbeRules& rules);

template <typename ProbeType, typename Settings>
SourceMaker MakerOf(ProbeCommon common, Settings settings) {
  return [common = std::move(common), settings = std::move(settings)](const ProbeWorld& world) {
    return std::make_unique<ProbeType>(common, world, settings);
  };
}

}  // namespace vigia::signals
