#include "control/patient_source.h"

namespace vigia::control {

std::vector<signals::Sample> PatientSource::Collect(WallTime now) {
  if (first_ == WallTime{}) first_ = now;
  if (!speaks_ && (begun_() || now - first_ >= patience_)) speaks_ = true;
  return speaks_ ? source_->Collect(now) : std::vector<signals::Sample>();
}

std::vector<signals::Sample> PatientSource::Hanging(WallTime now) const {
  return speaks_ ? source_->Hanging(now) : std::vector<signals::Sample>();
}

}  // namespace vigia::control
