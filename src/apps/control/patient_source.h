// The probes of a service that has not begun yet say nothing: being started is not being down.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "signals/signal.h"

namespace vigia::control {

// Silent until `begun` is true once, or `patience` has passed since the first call.
class PatientSource final : public signals::SignalSource {
 public:
  PatientSource(std::unique_ptr<signals::SignalSource> source, std::function<bool()> begun, Duration patience)
      : source_(std::move(source)), begun_(std::move(begun)), patience_(patience) {}

  const std::string& name() const override { return source_->name(); }
  Duration every() const override { return source_->every(); }
  Duration timeout() const override { return source_->timeout(); }
  std::vector<signals::Sample> Collect(WallTime now) override;
  std::vector<signals::Sample> Hanging(WallTime now) const override;

 private:
  const std::unique_ptr<signals::SignalSource> source_;
  const std::function<bool()> begun_;
  const Duration patience_;
  WallTime first_{};  // used by Collect only
  std::atomic<bool> speaks_{false};
};

}  // namespace vigia::control
