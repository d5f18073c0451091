#include "runbooks/system_runner.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/text.h"

namespace vigia::runbooks {
namespace {

using End = ActionResult::End;
constexpr size_t kMaxJson = 64 * 1024;  // of an output that is kept as JSON

std::string Cut(std::string_view text) {
  std::string cut(Trim(text).substr(0, kMaxText));
  while (!IsUtf8(cut) && !cut.empty()) cut.pop_back();
  return cut;
}

void KeepOutput(ActionResult& result, const std::string& output) {
  if (output.size() <= kMaxJson) {
    auto json = ParseJson(output);
    if (json.ok() && (json->is_object() || json->is_array())) {
      result.out = *std::move(json);
      return;
    }
  }
  result.text = Cut(output);
}

// Gateways say these for a peer that has not answered: nobody knows what it did.
bool IsGatewayDoubt(int status) { return status == 502 || status == 504; }

class SystemRunner final : public ActionRunner {
 public:
  SystemRunner(const RunnerSettings& settings, Processes& processes, net::HttpClient& http)
      : settings_(settings), processes_(processes), http_(http) {
    for (int i = 0; i < std::max(settings.threads, 1); ++i) workers_.emplace_back([this] { Work(); });
  }
  SystemRunner(const SystemRunner&) = delete;
  SystemRunner& operator=(const SystemRunner&) = delete;
  ~SystemRunner() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      for (auto& [key, stop] : stops_) stop.request_stop();
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  void Start(const ActionRequest& request) override {
    {
      const std::lock_guard lock(mutex_);
      stops_.emplace(request.key, std::stop_source());
      queue_.push_back(request);
    }
    wake_.notify_one();
  }

  std::vector<ActionResult> Poll() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(results_, {});
  }

  bool IsRunning(const std::string& key) override {
    {
      const std::lock_guard lock(mutex_);
      if (stops_.count(key) > 0) return true;
    }
    return processes_.IsRunning(kActionVariable, key);
  }

  void Kill(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    if (const auto stop = stops_.find(key); stop != stops_.end()) stop->second.request_stop();
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (ending_) return;
      const ActionRequest request = std::move(queue_.front());
      queue_.pop_front();
      const std::stop_token stop = stops_.at(request.key).get_token();
      lock.unlock();
      ActionResult result = Carry(request, stop);
      lock.lock();
      stops_.erase(request.key);
      results_.push_back(std::move(result));
    }
  }

  ActionResult Carry(const ActionRequest& request, const std::stop_token& stop) {
    if (stop.stop_requested()) {  // killed while it waited for its turn
      ActionResult result;
      result.key = request.key;
      result.end = End::kNotStarted;
      result.text = "killed before it began";
      return result;
    }
    if (const auto* program = std::get_if<RenderedProgram>(&request.command)) {
      ProcessRequest process;
      process.arguments = program->arguments;
      if (process.arguments.front() == "vigia") process.arguments.front() = settings_.vigia;
      process.directory = settings_.home;
      process.environment = {{kActionVariable, request.key}};
      if (!settings_.home.empty()) process.environment.emplace_back("VIGIA_HOME", settings_.home);
      process.timeout = request.timeout;
      process.stop = stop;
      return FromProcess(request.key, processes_.Run(process));
    }
    const auto& call = std::get<RenderedHttp>(request.command);
    net::HttpRequest http;
    http.method = call.method;
    http.url = call.url;
    http.headers = call.headers;
    http.headers.emplace_back("Idempotency-Key", request.key);
    http.body = call.body;
    http.timeout = request.timeout;
    http.stop = stop;
    return FromHttp(request.key, call, http_.Send(http));
  }

  const RunnerSettings settings_;
  Processes& processes_;
  net::HttpClient& http_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ActionRequest> queue_;
  std::map<std::string, std::stop_source> stops_;  // of what waits or is at work
  std::vector<ActionResult> results_;
  bool ending_ = false;
  std::vector<std::thread> workers_;  // last: they use all the others
};

}  // namespace

ActionResult FromProcess(const std::string& key, const Result<ProcessResult>& ended) {
  ActionResult result;
  result.key = key;
  if (!ended.ok()) {
    result.end = End::kNotStarted;
    result.text = Cut(ended.error().message());
    return result;
  }
  result.took = ended->took;
  result.exit = ended->code;
  result.end = ended->succeeded() ? End::kDone : ended->end == ProcessResult::End::kExited ? End::kFailed : End::kLost;
  KeepOutput(result, ended->out);
  if (!ended->succeeded()) result.text = Cut(ended->err + (result.text.empty() ? "" : "\n" + result.text));
  return result;
}

ActionResult FromHttp(const std::string& key, const RenderedHttp& call, const Result<net::HttpResponse>& answered) {
  ActionResult result;
  result.key = key;
  if (!answered.ok()) {
    const Code code = answered.error().code();
    const bool unsent =
        code == Code::kUnavailable || code == Code::kInvalidArgument || code == Code::kResourceExhausted;
    result.end = unsent ? End::kNotStarted : End::kLost;
    result.text = Cut(answered.error().message());
    return result;
  }
  result.took = answered->took;
  result.status = answered->status;
  const bool good = call.expect.empty()
                        ? answered->status >= 200 && answered->status <= 299
                        : std::find(call.expect.begin(), call.expect.end(), answered->status) != call.expect.end();
  result.end = good ? End::kDone : IsGatewayDoubt(answered->status) ? End::kLost : End::kFailed;
  KeepOutput(result, answered->body);
  return result;
}

std::unique_ptr<ActionRunner> MakeSystemRunner(const RunnerSettings& settings, Processes& processes,
                                               net::HttpClient& http) {
  return std::make_unique<SystemRunner>(settings, processes, http);
}

}  // namespace vigia::runbooks
