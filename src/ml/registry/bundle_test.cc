#include "registry/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/mem_files.h"
#include "registry/registry.h"
#include "registry/testing/artifacts.h"

namespace vigia::registry {
namespace {

using ::testing::HasSubstr;

class BundleTest : public ::testing::Test {
 protected:
  BundleTest() {
    CHECK(testing::WriteArtifacts(files_, "artifacts", 5.0).ok(), "artifacts");
    CHECK(registry_.Register({"v1.0.0", "artifacts", "", "ana", "", ""}).ok(), "register");
    CHECK(testing::WriteArtifacts(files_, "artifacts", 4.0).ok(), "artifacts");
    CHECK(registry_.Register({"v1.1.0", "artifacts", "", "ana", "", ""}).ok(), "register");
  }
  double ScoreOfFive(const Bundle& bundle) {
    std::vector<float> scratch(bundle.model->pipeline().input_width());
    const double raw[] = {5.0, 7.0};
    return bundle.model->Score(raw, 2023, scratch);
  }

  FakeClock clock_{ParseTime("2026-11-20T10:00:00Z").value()};
  MemFiles files_{clock_};
  Registry registry_{{"registry"}, files_, clock_};
};

TEST_F(BundleTest, LoadsTheChampionOrTheNamedVersion) {
  EXPECT_EQ(LoadBundle(files_, "registry").error().code(), Code::kNotFound);
  ASSERT_TRUE(registry_.Promote({"v1.0.0", "ana", ""}).ok());
  const Bundle champion = LoadBundle(files_, "registry").value();
  EXPECT_EQ(champion.version, "v1.0.0");
  EXPECT_EQ(champion.created_at, "2026-11-20T10:00:00.000000Z");
  EXPECT_EQ(champion.threshold, 0.4);
  EXPECT_EQ(champion.metadata["intercept"], 5.0);
  EXPECT_NEAR(ScoreOfFive(champion), 0.5, 1e-6);
  EXPECT_EQ(LoadBundle(files_, "registry", "champion").value().version, "v1.0.0");
  const Bundle other = LoadBundle(files_, "registry", "v1.1.0").value();
  EXPECT_NEAR(ScoreOfFive(other), 0.2689414, 1e-6);
  EXPECT_NE(other.digest, champion.digest);
  EXPECT_EQ(LoadBundle(files_, "registry", "v9.0.0").error().code(), Code::kNotFound);
  EXPECT_EQ(LoadBundle(files_, "registry", "../artifacts").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(LoadArtifacts(files_, "artifacts").value().version, "");
  EXPECT_EQ(LoadArtifacts(files_, "nowhere").error().code(), Code::kNotFound);
}

TEST_F(BundleTest, ATamperedOrMissingFileIsNotLoaded) {
  for (const std::string& name : RequiredArtifacts()) {
    const std::string path = "registry/v1.0.0/" + name;
    const std::string bytes = files_.Read(path).value();
    ASSERT_TRUE(files_.Write(path, bytes + " ").ok());
    const auto tampered = LoadBundle(files_, "registry", "v1.0.0");
    ASSERT_FALSE(tampered.ok()) << name;
    EXPECT_EQ(tampered.error().code(), Code::kDataLoss);
    EXPECT_THAT(tampered.error().message(), HasSubstr(name));
    ASSERT_TRUE(files_.Remove(path).ok());
    EXPECT_EQ(LoadBundle(files_, "registry", "v1.0.0").error().code(), Code::kDataLoss);
    ASSERT_TRUE(files_.Write(path, bytes).ok());
  }
  EXPECT_TRUE(LoadBundle(files_, "registry", "v1.0.0").ok());
}

TEST_F(BundleTest, GoldenRowsThatTheModelDoesNotMeetRefuseIt) {
  const std::vector<std::pair<const char*, std::function<void(Json&)>>> bad = {
      {"row 0", [](Json& golden) { golden["rows"][0]["score"] = 0.3; }},
      {"row 1", [](Json& golden) { golden["rows"][1]["raw"][0] = 2; }},
      {"row 1", [](Json& golden) { golden["rows"][1]["raw"] = {1}; }},
      {"row 0", [](Json& golden) { golden["rows"][0]["raw"][0] = "5"; }},
      {"row 0", [](Json& golden) { golden["rows"][0].erase("year"); }},
      {"row 0", [](Json& golden) { golden["rows"][0]["score"] = nullptr; }},
      {"row 0", [](Json& golden) { golden["rows"][0] = 1; }},
      {"no golden rows", [](Json& golden) { golden["rows"] = Json::array(); }},
      {"rows", [](Json& golden) { golden.erase("rows"); }},
      {"tolerance", [](Json& golden) { golden["tolerance"] = 1; }},
      {"tolerance", [](Json& golden) { golden["tolerance"] = -1; }},
      {"tolerance", [](Json& golden) { golden.erase("tolerance"); }},
  };
  const auto model = scoring::Model::FromJson(testing::SmallModel(5)).value();
  ASSERT_TRUE(ReplayGoldenRows(*model, testing::SmallGoldenRows(5)).ok());
  for (const auto& [what, change] : bad) {
    Json golden = testing::SmallGoldenRows(5);
    change(golden);
    const Status status = ReplayGoldenRows(*model, golden);
    ASSERT_FALSE(status.ok()) << what;
    EXPECT_THAT(status.error().message(), HasSubstr(what));
  }
  EXPECT_FALSE(ReplayGoldenRows(*model, testing::SmallGoldenRows(5.001)).ok());
}

TEST_F(BundleTest, GoldenRowsMayNameTheirFeatures) {
  const auto model = scoring::Model::FromJson(testing::SmallModel(5)).value();
  const auto golden = [](const char* row) {
    return ParseJson(std::string(R"({"tolerance": 1e-6, "rows": [)") + row + "]}").value();
  };
  for (const char* good : {R"({"instance": {"ida": 5}, "year": 2023, "risk_score": 0.5})",
                           R"({"instance": {"ieg": null, "ida": 5.0}, "year": 2023, "risk_score": 0.5})",
                           R"({"instance": {}, "year": 2023, "risk_score": 0.2689414213699951})"}) {
    EXPECT_TRUE(ReplayGoldenRows(*model, golden(good)).ok()) << good;
  }
  for (const char* bad : {R"({"instance": {"ida": 4}, "year": 2023, "risk_score": 0.5})",
                          R"({"instance": {"ida": "5"}, "year": 2023, "risk_score": 0.5})",
                          R"({"instance": {"other": 5}, "year": 2023, "risk_score": 0.5})",
                          R"({"instance": [5], "year": 2023, "risk_score": 0.5})"}) {
    EXPECT_FALSE(ReplayGoldenRows(*model, golden(bad)).ok()) << bad;
  }
}

TEST_F(BundleTest, WhatDoesNotLoadIsNotRegistered) {
  ASSERT_TRUE(files_.Write("artifacts/golden_rows.json", PrettyJson(testing::SmallGoldenRows(9))).ok());
  const auto other_scores = registry_.Register({"v1.2.0", "artifacts", "", "ana", "", ""});
  ASSERT_FALSE(other_scores.ok());
  EXPECT_THAT(other_scores.error().message(), HasSubstr("golden_rows.json: row 0"));
  ASSERT_TRUE(files_.Write("artifacts/model.json", "{}").ok());
  EXPECT_THAT(registry_.Register({"v1.2.0", "artifacts", "", "ana", "", ""}).error().message(),
              HasSubstr("model.json"));
  EXPECT_EQ(registry_.List().value().size(), 2U);
}

}  // namespace
}  // namespace vigia::registry
