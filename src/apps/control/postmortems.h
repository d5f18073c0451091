// Post-mortem drafts as files: <home>/postmortems/INC-000042.md.
#pragma once

#include <functional>
#include <string>

#include "base/files.h"
#include "calendar/time_zone.h"
#include "controller/controller.h"
#include "incidents/postmortem.h"

namespace vigia::control {

// Relative to the home.
std::string PostmortemFile(const std::string& incident);

struct PostmortemSettings {
  std::string home;
  incidents::Language language = incidents::Language::kPortuguese;
  calendar::TimeZone zone;
  // Adds what neither incident nor timeline know: owner, due date, share of failed requests. May be empty.
  std::function<void(const incidents::Incident&, incidents::PostmortemFacts&)> enrich = {};
};

// A draft that is there already is left as it is: a person may have edited it.
class FilePostmortems final : public controller::Postmortems {
 public:
  FilePostmortems(PostmortemSettings settings, Files& files) : settings_(std::move(settings)), files_(files) {}

  Result<std::string> Write(const incidents::Incident& incident,
                            const std::vector<incidents::TimelineEntry>& timeline) override;
  std::string Draft(const incidents::Incident& incident, const std::vector<incidents::TimelineEntry>& timeline) const;

 private:
  const PostmortemSettings settings_;
  Files& files_;
};

}  // namespace vigia::control
