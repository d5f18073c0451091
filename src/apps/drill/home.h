// The home of a drill: a synthetic workbook, a model trained on it, two registered versions of which the
// newer one is served, and the files that make a control plane quick to see and easy to read.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "base/result.h"

namespace vigia::drill {

// `folder` must not exist; takes about five seconds.
Status TrainHome(const std::string& folder, const std::string& vigia, Processes& processes);

struct HomeSettings {
  std::string vigia;  // the program
  std::string home;
  uint16_t port = 0;                      // of the risk service
  std::string sink_url;                   // where pages go
  std::vector<std::string> quick;         // runbooks that get short times
  std::vector<std::string> quick_probes;  // of kProbes
  std::string risk;                       // more of vigia.yaml's section `risk`
  std::string limits;                     // more of the service's entry: "processors: 1"
  int leaky_megabytes = 0;                // limit of a second service that may leak; 0: there is none
  uint16_t leaky_port = 0;
};

// Writes vigia.yaml, oncall.yaml and runbooks/ of a copy of a trained home.
Status ConfigureHome(const HomeSettings& settings, Files& files);

}  // namespace vigia::drill
