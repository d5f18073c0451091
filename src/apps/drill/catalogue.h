// The drills that there are.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "drill/arena.h"

namespace vigia::drill {

struct Drill {
  std::string_view name;
  std::string_view runbook;
  std::string_view title;  // what is broken, one line
  std::string_view paged =
      {};  // "data-L2": people decide, this level of this policy is called; empty: healed unattended
  std::vector<std::string> quick = {};         // further runbooks with short times
  std::vector<std::string> quick_probes = {};  // sources that are called every second
  std::string risk = {};                       // settings of the service
  std::string limits = {};                     // its limits: more of its entry in `services`
  int leaky_megabytes = 0;                     // a second service, which may leak and may have so much
  int disk_megabytes = 0;                      // a file system of its own
  std::string disk_at = {};                    // for this folder of the home only
  Status (*prepare)(Arena& arena) = nullptr;   // before the clock starts
  Status (*break_it)(Arena& arena) = nullptr;
};

const std::vector<Drill>& Drills();
const Drill* FindDrill(std::string_view name);

}  // namespace vigia::drill
