// Carries actions out for real: programs and HTTP calls, each on a worker thread.
#pragma once

#include <memory>
#include <string>

#include "base/process.h"
#include "net/http_client.h"
#include "runbooks/action.h"

namespace vigia::runbooks {

struct RunnerSettings {
  std::string vigia = "vigia";  // the program that the word `vigia` stands for
  std::string home;             // where programs run; also their VIGIA_HOME
  int threads = 8;              // actions at a time; more wait
};

// The key that a program of an action carries in its environment.
inline constexpr char kActionVariable[] = "VIGIA_ACTION";

// `processes` and `http` outlive it. Its end stops what is at work.
std::unique_ptr<ActionRunner> MakeSystemRunner(const RunnerSettings& settings, Processes& processes,
                                               net::HttpClient& http);

// What an ended program or call means. Pure.
ActionResult FromProcess(const std::string& key, const Result<ProcessResult>& ended);
ActionResult FromHttp(const std::string& key, const RenderedHttp& call, const Result<net::HttpResponse>& answered);

}  // namespace vigia::runbooks
