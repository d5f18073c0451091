#include "registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mem_files.h"
#include "registry/layout.h"
#include "registry/testing/artifacts.h"

namespace vigia::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() { CHECK(testing::WriteArtifacts(files_, "artifacts", 5.0).ok(), "artifacts"); }

  Result<Manifest> Register(const std::string& version) {
    clock_.Advance(std::chrono::seconds(1));
    return registry_.Register({version, "artifacts", "", "ana", "notes of " + version, ""});
  }
  Result<Change> Promote(const std::string& version) {
    clock_.Advance(std::chrono::seconds(1));
    return registry_.Promote({version, "bia", "better recall"});
  }
  Result<Change> Rollback(const std::string& version = "", const std::string& reason = "score drift") {
    clock_.Advance(std::chrono::seconds(1));
    return registry_.Rollback({version, "caio", reason});
  }
  Json ReadJson(const std::string& path) { return ParseJson(files_.Read("models/registry/" + path).value()).value(); }
  std::string ChampionVersion() {
    const auto champion = registry_.CurrentChampion().value();
    return champion.has_value() ? champion->version : "";
  }
  std::string StatusInFile(const std::string& version) { return ReadJson(version + "/manifest.json")["status"]; }

  FakeClock clock_{ParseTime("2026-11-20T10:00:00Z").value()};
  MemFiles files_{clock_};
  Registry registry_{{"models/registry"}, files_, clock_};
};

TEST_F(RegistryTest, AnEmptyRegistryIsNoError) {
  EXPECT_THAT(registry_.List().value(), IsEmpty());
  EXPECT_THAT(registry_.Verify().value(), IsEmpty());
  EXPECT_THAT(registry_.ReadHistory().value().entries, IsEmpty());
  EXPECT_FALSE(registry_.CurrentChampion().value().has_value());
  EXPECT_TRUE(registry_.Recover().ok());
  EXPECT_EQ(Promote("v1.0.0").error().code(), Code::kNotFound);
  EXPECT_EQ(Rollback().error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(registry_.Show("v1.0.0").error().code(), Code::kNotFound);
  EXPECT_EQ(registry_.Verify("v1.0.0").error().code(), Code::kNotFound);
}

TEST_F(RegistryTest, RegisterCopiesHashesAndRecords) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  const Json manifest = ReadJson("v1.0.0/manifest.json");
  EXPECT_EQ(manifest["version"], "v1.0.0");
  EXPECT_EQ(manifest["created_at"], "2026-11-20T10:00:01.000000Z");
  EXPECT_EQ(manifest["registered_by"], "ana");
  EXPECT_EQ(manifest["status"], "registered");
  EXPECT_EQ(manifest["notes"], "notes of v1.0.0");
  EXPECT_EQ(manifest["has_baseline"], true);
  EXPECT_EQ(manifest["artifacts"].size(), 8U);
  EXPECT_EQ(manifest["hashes"]["model.json"].get<std::string>().size(), 64U);
  EXPECT_TRUE(manifest["promoted_at"].is_null());
  for (const std::string& name : RequiredArtifacts()) {
    EXPECT_EQ(files_.Read("models/registry/v1.0.0/" + name).value(), files_.Read("artifacts/" + name).value());
  }
  EXPECT_TRUE(files_.Exists("models/registry/v1.0.0/monitoring_baseline/feature_profile.json"));
  const auto history = registry_.ReadHistory().value();
  ASSERT_EQ(history.entries.size(), 1U);
  EXPECT_EQ(history.entries[0].action, "register");
  EXPECT_EQ(history.entries[0].by, "ana");
  EXPECT_THAT(registry_.Verify().value(), IsEmpty());
}

TEST_F(RegistryTest, VersionsAreImmutable) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  ASSERT_TRUE(testing::WriteArtifacts(files_, "artifacts", 4.0).ok());
  const auto again = Register("v1.0.0");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Code::kAlreadyExists);
  EXPECT_THAT(files_.Read("models/registry/v1.0.0/model.json").value(), HasSubstr("\"intercept\": 5.0"));
}

TEST_F(RegistryTest, EveryRequiredArtifactIsAskedForByName) {
  for (const std::string& name : RequiredArtifacts()) {
    const std::string bytes = files_.Read("artifacts/" + name).value();
    ASSERT_TRUE(files_.Remove("artifacts/" + name).ok());
    ASSERT_TRUE(files_.Write("artifacts/" + name + ".bak", bytes).ok());  // "model*" must not do
    const auto missing = Register("v1.0.0");
    ASSERT_FALSE(missing.ok()) << name;
    EXPECT_EQ(missing.error().code(), Code::kNotFound);
    EXPECT_THAT(missing.error().message(), HasSubstr(name));
    ASSERT_TRUE(files_.Write("artifacts/" + name, "{").ok());
    EXPECT_THAT(Register("v1.0.0").error().message(), HasSubstr(name));
    ASSERT_TRUE(files_.Write("artifacts/" + name, bytes).ok());
  }
  EXPECT_EQ(registry_.Register({"v1.0.0", "nowhere", "", "ana", "", ""}).error().code(), Code::kNotFound);
  EXPECT_EQ(registry_.Register({"v1.0.0", "artifacts", "nowhere", "ana", "", ""}).error().code(), Code::kNotFound);
  EXPECT_THAT(registry_.List().value(), IsEmpty());
}

TEST_F(RegistryTest, VersionsThatArePathsAreRefusedEverywhere) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  const auto before = FilesBelow(files_, "models/registry").value();
  for (const std::string version :
       {"..", ".", "/", "", "v1.0.0/", "../v1.0.0", "/v1.0.0", "v1.0.0/..", "champion.json"}) {
    EXPECT_EQ(Register(version).error().code(), Code::kInvalidArgument) << version;
    EXPECT_EQ(Promote(version).error().code(), Code::kInvalidArgument) << version;
    EXPECT_EQ(registry_.Reject(version, "ana", "x").error().code(), Code::kInvalidArgument) << version;
    EXPECT_EQ(registry_.Show(version).error().code(), Code::kInvalidArgument) << version;
    if (version.empty()) continue;  // the previous champion, and everything
    EXPECT_EQ(Rollback(version).error().code(), Code::kInvalidArgument) << version;
    EXPECT_EQ(registry_.Verify(version).error().code(), Code::kInvalidArgument) << version;
  }
  EXPECT_EQ(FilesBelow(files_, "models/registry").value(), before);
}

TEST_F(RegistryTest, OneChampionAndThePreviousOneRetires) {
  for (const char* version : {"v1.0.0", "v1.2.0", "v1.10.0"}) ASSERT_TRUE(Register(version).ok());
  EXPECT_EQ(Promote("v1.0.0").value().from, "");
  const Change change = Promote("v1.10.0").value();
  EXPECT_EQ(change.from, "v1.0.0");
  EXPECT_EQ(change.to, "v1.10.0");
  EXPECT_THAT(change.warnings, IsEmpty());
  const Json champion = ReadJson("champion.json");
  EXPECT_EQ(champion["version"], "v1.10.0");
  EXPECT_EQ(champion["promoted_by"], "bia");
  EXPECT_EQ(champion["previous_champion"], "v1.0.0");
  EXPECT_EQ(champion["promoted_at"], "2026-11-20T10:00:05.000000Z");
  EXPECT_EQ(StatusInFile("v1.0.0"), "retired");
  EXPECT_EQ(StatusInFile("v1.2.0"), "registered");
  EXPECT_EQ(StatusInFile("v1.10.0"), "champion");
  EXPECT_EQ(ReadJson("v1.10.0/manifest.json")["promoted_at"], champion["promoted_at"]);
  std::vector<std::string> order;
  const auto manifests = registry_.List().value();
  for (const Manifest& manifest : manifests) order.push_back(manifest.version);
  EXPECT_THAT(order, ElementsAre("v1.0.0", "v1.2.0", "v1.10.0"));
  EXPECT_FALSE(Promote("v1.10.0").value().changed);
  EXPECT_EQ(registry_.ReadHistory().value().entries.size(), 5U);
  EXPECT_THAT(registry_.Verify().value(), IsEmpty());
}

TEST_F(RegistryTest, RollbackGoesToThePreviousOrTheNamedVersionAndRecordsWhy) {
  for (const char* version : {"v1.0.0", "v1.1.0", "v1.2.0"}) ASSERT_TRUE(Register(version).ok());
  ASSERT_TRUE(Promote("v1.0.0").ok());
  EXPECT_EQ(Rollback().error().code(), Code::kFailedPrecondition);  // nothing before it
  ASSERT_TRUE(Promote("v1.1.0").ok());
  EXPECT_EQ(Rollback().value().to, "v1.0.0");
  EXPECT_EQ(ChampionVersion(), "v1.0.0");
  EXPECT_EQ(Rollback("v1.2.0", "").value().to, "v1.2.0");
  EXPECT_EQ(Rollback("v9.9.9").error().code(), Code::kNotFound);
  EXPECT_EQ(ChampionVersion(), "v1.2.0");
  const auto entries = registry_.ReadHistory().value().entries;
  const HistoryEntry& first = entries[entries.size() - 2];
  EXPECT_EQ(first.action, "rollback");
  EXPECT_EQ(first.by, "caio");
  EXPECT_EQ(first.from, "v1.1.0");
  EXPECT_EQ(first.to, "v1.0.0");
  EXPECT_EQ(first.reason, "score drift");
  EXPECT_EQ(entries.back().reason, "");
}

TEST_F(RegistryTest, RejectedVersionsAreKeptAndNotPromoted) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  ASSERT_TRUE(Promote("v1.0.0").ok());
  EXPECT_EQ(registry_.Reject("v1.0.0", "ana", "x").error().code(), Code::kFailedPrecondition);
  ASSERT_TRUE(Register("v1.1.0").ok());
  ASSERT_TRUE(registry_.Reject("v1.1.0", "retrain", "recall fell by 0.05").ok());
  ASSERT_TRUE(registry_.Register({"v1.2.0", "artifacts", "", "retrain", "", "brier rose"}).ok());
  EXPECT_EQ(ReadJson("v1.1.0/manifest.json")["rejection_reason"], "recall fell by 0.05");
  EXPECT_EQ(StatusInFile("v1.2.0"), "rejected");
  EXPECT_THAT(Promote("v1.1.0").error().message(), HasSubstr("recall fell by 0.05"));
  EXPECT_EQ(ChampionVersion(), "v1.0.0");
  EXPECT_TRUE(registry_.Promote({"v1.1.0", "retrain", "forced", Rejected::kAllow}).ok());
  EXPECT_EQ(StatusInFile("v1.1.0"), "champion");
  EXPECT_THAT(registry_.Verify().value(), IsEmpty());
}

TEST_F(RegistryTest, TamperedFilesAreFoundAndNotPromoted) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  ASSERT_TRUE(Register("v1.1.0").ok());
  ASSERT_TRUE(Promote("v1.0.0").ok());
  const std::string folder = "models/registry/v1.1.0/";
  const auto paths = FilesBelow(files_, "models/registry/v1.1.0").value();
  for (const std::string& path : paths) {
    const std::string bytes = files_.Read(folder + path).value();
    for (const std::string& bad : {bytes + " ", std::string(), bytes.substr(0, bytes.size() / 2)}) {
      const bool same_manifest = path == kManifestFile && bad.size() > bytes.size();
      ASSERT_TRUE(files_.Write(folder + path, bad).ok());
      if (same_manifest) continue;  // white space after the JSON says nothing
      const auto problems = registry_.Verify("v1.1.0").value();
      ASSERT_FALSE(problems.empty()) << path;
      EXPECT_THAT(problems[0].what, HasSubstr(path));
      EXPECT_EQ(Promote("v1.1.0").error().code(), Code::kDataLoss) << path;
      EXPECT_EQ(Rollback("v1.1.0").error().code(), Code::kDataLoss) << path;
    }
    ASSERT_TRUE(files_.Remove(folder + path).ok());
    EXPECT_EQ(Promote("v1.1.0").error().code(), Code::kDataLoss) << path;
    ASSERT_TRUE(files_.Write(folder + path, bytes).ok());
  }
  ASSERT_TRUE(files_.Write(folder + "extra.json", "{}").ok());
  EXPECT_THAT(registry_.Verify("v1.1.0").value()[0].what, HasSubstr("extra.json"));
  EXPECT_EQ(ChampionVersion(), "v1.0.0");
}

TEST_F(RegistryTest, AModelAndItsHashChangedTogetherStillShow) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  Json manifest = ReadJson("v1.0.0/manifest.json");
  Manifest forged = ManifestFromJson(manifest).value();
  manifest["notes"] = "edited";
  ASSERT_TRUE(files_.Write("models/registry/v1.0.0/manifest.json", PrettyJson(manifest)).ok());
  EXPECT_THAT(registry_.Verify().value()[0].what, HasSubstr("digest"));
  forged.notes = "edited with its digest";
  ASSERT_TRUE(files_.Write("models/registry/v1.0.0/manifest.json", PrettyJson(ToJson(forged))).ok());
  EXPECT_THAT(registry_.Verify().value()[0].what, HasSubstr("history"));
}

TEST_F(RegistryTest, AChangedHistoryShowsAndDoesNotStopARollback) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  ASSERT_TRUE(Register("v1.1.0").ok());
  ASSERT_TRUE(Promote("v1.0.0").ok());
  ASSERT_TRUE(Promote("v1.1.0").ok());
  const std::string path = "models/registry/history.jsonl";
  const std::string whole = files_.Read(path).value();
  for (const std::string& bad : {whole.substr(whole.find('\n') + 1),          // first line removed
                                 "garbage\n" + whole, whole + "{\"half\": ",  // a line added, half a line
                                 std::string(whole).replace(whole.find("ana"), 3, "eva")}) {
    ASSERT_TRUE(files_.Write(path, bad).ok());
    EXPECT_THAT(registry_.ReadHistory().value().problem, HasSubstr("history.jsonl:"));
    EXPECT_EQ(registry_.Verify().value()[0].where, "history.jsonl");
    EXPECT_TRUE(Rollback().ok());
    EXPECT_EQ(registry_.ReadHistory().value().entries.back().action, "rollback");
    EXPECT_NE(registry_.ReadHistory().value().problem, "");
  }
}

TEST_F(RegistryTest, ADamagedChampionFileIsAnErrorAndComesBackFromTheHistory) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  ASSERT_TRUE(Register("v1.1.0").ok());
  ASSERT_TRUE(Promote("v1.0.0").ok());
  ASSERT_TRUE(Promote("v1.1.0").ok());
  const std::string whole = files_.Read("models/registry/champion.json").value();
  for (const std::string bad : {"", "{", "[]", "{}", R"({"version": "../..", "promoted_at": "x"})"}) {
    ASSERT_TRUE(files_.Write("models/registry/champion.json", bad).ok());
    EXPECT_EQ(registry_.CurrentChampion().error().code(), Code::kDataLoss) << bad;
    EXPECT_EQ(registry_.Verify().value()[0].where, "champion.json");
    ASSERT_TRUE(registry_.Recover().ok());
    EXPECT_EQ(files_.Read("models/registry/champion.json").value(), whole);
  }
  ASSERT_TRUE(files_.Write("models/registry/champion.json", "{").ok());
  EXPECT_EQ(Rollback().value().to, "v1.0.0");
}

TEST_F(RegistryTest, ASecondWriterGetsAClearErrorOrWaits) {
  ASSERT_TRUE(Register("v1.0.0").ok());
  auto held = files_.Lock("models/registry/.lock").value();
  const auto refused = Promote("v1.0.0");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kUnavailable);
  EXPECT_THAT(refused.error().message(), HasSubstr("another command"));

  int sleeps = 0;
  Registry patient({"models/registry", 3}, files_, clock_, [&](Duration) { ++sleeps; });
  EXPECT_EQ(patient.Promote({"v1.0.0", "bia", ""}).error().code(), Code::kUnavailable);
  EXPECT_EQ(sleeps, 2);
  Registry lucky({"models/registry", 3}, files_, clock_, [&](Duration) { held.reset(); });
  EXPECT_TRUE(lucky.Promote({"v1.0.0", "bia", ""}).ok());
}

}  // namespace
}  // namespace vigia::registry
