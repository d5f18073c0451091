// What there is to see of a drill, in a folder that outlives it.
#pragma once

#include <map>
#include <string>

#include "drill/arena.h"

namespace vigia::drill {

class Keepsake {
 public:
  // An empty folder keeps nothing.
  Keepsake(const Arena& arena, std::string folder) : arena_(arena), folder_(std::move(folder)) {}

  // incident.json as given, run.json and timeline.json as the arena's API tells them now.
  void Look(const Json& incident);
  void Keep(const std::string& file, const std::string& text);  // written when it has changed

 private:
  const Arena& arena_;
  const std::string folder_;
  std::map<std::string, std::string> kept_;
};

}  // namespace vigia::drill
