#include "serve/challengers.h"

#include <algorithm>

namespace vigia::serve {

namespace {
size_t PlaceOf(registry::TrialKind kind) { return kind == registry::TrialKind::kCanary ? 1 : 0; }
}  // namespace

const Challenger* Challengers::of(registry::TrialKind kind) const {
  const std::optional<Challenger>& one = challengers_[PlaceOf(kind)];
  return one ? &*one : nullptr;
}

bool Challengers::Poll() {
  std::string seen = source_.TrialsFingerprint();
  const bool changed = seen != seen_;
  const auto failed = [](const auto& one) { return one && !one->bundle; };
  const bool again =
      (!error_.empty() || std::any_of(challengers_.begin(), challengers_.end(), failed)) && clock_.Mono() >= retry_at_;
  if (!changed && !again) return false;
  retry_after_ = changed ? kFirstRetry : std::min<Duration>(retry_after_ * 2, kLastRetry);
  retry_at_ = clock_.Mono() + retry_after_;
  seen_ = std::move(seen);
  Load();
  return true;
}

void Challengers::Load() {
  const Result<registry::Trials> trials = source_.Trials();
  error_ = trials.ok() ? "" : trials.error().message();
  challengers_[PlaceOf(registry::TrialKind::kShadow)] = trials.ok() ? Load(trials->shadow) : std::nullopt;
  challengers_[PlaceOf(registry::TrialKind::kCanary)] = trials.ok() ? Load(trials->canary) : std::nullopt;
}

std::optional<Challenger> Challengers::Load(const std::optional<registry::Trial>& trial) {
  if (!trial) return std::nullopt;
  for (const std::optional<Challenger>& one : challengers_) {  // loaded already: an immutable version
    if (one && one->bundle && one->trial.version == trial->version) return Challenger{*trial, one->bundle, ""};
  }
  Result<risk::ModelBundle> loaded = source_.LoadVersion(trial->version);
  if (loaded.ok()) return Challenger{*trial, std::move(loaded).value(), ""};
  ++refused_;
  return Challenger{*trial, std::nullopt, loaded.error().message()};
}

}  // namespace vigia::serve
