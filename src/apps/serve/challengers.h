// The challengers beside the champion, as the registry's trials.json asks for them: loaded, checked,
// and tried again when they fail.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/clock.h"
#include "registry/trial.h"
#include "risk/served_model.h"
#include "serve/model_source.h"

namespace vigia::serve {

struct Challenger {
  registry::Trial trial;
  std::optional<risk::ModelBundle> bundle;  // none: it failed its check, and takes no part
  std::string error;                        // why
};

// Used from one thread. What it is given outlives it.
class Challengers {
 public:
  Challengers(const ModelSource& source, const Clock& clock) : source_(source), clock_(clock) {}

  // Looks whether the answer has changed; true: it has. A version that failed its check is tried again
  // after a while: its files may be repaired in place.
  bool Poll();
  // Null: none is asked for.
  const Challenger* of(registry::TrialKind kind) const;
  const std::string& error() const { return error_; }  // why trials.json cannot be read; empty: it can
  uint64_t refused() const { return refused_; }        // loads that failed

 private:
  void Load();
  std::optional<Challenger> Load(const std::optional<registry::Trial>& trial);

  const ModelSource& source_;
  const Clock& clock_;
  std::string seen_;
  std::array<std::optional<Challenger>, 2> challengers_;  // by registry::TrialKind
  std::string error_;
  uint64_t refused_ = 0;
  MonoTime retry_at_{};
  Duration retry_after_{};
};

}  // namespace vigia::serve
