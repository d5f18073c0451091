// The drivers of other managers, with a program of their name that writes down what it was asked.
#include "supervisor/driver.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "base/temp_folder.h"

namespace vigia::supervisor {
namespace {

class DriverTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("PATH", (folder_.path() + ":/usr/bin:/bin").c_str(), 1); }
  void TearDown() override { ::setenv("PATH", before_.c_str(), 1); }

  void Program(const std::string& name, const std::string& out, int code = 0) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << "#!/bin/sh\necho \"" << name << " $*\" >> '" << folder_.path() << "/asked'\n"
                        << "printf '%s' '" << out << "'\n"
                        << "[ " << code << " = 0 ] || echo 'no such unit' >&2\nexit " << code << "\n";
    ::chmod(path.c_str(), 0755);
  }
  std::string Asked() {
    std::ifstream file(folder_.path() + "/asked");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::unique_ptr<Driver> Make(ManagedBy manager) {
    spec_.name = "risk";
    spec_.managed_by = manager;
    return MakeDriver(manager, folder_.path(), files_, processes_);
  }

  const std::string before_ = ::getenv("PATH");
  TempFolder folder_;
  SystemFiles files_;
  SystemProcesses processes_;
  ServiceSpec spec_;
  Replica replica_;
};

TEST_F(DriverTest, Systemd) {
  Program("systemctl", "active\n");
  const auto driver = Make(ManagedBy::kSystemd);
  spec_.unit = "risk@{replica}.service";
  replica_.index = 2;
  EXPECT_TRUE(driver->Start(spec_, 2).ok());
  EXPECT_TRUE(driver->Restart(spec_, replica_).ok());
  EXPECT_TRUE(driver->Terminate(spec_, replica_).ok());
  EXPECT_TRUE(driver->Kill(spec_, replica_).ok());
  const auto seen = driver->Observe(spec_, replica_);
  ASSERT_TRUE(seen.ok());
  EXPECT_TRUE(seen->alive);
  EXPECT_EQ(Asked(),
            "systemctl start risk@2.service\n"
            "systemctl restart risk@2.service\n"
            "systemctl stop --no-block risk@2.service\n"
            "systemctl kill --signal=SIGKILL risk@2.service\n"
            "systemctl show --property=ActiveState --value risk@2.service\n");
  for (const char* state : {"inactive", "failed", ""}) {
    Program("systemctl", state);
    EXPECT_FALSE(driver->Observe(spec_, replica_)->alive) << state;
  }
}

TEST_F(DriverTest, Docker) {
  Program("docker", "true\n");
  const auto driver = Make(ManagedBy::kDocker);
  spec_.unit = "datathon-api";
  EXPECT_TRUE(driver->Start(spec_, 0).ok());
  EXPECT_TRUE(driver->Restart(spec_, replica_).ok());
  EXPECT_TRUE(driver->Terminate(spec_, replica_).ok());
  EXPECT_TRUE(driver->Kill(spec_, replica_).ok());
  EXPECT_TRUE(driver->Observe(spec_, replica_)->alive);
  EXPECT_EQ(Asked(),
            "docker start datathon-api\n"
            "docker restart --time 10 datathon-api\n"
            "docker stop --time 10 datathon-api\n"
            "docker kill datathon-api\n"
            "docker inspect --type container --format {{.State.Running}} datathon-api\n");
  Program("docker", "false\n");
  EXPECT_FALSE(driver->Observe(spec_, replica_)->alive);
}

TEST_F(DriverTest, Kubernetes) {
  Program("kubectl", R"({"status":{"replicas":3,"availableReplicas":3}})");
  const auto driver = Make(ManagedBy::kKubernetes);
  spec_.unit = "risk";
  spec_.replicas = 3;
  spec_.kubernetes_namespace = "ml";
  EXPECT_TRUE(driver->Start(spec_, 0).ok());
  EXPECT_TRUE(driver->Restart(spec_, replica_).ok());
  EXPECT_TRUE(driver->Terminate(spec_, replica_).ok());
  const auto seen = driver->Observe(spec_, replica_);
  ASSERT_TRUE(seen.ok());
  EXPECT_TRUE(seen->alive);
  EXPECT_EQ(seen->healthy, true);
  EXPECT_EQ(Asked(),
            "kubectl --namespace=ml scale deployment/risk --replicas=3\n"
            "kubectl --namespace=ml rollout restart deployment/risk\n"
            "kubectl --namespace=ml rollout status deployment/risk --timeout=20s\n"
            "kubectl --namespace=ml scale deployment/risk --replicas=0\n"
            "kubectl --namespace=ml get deployment/risk --output=json\n");
  Program("kubectl", R"({"status":{"replicas":3,"availableReplicas":2}})");
  EXPECT_EQ(driver->Observe(spec_, replica_)->healthy, false);
  Program("kubectl", R"({"status":{}})");
  EXPECT_FALSE(driver->Observe(spec_, replica_)->alive);
  Program("kubectl", "[]");
  EXPECT_FALSE(driver->Observe(spec_, replica_)->alive);
}

TEST_F(DriverTest, AFailedCommandIsNotADeadService) {
  Program("docker", "", 1);
  const auto driver = Make(ManagedBy::kDocker);
  spec_.unit = "gone";
  const auto seen = driver->Observe(spec_, replica_);
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code(), Code::kUnavailable);
  EXPECT_NE(seen.error().message().find("docker inspect"), std::string::npos);
  EXPECT_NE(seen.error().message().find("no such unit"), std::string::npos);
}

}  // namespace
}  // namespace vigia::supervisor
