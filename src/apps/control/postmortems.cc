#include "control/postmortems.h"

namespace vigia::control {

std::string PostmortemFile(const std::string& incident) { return "postmortems/" + incident + ".md"; }

std::string FilePostmortems::Draft(const incidents::Incident& incident,
                                   const std::vector<incidents::TimelineEntry>& timeline) const {
  incidents::PostmortemFacts facts;
  facts.incident = incident;
  facts.timeline = timeline;
  facts.zone = settings_.zone;
  facts.owner = incident.assignee;
  if (settings_.enrich) settings_.enrich(incident, facts);
  return incidents::DraftPostmortem(facts, settings_.language);
}

Result<std::string> FilePostmortems::Write(const incidents::Incident& incident,
                                           const std::vector<incidents::TimelineEntry>& timeline) {
  const std::string file = PostmortemFile(incident.id);
  const std::string path = JoinPath(settings_.home, file);
  if (!files_.Exists(path)) TRY(files_.Write(path, Draft(incident, timeline)));
  return file;
}

}  // namespace vigia::control
