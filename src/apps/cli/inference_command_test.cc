#include "cli/inference_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/temp_folder.h"
#include "cli/app.h"
#include "inference/inference_store.h"

namespace vigia::cli {
namespace {

using ::testing::HasSubstr;

class InferenceCommandTest : public ::testing::Test {
 protected:
  int RunWith(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    arguments.insert(arguments.begin(), {"--home", home_.path()});
    const World world{files_, clock_, entropy_, executor_, progress_, [](const std::string&) { return std::nullopt; },
                      out_,   err_,   false};
    return cli::Run(std::move(arguments), world);
  }
  Json OutJson() { return ParseJson(out_.str()).value(); }

  void Store(const std::string& id) {
    inference::StoreSettings settings;
    settings.maintenance_every = Duration::zero();
    const std::string wal = inference::WalFolder(home_.path() + "/monitoring/inference_store");
    inference::InferenceStore store(settings, std::make_unique<inference::SystemSegmentFolder>(wal), clock_, entropy_);
    const auto writer = store.NewWriter();
    const double features[] = {12};
    inference::Record record;
    record.schema = *writer->UseSchema(
        {"v1.0.0", inference::ValueDetail::kExact, {{"idade", inference::ValueType::kNumber, {}, {}}}});
    record.request_id = id;
    record.time = clock_.Now();
    record.features = features;
    writer->Add(record);
    ASSERT_EQ(writer->Commit(clock_.Mono()).stored, 1U);
  }

  TempFolder home_;
  FakeClock clock_{ParseTime("2026-11-20T12:00:00Z").value()};
  SystemFiles files_;
  FakeEntropy entropy_{1};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(InferenceCommandTest, FromSegmentsToParquet) {
  EXPECT_EQ(RunWith({"inference", "status"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("0 records"));
  Store("a");
  EXPECT_EQ(RunWith({"--json", "inference", "status"}), 0);
  EXPECT_EQ(OutJson()["records"], 1);
  EXPECT_EQ(OutJson()["segments"]["files"], 1);
  EXPECT_EQ(RunWith({"--json", "inference", "compact"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["records"], 1);
  Store("b");
  EXPECT_EQ(RunWith({"inference", "flush"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("1 records of 1 segments"));
  EXPECT_EQ(RunWith({"inference", "status"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("newest inferences_2026-11-20_01.parquet"));
}

TEST_F(InferenceCommandTest, ExportTakesTimesInEverySpelling) {
  Store("early");
  clock_.Advance(std::chrono::hours(2));
  Store("late");
  const std::vector<std::pair<std::string, int>> cases = {
      {"2026-11-20", 2}, {"2026-11-21", 0}, {"2026-11-20T13:00:00Z", 1}, {"60m", 1}, {"3h", 2}, {"7d", 2}};
  for (const auto& [since, rows] : cases) {
    EXPECT_EQ(RunWith({"--json", "inference", "export", "--output", "out.jsonl", "--since", since}), 0) << err_.str();
    EXPECT_EQ(OutJson()["rows"], rows) << since;
  }
  EXPECT_TRUE(files_.Exists(home_.path() + "/out.jsonl"));
}

TEST_F(InferenceCommandTest, WrongFlagsAreOneLine) {
  const std::vector<std::vector<std::string>> bad = {
      {"--output", "x.xlsx"}, {"--output", "x.csv", "--since", "yesterday"}, {"--output", "x.csv", "--kind", "some"}};
  for (auto arguments : bad) {
    arguments.insert(arguments.begin(), {"inference", "export"});
    EXPECT_EQ(RunWith(arguments), 1);
    const std::string text = err_.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  }
}

}  // namespace
}  // namespace vigia::cli
