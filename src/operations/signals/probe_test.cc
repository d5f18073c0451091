// Every kind of probe, loaded from YAML as vigia.yaml would name it.
#include "signals/probe.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "base/mem_files.h"
#include "base/temp_folder.h"
#include "base/unique_fd.h"
#include "config/yaml.h"
#include "signals/load.h"
#include "signals/probes/file_probe.h"
#include "signals/procfs.h"

namespace vigia::signals {
namespace {

using std::chrono::seconds;
using testing::DoubleNear;
using testing::HasSubstr;
using testing::Optional;

ProcessResult Exited(int code, std::string out) {
  ProcessResult result;
  result.code = code;
  result.out = std::move(out);
  return result;
}

class ProbeTest : public testing::Test {
 protected:
  std::unique_ptr<SignalSource> Make(const std::string& keys) {
    const auto yaml =
        config::ParseYaml("signals:\n  programs: [vigia]\n  sources:\n    - {name: p, " + keys + "}\n", "vigia.yaml");
    EXPECT_TRUE(yaml.ok());
    std::vector<config::Problem> problems;
    const SignalSettings settings = LoadSignals(yaml->Find("signals"), "vigia.yaml", problems);
    EXPECT_TRUE(problems.empty()) << problems[0].ToString();
    return settings.sources.at(0)({*files_, *processes_, http_, clock_, folder_.path(), {}});
  }
  // What one call found: the value of a signal, of the series whose labels hold `having`.
  std::optional<double> Get(const std::string& name, const std::string& having = "") const {
    for (const Sample& sample : samples_) {
      if (sample.name == name && sample.labels.ToString().find(having) != std::string::npos) return sample.value;
    }
    return std::nullopt;
  }
  void Run(const std::string& keys) { samples_ = Make(keys)->Collect(clock_.Now()); }
  bool Success() const { return Get("probe_success") == 1.0; }

  FakeClock clock_{WallTime(seconds(1'700'000'000))};
  TempFolder folder_;
  MemFiles mem_files_{clock_};
  SystemFiles system_files_;
  SystemProcesses system_processes_;
  Files* files_ = &mem_files_;
  Result<ProcessResult> program_ = Error(Code::kNotFound, "there is no such program");
  FakeProcesses fake_processes_{[this](const ProcessRequest&) { return program_; }};
  Processes* processes_ = &fake_processes_;
  Result<net::HttpResponse> response_ = net::HttpResponse{};
  net::FakeHttpClient http_{[this](const net::HttpRequest&) { return response_; }};
  std::vector<Sample> samples_;
};

TEST_F(ProbeTest, Http) {
  const std::string probe =
      "kind: http, url: \"http://h/health\", expect_json: '.status == \"healthy\"', signals: {uptime: .uptime_seconds, "
      "loaded: .model_loaded, per_zone: '[.zones[] | {labels: {zone: .name}, value: .n}]', text: .status}";
  response_->status = 200;
  response_->took = std::chrono::milliseconds(250);
  response_->certificate_expires = clock_.Now() + seconds(60);
  response_->body =
      R"({"status":"healthy","uptime_seconds":12.5,"model_loaded":true,"zones":[{"name":"a","n":1},{"name":"b","n":2}]})";
  Run(probe);
  EXPECT_TRUE(Success());
  EXPECT_EQ(Get("http_status"), 200);
  EXPECT_EQ(Get("http_seconds"), 0.25);
  EXPECT_EQ(Get("http_certificate_expires_seconds"), 60);
  EXPECT_EQ(Get("uptime"), 12.5);
  EXPECT_EQ(Get("loaded"), 1);
  EXPECT_EQ(Get("per_zone", "zone=b"), 2);
  EXPECT_EQ(Get("text"), std::nullopt);
  for (const char* body : {R"({"status":"degraded"})", "{", "[]"}) {
    response_->body = body;
    Run(probe);
    EXPECT_FALSE(Success()) << body;
  }
  response_->status = 503;
  Run("kind: http, url: \"http://h/\"");
  EXPECT_FALSE(Success());
  EXPECT_EQ(Get("http_status"), 503);
  response_ = Error(Code::kDeadlineExceeded, "too slow");
  Run("kind: http, url: \"http://h/\"");
  EXPECT_FALSE(Success());
  EXPECT_EQ(Get("http_status"), 0);
}

TEST_F(ProbeTest, Tcp) {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const std::string probe = "kind: tcp, port: " + std::to_string(ntohs(address.sin_port));
  Run(probe);
  EXPECT_TRUE(Success());
  EXPECT_TRUE(Get("tcp_connect_seconds").has_value());
  listener.Reset(-1);
  Run(probe);
  EXPECT_FALSE(Success());
}

TEST_F(ProbeTest, Process) {
  files_ = &system_files_;
  std::ofstream(folder_.path() + "/self.pid") << ::getpid() << " rest\n";
  Run("kind: process, pid_file: self.pid");
  EXPECT_TRUE(Success());
  EXPECT_EQ(Get("process_count"), 1);
  EXPECT_GT(Get("process_resident_bytes").value_or(0), 100'000);
  EXPECT_GE(Get("process_open_files").value_or(0), 3);
  EXPECT_GE(Get("process_threads").value_or(0), 1);
  Run("kind: process, pid_file: self.pid, process: somebody-else");
  EXPECT_FALSE(Success()) << "the number was given to another program";
  Run("kind: process, process: signals_test, contains: signals_test");
  EXPECT_TRUE(Success());
  Run("kind: process, pid_file: none.pid");
  EXPECT_FALSE(Success());
  EXPECT_EQ(Get("process_count"), 0);
}

TEST_F(ProbeTest, ProcessStatOfAnOddName) {
  const auto stat = ParseProcessStat("12 (a b) c) S 1 2 3 4 5 6 7 8 9 10 30 20 13 14 15 16 4 18 777 20 99 22\n");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->name, "a b) c");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->session, 3);
  EXPECT_EQ(stat->cpu_ticks, 50u);
  EXPECT_EQ(stat->threads, 4u);
  EXPECT_EQ(stat->start_ticks, 777u);
  EXPECT_EQ(stat->resident_pages, 99u);
  for (const char* bad : {"", "12", "12 (a) S", ")(", "x (a) S 1 2 3 4 5 6 7 8 9 10 1 1 1 1 1 1 1 1 1 1 1 1"}) {
    EXPECT_FALSE(ParseProcessStat(bad).has_value()) << bad;
  }
}

TEST_F(ProbeTest, DiskMemoryCpu) {
  files_ = &system_files_;
  Run("kind: disk, path: /");
  EXPECT_TRUE(Success());
  EXPECT_THAT(Get("disk_free_ratio", "path=/"), Optional(testing::AllOf(testing::Ge(0.0), testing::Le(1.0))));
  Run("kind: disk, path: /no/such/folder");
  EXPECT_FALSE(Success());
  Run("kind: memory");
  EXPECT_TRUE(Success());
  EXPECT_GT(Get("memory_total_bytes").value_or(0), 1e6);
  Run("kind: cpu");
  EXPECT_TRUE(Success());

  files_ = &mem_files_;
  ASSERT_TRUE(files_->Write("/proc/meminfo", "MemTotal:   1000 kB\nMemFree: 1 kB\nMemAvailable:    250 kB\n").ok());
  Run("kind: memory");
  EXPECT_EQ(Get("memory_used_ratio"), 0.75);
  EXPECT_EQ(Get("memory_available_bytes"), 250 * 1024);
  const auto cpu = Make("kind: cpu");
  ASSERT_TRUE(files_->Write("/proc/loadavg", "1.50 1 1 1/1 1\n").ok());
  ASSERT_TRUE(files_->Write("/proc/stat", "cpu  100 0 100 800 0 0 0 0 50 0\ncpu0 1\ncpu1 1\nintr 1\n").ok());
  samples_ = cpu->Collect(clock_.Now());
  EXPECT_EQ(Get("cpu_used_ratio"), std::nullopt) << "one look says nothing";
  ASSERT_TRUE(files_->Write("/proc/stat", "cpu  130 0 130 840 0 0 0 0 80 0\ncpu0 1\ncpu1 1\n").ok());
  samples_ = cpu->Collect(clock_.Now());
  EXPECT_THAT(Get("cpu_used_ratio"), Optional(DoubleNear(0.6, 1e-9)));
  EXPECT_EQ(Get("cpu_count"), 2);
  EXPECT_EQ(Get("load1"), 1.5);
}

TEST_F(ProbeTest, Gpu) {
  Run("kind: gpu");
  EXPECT_TRUE(samples_.empty()) << "no GPU is no data, not a failure";
  program_ = Exited(0, "0, 95, 15000, 16000, 71\n1, [N/A], 1, 16000, 40\n");
  Run("kind: gpu");
  EXPECT_TRUE(Success());
  EXPECT_EQ(Get("gpu_used_ratio", "gpu=0"), 0.95);
  EXPECT_EQ(Get("gpu_used_ratio", "gpu=1"), std::nullopt);
  EXPECT_EQ(Get("gpu_memory_used_ratio", "gpu=0"), 0.9375);
  EXPECT_EQ(Get("gpu_celsius", "gpu=1"), 40);
  program_ = Exited(9, "");
  Run("kind: gpu");
  EXPECT_FALSE(Success());
}

TEST_F(ProbeTest, FileAge) {
  ASSERT_TRUE(files_->Write(folder_.path() + "/backups/a.db", "123").ok());
  clock_.Advance(seconds(60));
  ASSERT_TRUE(files_->Write(folder_.path() + "/backups/b.db", "12345").ok());
  ASSERT_TRUE(files_->Write(folder_.path() + "/backups/c.txt", "1").ok());
  clock_.Advance(seconds(5));
  Run("kind: file, path: \"backups/*.db\"");
  EXPECT_TRUE(Success());
  EXPECT_EQ(Get("file_count"), 2);
  EXPECT_EQ(Get("file_age_seconds"), 5);
  EXPECT_EQ(Get("file_bytes"), 5);
  Run("kind: file, path: backups/a.db");
  EXPECT_EQ(Get("file_age_seconds"), 65);
  Run("kind: file, path: backups/none.db");
  EXPECT_FALSE(Success());
  EXPECT_EQ(Get("file_age_seconds"), std::nullopt);
  for (const auto& [pattern, text, want] :
       {std::tuple("*", "", true), std::tuple("a*c", "abc", true), std::tuple("a*c*", "abbcd", true),
        std::tuple("a*c", "abd", false), std::tuple("**b", "aab", true), std::tuple("", "a", false)}) {
    EXPECT_EQ(MatchesGlob(pattern, text), want) << pattern << " " << text;
  }
}

TEST_F(ProbeTest, LogFollowsRotation) {
  files_ = &system_files_;
  const std::string path = folder_.path() + "/app.log";
  const auto write = [&](const std::string& text) { std::ofstream(path, std::ios::app) << text; };
  write("\"level\": \"ERROR\" of long ago\n");
  const auto probe = Make("kind: log, path: app.log, contains: ['\"level\": \"ERROR\"'], pattern: 'status=5\\d\\d'");
  const auto matches = [&] {
    samples_ = probe->Collect(clock_.Now());
    return Get("log_matches_total");
  };
  EXPECT_EQ(matches(), 0) << "the past is not counted";
  write("{\"level\": \"ERROR\"}\nfine\nstatus=503\nstatus=204\n");
  EXPECT_EQ(matches(), 2);
  EXPECT_EQ(Get("log_lines_total"), 4);
  write("half of \"level\": ");
  EXPECT_EQ(matches(), 2);
  write("\"ERROR\" a line\n" + std::string(100'000, 'x') + "\n");
  EXPECT_EQ(matches(), 3);
  EXPECT_EQ(Get("log_lines_total"), 6) << "a huge line is one line";
  write("status=500 just before the renaming\n");
  ASSERT_EQ(::rename(path.c_str(), (path + ".1").c_str()), 0);
  EXPECT_EQ(matches(), 4);
  EXPECT_FALSE(Success()) << "there is no file now";
  write("status=501 in the new file\n");
  EXPECT_EQ(matches(), 5);
  EXPECT_TRUE(Success());
  std::ofstream(path, std::ios::trunc) << "status=502 cut\n";
  EXPECT_EQ(matches(), 6) << "truncated, and shorter than before";
  EXPECT_EQ(Get("log_lines_total"), 9);
}

TEST_F(ProbeTest, Dns) {
  program_ = Exited(0, "1.2.3.4  STREAM host\n1.2.3.4  DGRAM\n::1  STREAM\n");
  Run("kind: dns, host: example.org, expect: [\"1.2.3.4\"]");
  EXPECT_TRUE(Success());
  EXPECT_EQ(Get("dns_addresses"), 2);
  EXPECT_EQ(fake_processes_.Requests().at(0).arguments, (std::vector<std::string>{"getent", "ahosts", "example.org"}));
  Run("kind: dns, host: example.org, expect: [\"9.9.9.9\"]");
  EXPECT_FALSE(Success());
  program_ = Exited(2, "");
  Run("kind: dns, host: example.org");
  EXPECT_FALSE(Success());
  processes_ = &system_processes_;
  Run("kind: dns, host: localhost");
  EXPECT_TRUE(Success()) << "the real program";
}

TEST_F(ProbeTest, Certificate) {
  ASSERT_TRUE(files_->Write(folder_.path() + "/none.pem", "nothing").ok());
  for (const char* keys : {"kind: certificate, file: none.pem", "kind: certificate, file: missing.pem",
                           "kind: certificate, host: 127.0.0.1, port: 1"}) {
    Run(keys);
    EXPECT_FALSE(Success()) << keys;
    EXPECT_EQ(Get("certificate_expires_seconds"), std::nullopt);
  }
}

TEST_F(ProbeTest, Job) {
  program_ = Exited(0, R"({"score":{"psi":0.31},"features":[{"name":"ieg","psi":0.4}]})");
  Run("kind: job, command: [vigia, drift, summary, --json], signals: {score_psi: .score.psi, "
      "feature_psi: '[.features[] | {labels: {feature: .name}, value: .psi}]', missing: .nothing}");
  EXPECT_TRUE(Success());
  EXPECT_EQ(Get("score_psi"), 0.31);
  EXPECT_EQ(Get("feature_psi", "feature=ieg"), 0.4);
  EXPECT_EQ(Get("missing"), std::nullopt);
  EXPECT_EQ(Get("job_exit_code"), 0);
  const ProcessRequest asked = fake_processes_.Requests().at(0);
  EXPECT_EQ(asked.arguments, (std::vector<std::string>{"vigia", "drift", "summary", "--json"}));
  EXPECT_EQ(asked.timeout, seconds(5));
  program_ = Exited(1, "{}");
  Run("kind: job, command: [vigia, x]");
  EXPECT_FALSE(Success());
  EXPECT_EQ(Get("job_exit_code"), 1);
  program_ = Exited(0, "not json");
  Run("kind: job, command: [vigia, x], signals: {a: .a}");
  EXPECT_FALSE(Success());
  program_ = Exited(0, "");
  program_->end = ProcessResult::End::kTimedOut;
  Run("kind: job, command: [vigia, x]");
  EXPECT_FALSE(Success());
  EXPECT_EQ(Get("job_exit_code"), std::nullopt);
}

TEST_F(ProbeTest, SaysWhatItIsWhileItHangs) {
  const auto samples = Make("kind: cpu, labels: {service: risk}")->Hanging(clock_.Now());
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].name, "probe_success");
  EXPECT_EQ(samples[0].value, 0);
  EXPECT_EQ(samples[0].labels, (LabelSet{{"probe", "p"}, {"service", "risk"}}));
}

TEST_F(ProbeTest, PromqlTurnsAnAnswerIntoSeries) {
  std::string body = R"({"status": "success", "data": {"resultType": "vector", "result": [
    {"metric": {"__name__": "up", "job": "a"}, "value": [1700000000.1, "0.25"]},
    {"metric": {"job": "b"}, "value": [1700000000.1, "+Inf"]},
    {"metric": {"job": "c"}, "value": [1700000000.1, "NaN"]}]}})";
  int status = 200;
  net::FakeHttpClient http([&](const net::HttpRequest&) {
    net::HttpResponse response;
    response.status = status;
    response.body = body;
    return response;
  });
  const auto yaml = config::ParseYaml(
      "signals:\n  sources:\n    - {name: p, kind: promql, url: 'http://prom:9090', query: 'up{job=~\"a|b\"} + 1', "
      "signal: ups, labels: {team: ml}}\n",
      "vigia.yaml");
  std::vector<config::Problem> problems;
  const SignalSettings settings = LoadSignals(yaml->Find("signals"), "vigia.yaml", problems);
  ASSERT_TRUE(problems.empty()) << problems[0].ToString();
  const auto source = settings.sources.at(0)({*files_, *processes_, http, clock_, folder_.path(), {}});
  const auto run = [&] { samples_ = source->Collect(clock_.Now()); };
  run();
  EXPECT_TRUE(Success());
  EXPECT_EQ(http.Requests()[0].url, "http://prom:9090/api/v1/query");
  EXPECT_EQ(http.Requests()[0].body, "query=up%7Bjob%3D%7E%22a%7Cb%22%7D%20%2B%201");
  EXPECT_EQ(Get("ups", "job=a,team=ml"), 0.25);
  EXPECT_EQ(Get("ups", "job=b,team=ml"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Get("ups", "job=c"), std::nullopt);
  EXPECT_EQ(Get("promql_series"), 3.0);
  // An empty answer ends what was there; a scalar is one series.
  body = R"({"status": "success", "data": {"resultType": "vector", "result": []}})";
  run();
  EXPECT_TRUE(Success());
  EXPECT_TRUE(std::isnan(Get("ups", "job=a").value()));
  body = R"({"status": "success", "data": {"resultType": "scalar", "result": [1700000000.1, "7"]}})";
  run();
  EXPECT_EQ(Get("ups"), 7.0);
  for (const char* bad : {R"({"status": "error"})", "<html>", "[]", R"({"status": "success", "data": {}})",
                          R"({"status": "success", "data": {"resultType": "matrix", "result": []}})",
                          R"({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}})"}) {
    body = bad;
    run();
    EXPECT_FALSE(Success()) << bad;
  }
  status = 503;
  body = R"({"status": "success", "data": {"resultType": "vector", "result": []}})";
  run();
  EXPECT_FALSE(Success());
}

}  // namespace
}  // namespace vigia::signals
