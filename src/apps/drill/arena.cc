#include "drill/arena.h"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "control/token.h"
#include "drill/rows.h"
#include "supervisor/keeper.h"
#include "supervisor/launch.h"
#include "supervisor/supervisor.h"

namespace vigia::drill {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Result<std::string> MakeTemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "vigia-drill-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return Error(Code::kResourceExhausted, "cannot make a temporary folder");
  return pattern;
}

Status CopyFolder(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
  if (!error) return {};
  return Error(Code::kResourceExhausted, "cannot copy the trained home: " + error.message());
}

}  // namespace

Result<std::unique_ptr<Arena>> Arena::Open(const ArenaSettings& settings, const ArenaWorld& world) {
  std::unique_ptr<Arena> arena(new Arena(world));
  arena->sink_ = TRY(Sink::Start(world.clock));
  TRY(arena->MakeHome(settings));
  TRY(arena->StartPlane());
  return arena;
}

Arena::~Arena() {
  clients_.clear();
  Mend();
  if (plane_pid_ > 0) {
    ::kill(plane_pid_, SIGTERM);
    const bool ended =
        WaitHowever([this] { return ::waitpid(plane_pid_, nullptr, WNOHANG) == plane_pid_; }, seconds(10), false);
    if (!ended) {
      ::kill(plane_pid_, SIGKILL);
      ::waitpid(plane_pid_, nullptr, 0);
    }
  }
  // A service that the control plane could not end, because it was killed or hangs.
  for (const char* service : {"risk", "leaky"}) {
    if (const auto pid = PidOf(service); pid.ok()) ::kill(*pid, SIGKILL);
  }
  if (!mounted_.empty()) ::umount2(mounted_.c_str(), MNT_DETACH);
  std::error_code ignored;
  if (!home_.empty()) std::filesystem::remove_all(home_, ignored);
}

Status Arena::Mount(const std::string& folder, int megabytes) {
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  if (::mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, size.c_str()) != 0) {
    return Error(Code::kPermissionDenied, std::string("a file system of its own cannot be mounted here: ") +
                                              std::strerror(errno) + " (it needs root)");
  }
  mounted_ = folder;
  return {};
}

Status Arena::MakeHome(const ArenaSettings& settings) {
  home_ = TRY(MakeTemporaryFolder());
  const bool own = settings.disk_megabytes > 0;
  if (own && settings.disk_at.empty()) TRY(Mount(home_, settings.disk_megabytes));
  TRY(CopyFolder(world_.trained, home_));
  if (own && !settings.disk_at.empty()) {
    TRY(world_.files.MakeFolders(Path(settings.disk_at)));
    TRY(Mount(Path(settings.disk_at), settings.disk_megabytes));
  }
  port_ = FreePort();
  if (settings.leaky_megabytes > 0) leaky_port_ = FreePort();
  return ConfigureHome({world_.vigia, home_, port_, sink_->url(), settings.quick, settings.quick_probes, settings.risk,
                        settings.limits, settings.leaky_megabytes, leaky_port_},
                       world_.files);
}

Status Arena::StartPlane() {
  supervisor::LaunchRequest request;
  // The flag counts before a VIGIA_CONTROL_PORT of whoever plays the drill.
  request.arguments = {world_.vigia, "--home", home_, "up", "--port", "0"};
  // Programs that a drill puts into the home's bin/ are found before those of the machine.
  const char* path = std::getenv("PATH");
  request.environment = {{"PATH", Path("bin") + ":" + (path != nullptr ? path : "/usr/bin:/bin")}};
  TRY(world_.files.MakeFolders(Path("logs")));
  request.output = Path("logs/up.out");
  const auto process = TRY(supervisor::Launch(request, [](const supervisor::ProcessIdentity&) { return Status(); }));
  plane_pid_ = process.pid;
  const bool seen = WaitFor(
      [this] {
        const auto address = control::ReadAddress(world_.files, home_);
        const auto token = control::ReadToken(world_.files, home_);
        if (!address.ok() || !token.ok()) return false;
        url_ = address->url;
        token_ = token->Reveal();
        const auto status = Get("/api/v1/services/risk");
        return status.ok() && status->value("state", "") == "healthy";
      },
      seconds(30));
  if (seen) return {};
  const auto output = world_.files.Read(request.output);
  return Error(Code::kUnavailable,
               "the control plane does not come up: " + (output.ok() ? output->substr(0, 300) : ""));
}

Result<Json> Arena::Vigia(std::vector<std::string> words) const {
  ProcessRequest request;
  request.arguments = {world_.vigia, "--home", home_};
  request.arguments.insert(request.arguments.end(), words.begin(), words.end());
  const ProcessResult ended = TRY(world_.processes.Run(request));
  if (!ended.succeeded()) {
    return Error(Code::kInternal, "vigia " + words.front() + ": " + ended.err.substr(0, ended.err.find('\n')));
  }
  const auto json = ParseJson(ended.out);
  return json.ok() ? *json : Json(nullptr);
}

Result<Json> Arena::Ask(const std::string& method, const std::string& path, const std::string& body) const {
  net::HttpRequest request;
  request.method = method;
  request.url = url_ + path;
  request.headers = {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}};
  request.body = body;
  request.timeout = seconds(5);
  const auto answer = TRY(world_.http.Send(request));
  if (answer.status >= 300) {
    return Error(Code::kUnavailable, method + " " + path + ": " + std::to_string(answer.status) + " " + answer.body);
  }
  return ParseJson(answer.body);
}

Result<Json> Arena::Get(const std::string& path) const { return Ask("GET", path, ""); }
Result<Json> Arena::Post(const std::string& path, const Json& body) const {
  return Ask("POST", path, CompactJson(body));
}

Result<int> Arena::Predict(const std::string& body) const {
  net::HttpRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(port_) + "/predict";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  return TRY(world_.http.Send(request))
  .status;
}

Result<int> Arena::ServicePid() const { return PidOf("risk"); }

Result<int> Arena::PidOf(const std::string& service) const {
  const auto state = TRY(supervisor::ReadState(world_.files, home_, service));
  if (state.replicas.empty() || !state.replicas[0].process) return Error(Code::kNotFound, "the service does not run");
  return state.replicas[0].process->pid;
}

Result<std::vector<Json>> Arena::Rows() const {
  const Json signature = TRY(ParseJson(TRY(world_.files.Read(Path("artifacts/model_signature.json")))));
  return ReadRows(TRY(world_.files.Read(Path("data/processed/modeling_dataset.csv"))), signature);
}

bool Arena::WaitFor(const std::function<bool()>& condition, Duration most) const {
  return WaitHowever(condition, most, true);
}

bool Arena::WaitHowever(const std::function<bool()>& condition, Duration most, bool interruptible) const {
  const MonoTime deadline = world_.clock.Mono() + most;
  while (!condition()) {
    if (world_.clock.Mono() > deadline || (interruptible && world_.interrupted())) return false;
    std::this_thread::sleep_for(milliseconds(50));
  }
  return true;
}

void Arena::AddClient(ClientPlan plan) {
  plan.port = port_;
  clients_.push_back(std::make_unique<Client>(std::move(plan)));
}

void Arena::Mend() {
  for (auto mend = mends_.rbegin(); mend != mends_.rend(); ++mend) (*mend)();
  mends_.clear();
}

}  // namespace vigia::drill
