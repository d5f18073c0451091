// A home with a champion, a data set and stored predictions, for tests of the monitoring commands.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <sstream>

#include "base/random.h"
#include "base/temp_folder.h"
#include "cli/app.h"
#include "columnar/frame_io.h"
#include "registry/testing/artifacts.h"

namespace vigia::cli {

class MonitoringCommandTest : public ::testing::Test {
 protected:
  MonitoringCommandTest() {
    CHECK(registry::testing::WriteArtifacts(files_, Path("artifacts"), 5.0).ok(), "artifacts");
    CHECK(files_.RemoveTree(Path("artifacts/monitoring_baseline")).ok(), "no baseline");
    CHECK(files_.MakeFolders(Path("data/processed")).ok(), "data folder");
    CHECK(files_.MakeFolders(Path("monitoring/inference_store")).ok(), "store folder");
    CHECK(RunWith({"registry", "register", "--version", "v1.1.0", "--artifacts", Path("artifacts")}) == 0, err_.str());
    CHECK(RunWith({"registry", "promote", "--version", "v1.1.0"}) == 0, err_.str());
    columnar::Frame data;
    Rng rng(1);
    for (const char* name : {"ida", "ieg"}) data.Add(name, columnar::Type::kNumber);
    for (int i = 0; i < 600; ++i) {
      data.columns[0].AppendNumber(Ida(rng, 0));
      data.columns[1].AppendNumber(7 + rng.Normal());
    }
    CHECK(columnar::WriteParquet(Path("data/processed/modeling_dataset.parquet"), data).ok(), "data set");
  }

  static double Ida(Rng& rng, double shift) { return 5 + shift + 1.5 * rng.Normal(); }
  std::string Path(const std::string& below) const { return folder_.path() + "/" + below; }

  int RunWith(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    arguments.insert(arguments.begin(), {"--home", folder_.path()});
    const auto environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    const World world{files_, clock_, entropy_, executor_, progress_, environment, out_, err_, false};
    return cli::Run(std::move(arguments), world);
  }
  Json OutJson() { return ParseJson(out_.str()).value(); }
  Json FileJson(const std::string& below) { return ParseJson(files_.Read(Path(below)).value()).value(); }

  // One file of the store: `n` single-row requests, spread over the day `days_ago` before today.
  void StoreDay(int days_ago, int n, double shift, const std::string& version = "v1.1.0", uint64_t seed = 2) {
    columnar::Frame frame;
    using columnar::Type;
    frame.Add("timestamp", Type::kTimestamp);
    frame.Add("request_id", Type::kText);
    frame.Add("instance_index", Type::kInt64);
    frame.Add("kind", Type::kText);
    frame.Add("model_version", Type::kText);
    frame.Add("ida", Type::kNumber);
    frame.Add("ieg", Type::kNumber);
    frame.Add("risk_score", Type::kNumber);
    frame.Add("risk_label", Type::kInt64);
    const WallTime day = ParseTime("2026-11-20T00:00:00Z").value() - std::chrono::hours(24 * days_ago);
    Rng rng(seed);
    for (int i = 0; i < n; ++i) {
      const double ida = Ida(rng, shift);
      const double score = 1 / (1 + std::exp(std::clamp(ida, 0.0, 10.0) - 5));
      frame.columns[0].AppendTimestamp(day + std::chrono::milliseconds(i * (36'000'000LL / n)));  // until 10:00
      frame.columns[1].AppendText("r" + std::to_string(days_ago) + "-" + std::to_string(i));
      frame.columns[2].AppendInteger(0);
      frame.columns[3].AppendText("prediction");
      frame.columns[4].AppendText(version);
      frame.columns[5].AppendNumber(ida);
      frame.columns[6].AppendNumber(7 + rng.Normal());
      frame.columns[7].AppendNumber(score);
      frame.columns[8].AppendInteger(score >= 0.4 ? 1 : 0);
    }
    const std::string name =
        "monitoring/inference_store/inferences_" + FormatDate(day) + (version == "v1.1.0" ? "" : "_01") + ".parquet";
    CHECK(columnar::WriteParquet(Path(name), frame).ok(), "store");
  }

  std::map<std::string, std::string> environment_;
  const TempFolder folder_;
  SystemFiles files_;
  FakeClock clock_{ParseTime("2026-11-20T10:35:00Z").value()};
  FakeEntropy entropy_{1};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

}  // namespace vigia::cli
