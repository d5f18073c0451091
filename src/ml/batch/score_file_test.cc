#include "batch/score_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "base/temp_folder.h"
#include "columnar/frame_io.h"

namespace vigia::batch {
namespace {

using columnar::Frame;
using columnar::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Margin = 1 − ida (6 when missing) + 2·[genero = Feminino].
std::shared_ptr<const scoring::Model> SmallModel() {
  return scoring::Model::FromJson(ParseJson(R"({"format":"vigia-model","format_version":1,
      "features":{"reference_year":2023,
        "raw":[{"name":"ida","type":"number","min":0,"max":10,"seen_min":0,"seen_max":10},
               {"name":"genero","type":"category","levels":["Feminino","Masculino"]},
               {"name":"ano_ingresso","type":"integer","min":2000,"max":2100,"seen_min":2015,"seen_max":2023}],
        "inputs":[{"name":"ida","operation":"identity","inputs":["ida"]},
                  {"name":"g","operation":"one_hot","inputs":["genero"],"level":"Feminino"},
                  {"name":"t","operation":"tenure","inputs":["ano_ingresso"]}]},
      "estimator":{"family":"logistic_regression","impute":[6,0,0],"mean":[0,0,0],"scale":[1,1,1],
                   "coefficients":[-1,2,0.5],"intercept":1},
      "calibration":{"method":"none"},"threshold":0.4})")
                                      .value())
      .value();
}

double Sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

class ScoreFileTest : public testing::Test {
 protected:
  Result<Summary> Run(const std::string& input, const std::string& output) {
    return ScoreFile({Path(input), Path(output), "v1.2.0", SmallModel(), 0.4}, {}, progress_);
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  void WriteText(const std::string& name, const std::string& text) { ASSERT_TRUE(files_.Write(Path(name), text).ok()); }

  TempFolder folder_;
  SystemFiles files_;
  NoProgress progress_;
};

TEST_F(ScoreFileTest, ScoresEveryRowInItsOrderAndPassesTheRestThrough) {
  Frame frame;
  frame.Add("nota", Type::kText);
  frame.Add("ida_2022", Type::kNumber);
  frame.Add("genero_2022", Type::kText);
  for (int i = 0; i < 10'000; ++i) {
    frame.columns[0].AppendText("linha " + std::to_string(i));
    if (i % 7 == 0) {
      frame.columns[1].AppendNull();
    } else {
      frame.columns[1].AppendNumber(i % 11);
    }
    frame.columns[2].AppendText(i % 3 == 0 ? "Feminino" : i % 3 == 1 ? "Masculino" : "Outro");
  }
  ASSERT_TRUE(columnar::WriteParquet(Path("in.parquet"), frame).ok());
  const auto summary = Run("in.parquet", "out.parquet");
  ASSERT_TRUE(summary.ok()) << summary.error().message();
  EXPECT_EQ(summary->rows, 10'000U);
  EXPECT_THAT(summary->absent, ElementsAre("ano_ingresso"));
  EXPECT_THAT(summary->passed, ElementsAre("nota"));
  EXPECT_THAT(summary->clipped, IsEmpty());
  const Frame out = columnar::ReadParquet(Path("out.parquet")).value();
  ASSERT_EQ(out.rows(), 10'000U);
  uint64_t positives = 0;
  for (size_t i = 0; i < out.rows(); ++i) {
    const double ida = i % 7 == 0 ? 6 : static_cast<double>(i % 11);
    const double want = Sigmoid(1 - ida + (i % 3 == 0 ? 2 : 0));
    ASSERT_EQ(out.Find("nota")->texts[i], "linha " + std::to_string(i));
    ASSERT_NEAR(out.Find("risk_score")->numbers[i], want, 1e-6) << i;
    ASSERT_EQ(out.Find("risk_label")->integers[i], want >= 0.4 ? 1 : 0) << i;
    ASSERT_EQ(out.Find("model_version")->texts[i], "v1.2.0");
    ASSERT_EQ(out.Find("ida_2022")->IsNull(i), i % 7 == 0);
    positives += want >= 0.4 ? 1 : 0;
  }
  EXPECT_EQ(summary->positives, positives);
}

TEST_F(ScoreFileTest, ReadsAndWritesCsv) {
  WriteText("in.csv", "ida,genero,ano\n1,Feminino,2023\n,Masculino,2023\n20,,2023\n");
  const auto summary = Run("in.csv", "out.csv");
  ASSERT_TRUE(summary.ok()) << summary.error().message();
  EXPECT_EQ(summary->rows, 3U);
  EXPECT_THAT(summary->clipped, ElementsAre("ida"));
  const Frame out = columnar::ReadCsv(Path("out.csv"), columnar::CsvTypes::kFind).value();
  EXPECT_NEAR(out.Find("risk_score")->numbers[0], Sigmoid(2), 1e-6);
  EXPECT_NEAR(out.Find("risk_score")->numbers[1], Sigmoid(-5), 1e-6);
  EXPECT_NEAR(out.Find("risk_score")->numbers[2], Sigmoid(-9), 1e-6);  // clipped to what training saw
}

TEST_F(ScoreFileTest, ACsvFilesCellsPassAsTheyAreWritten) {
  // An empty column has no type to be found, codes have leading zeros, and a level may be unknown.
  WriteText("in.csv", "codigo,dia,ida,genero,ano_ingresso\n007,2023-01-05,,Feminino, 2018 \n010,,,Outro,NaN\n");
  ASSERT_TRUE(Run("in.csv", "out.csv").ok());
  const std::string out = files_.Read(Path("out.csv")).value();
  EXPECT_THAT(out, HasSubstr("\n007,2023-01-05,,Feminino, 2018 ,0.37"));
  EXPECT_THAT(out, HasSubstr("\n010,,,Outro,NaN,0.0"));
  const Frame scored = columnar::ReadCsv(Path("out.csv"), columnar::CsvTypes::kFind).value();
  EXPECT_NEAR(scored.Find("risk_score")->numbers[0], Sigmoid(-5 + 2 + 2.5), 1e-6);
  EXPECT_NEAR(scored.Find("risk_score")->numbers[1], Sigmoid(-5), 1e-6);

  ASSERT_TRUE(Run("in.csv", "out.parquet").ok());  // where the model's numbers become numbers
  const Frame parquet = columnar::ReadParquet(Path("out.parquet")).value();
  EXPECT_EQ(parquet.Find("codigo")->texts[0], "007");
  EXPECT_EQ(parquet.Find("ida")->type, Type::kNumber);
  EXPECT_TRUE(parquet.Find("ida")->IsNull(0));
  EXPECT_EQ(parquet.Find("ano_ingresso")->numbers[0], 2018);
}

TEST_F(ScoreFileTest, TheYearComesFromTheRowOrTheNames) {
  const auto tenure_of = [&](const std::string& text) {
    WriteText("in.csv", text);
    const auto summary = Run("in.csv", "out.csv");
    EXPECT_TRUE(summary.ok()) << summary.error().message();
    const double score = columnar::ReadCsv(Path("out.csv"), columnar::CsvTypes::kFind)->Find("risk_score")->numbers[0];
    return std::log(score / (1 - score)) / 0.5;
  };
  EXPECT_NEAR(tenure_of("ida,ano_ingresso,ano\n1,2018,2022\n"), 4, 1e-5);
  EXPECT_NEAR(tenure_of("ida_2021,ano_ingresso_2021\n1,2018\n"), 3, 1e-5);
  EXPECT_NEAR(tenure_of("ida,ano_ingresso\n1,2018\n"), 5, 1e-5);
}

TEST_F(ScoreFileTest, RefusesWithOneLineAndLeavesNoOutput) {
  struct Case {
    const char* what;
    const char* text;
    const char* want;
  };
  std::string late = "ida\n";
  for (int i = 0; i < 50'000; ++i) late += "1\n";
  late += "seis\n";
  for (const Case& test : {Case{"no feature", "a,b\n1,2\n", "no column is a feature"},
                           Case{"twice", "ida,ida_2022\n1,2\n", "same feature"},
                           Case{"two years", "ida_2021,genero_2022\n1,Feminino\n", "several years"},
                           Case{"text", "ida\n1\nseis\n", "in.csv: column 'ida' holds text"},
                           Case{"late text", late.c_str(), "in.csv: column 'ida' holds text"},
                           Case{"text for a year", "ida,ano\n1,seis\n", "column 'ano' holds text"},
                           Case{"taken", "ida,risk_score\n1,2\n", "risk_score"}}) {
    WriteText("in.csv", test.text);
    const auto summary = Run("in.csv", "out.parquet");
    ASSERT_FALSE(summary.ok()) << test.what;
    EXPECT_THAT(summary.error().message(), HasSubstr(test.want)) << test.what;
    EXPECT_THAT(summary.error().message(), ::testing::Not(HasSubstr("seis")));
    EXPECT_EQ(files_.List(folder_.path())->size(), 1U) << test.what;  // and nothing half written
  }
  EXPECT_THAT(Run("none.csv", "out.csv").error().message(), HasSubstr("none.csv: no such file"));
  EXPECT_FALSE(Run("in.csv", "out.txt").ok());
  WriteText("broken.parquet", "PAR1 no");
  EXPECT_FALSE(Run("broken.parquet", "out.csv").ok());
  EXPECT_FALSE(Run("in.csv", "nowhere/out.csv").ok());
}

TEST_F(ScoreFileTest, TheInputIsNeverReplaced) {
  WriteText("in.csv", "ida\n1\n");
  std::filesystem::create_symlink("in.csv", Path("link.csv"));
  const std::string around = "../" + BaseName(folder_.path()) + "/in.csv";
  for (const std::string& output : {std::string("in.csv"), std::string("./in.csv"), around, std::string("link.csv")}) {
    EXPECT_THAT(Run("in.csv", output).error().message(), HasSubstr("would replace the input")) << output;
  }
  EXPECT_EQ(files_.Read(Path("in.csv")).value(), "ida\n1\n");
}

}  // namespace
}  // namespace vigia::batch
