#include "dataset/build.h"

#include <cmath>
#include <set>

#include "base/mem_files.h"
#include "catalog/catalog.h"
#include "dataset/load.h"
#include "dataset/test_school.h"

namespace vigia::dataset {
namespace {

using testing::HasSubstr;

constexpr size_t kPupils = 80;

class BuildTest : public testing::Test {
 protected:
  Result<BuildReport> RunBuild(const std::string& bytes, const std::string& name = "PEDE.xlsx") {
    CHECK(files.Write("in/" + name, bytes).ok(), "the test's source can be written");
    settings.sources = {"in/" + name};
    return Build(files, clock, settings, progress);
  }
  tabular::Table Table() { return LoadDataset(files, settings.out).value(); }

  FakeClock clock{WallTime(std::chrono::seconds(1'700'000'000))};
  MemFiles files{clock};
  NoProgress progress;
  BuildSettings settings;
};

size_t CountOf(const std::vector<Finding>& findings, const std::string& check, int year) {
  for (const Finding& finding : findings) {
    if (finding.check == check && finding.year == year) return finding.count;
  }
  return 9999;
}

TEST_F(BuildTest, TwoYearsBecomeOneTable) {
  const auto report = RunBuild(MakeWorkbook({MakeYear(2022, kPupils, 1), MakeYear(2023, kPupils + 20, 2)}));
  ASSERT_TRUE(report.ok()) << report.error().message();
  const tabular::Table table = Table();
  EXPECT_EQ(table.rows(), kPupils);
  ASSERT_EQ(table.columns().size(), catalog::RawFeatures().size() + 3);
  EXPECT_EQ(table.columns()[0].name, "ano");
  EXPECT_EQ(table.columns()[1].name, "aluno");
  EXPECT_EQ(table.columns().back().name, "em_risco");
  EXPECT_EQ(table.Find("ipp")->MissingCount(), kPupils);
  EXPECT_EQ(table.Find("pedra")->levels, std::vector<std::string>{"Agata"});
  for (const std::string path :
       {"data/interim/2022_normalized.parquet", "data/interim/2023_normalized.parquet", "data/interim/2022_schema.json",
        "data/interim/2023_schema.json", "data/processed/data_card.json", "data/processed/quality_report.json"}) {
    EXPECT_TRUE(files.Exists(path)) << path;
  }
  const Json card = ParseJson(files.Read("data/processed/data_card.json").value()).value();
  EXPECT_EQ(card["modeling_dataset"]["n_rows"], kPupils);
  EXPECT_EQ(card["interim_datasets"]["2023"]["n_rows"], kPupils + 20);
  EXPECT_THAT(Summary(*report), HasSubstr("2022 -> 2023: 80 pupils in both years"));
}

TEST_F(BuildTest, OtherSheetsAreLeftAlone) {
  TestTable dictionary;
  dictionary.name = "Dicionario 2023";
  dictionary.headers = {"coluna", "descricao"};
  dictionary.rows = {{"IAA", "autoavaliacao"}};
  const auto report = RunBuild(MakeWorkbook({dictionary, MakeYear(2022, kPupils, 1), MakeYear(2023, kPupils, 2)}));
  EXPECT_TRUE(report.ok()) << report.error().message();
}

TEST_F(BuildTest, TheLabelIsTheNextYearsLagAndFollowsTheRa) {
  TestTable before = MakeYear(2022, kPupils, 1), after = MakeYear(2023, kPupils, 2);
  std::reverse(after.rows.begin(), after.rows.end());
  for (size_t i = 0; i < kPupils; ++i)
    before.At(i, "IAA") = FormatNumber(static_cast<double>(i) / 10);  // marks the pupil
  ASSERT_TRUE(RunBuild(MakeWorkbook({before, after})).ok());
  const tabular::Table table = Table();
  std::set<double> pupils;
  for (size_t row = 0; row < table.rows(); ++row) {
    const auto i = static_cast<size_t>(std::lround(table.Find("iaa")->numbers[row] * 10));
    const double next_lag = *ParseNumber(after.At(kPupils - 1 - i, "Defasagem"));
    EXPECT_EQ(table.Find("em_risco")->numbers[row], next_lag < 0 ? 1 : 0) << i;
    EXPECT_EQ(table.Find("defasagem")->numbers[row], *ParseNumber(before.At(i, "Defas"))) << i;
    pupils.insert(table.Find("aluno")->numbers[row]);
  }
  EXPECT_EQ(pupils.size(), kPupils);
}

TEST_F(BuildTest, AllConsecutivePairsAreStackedAndAPupilKeepsTheNumber) {
  std::vector<TestTable> years = {MakeYear(2022, kPupils, 1), MakeYear(2023, kPupils, 2), MakeYear(2024, kPupils, 3)};
  for (TestTable& year : years) {
    const std::string header = year.name == "PEDE2022" ? "Matem" : "Mat";
    for (size_t i = 0; i < kPupils; ++i) year.At(i, header) = FormatNumber(static_cast<double>(i) / 10);
  }
  ASSERT_TRUE(RunBuild(MakeWorkbook(years)).ok());
  const tabular::Table table = Table();
  ASSERT_EQ(table.rows(), 2 * kPupils);
  std::map<double, std::set<double>> numbers;  // of the pupil that the mark tells
  for (size_t row = 0; row < table.rows(); ++row) {
    numbers[table.Find("matematica")->numbers[row]].insert(table.Find("aluno")->numbers[row]);
  }
  for (const auto& [mark, of_pupil] : numbers) EXPECT_EQ(of_pupil.size(), 1U) << mark;
  EXPECT_EQ(numbers.size(), kPupils);
  // One pair when asked for.
  settings.feature_year = 2023;
  ASSERT_TRUE(RunBuild(MakeWorkbook(years)).ok());
  EXPECT_EQ(Table().rows(), kPupils);
  EXPECT_EQ(Table().Find("ano")->numbers[0], 2023);
}

TEST_F(BuildTest, SameSeedSameBytesOtherSeedOtherNumbers) {
  const std::string book = MakeWorkbook({MakeYear(2022, kPupils, 1), MakeYear(2023, kPupils, 2)});
  ASSERT_TRUE(RunBuild(book).ok());
  const std::string first = files.Read(settings.out).value();
  const auto numbers = Table().Find("aluno")->numbers;
  ASSERT_TRUE(RunBuild(book).ok());
  EXPECT_EQ(files.Read(settings.out).value(), first);
  settings.seed = 43;
  ASSERT_TRUE(RunBuild(book).ok());
  EXPECT_NE(Table().Find("aluno")->numbers, numbers);
}

TEST_F(BuildTest, EveryFormatGivesTheSameDataset) {
  const TestTable before = MakeYear(2022, kPupils, 1), after = MakeYear(2023, kPupils, 2);
  ASSERT_TRUE(RunBuild(MakeWorkbook({before, after})).ok());
  const std::string wanted = files.Read(settings.out).value();
  const auto expect_same = [&](const std::string& what) {
    const auto report = Build(files, clock, settings, progress);
    ASSERT_TRUE(report.ok()) << what << ": " << report.error().message();
    EXPECT_EQ(files.Read(settings.out).value(), wanted) << what;
  };
  for (const TestTable& table : {before, after}) {
    ASSERT_TRUE(files.Write("csv/" + table.name + ".csv", columnar::EncodeCsv(ToTextFrame(table)).value()).ok());
    ASSERT_TRUE(files.Write("pq/" + table.name + ".parquet", columnar::EncodeParquet(ToTextFrame(table)).value()).ok());
  }
  settings.sources = {"csv/PEDE2023.csv", "csv/PEDE2022.csv"};
  expect_same("one CSV a year");
  settings.sources = {"pq"};
  expect_same("a folder of parquet files");
  // One file with a column ano, under the headers of 2023.
  TestTable stacked = after;
  TestTable renamed = before;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"Idade 22", "Idade"},
                                                                                 {"Pedra 22", "Pedra"},
                                                                                 {"INDE 22", "INDE"},
                                                                                 {"Matem", "Mat"},
                                                                                 {"Portug", "Por"},
                                                                                 {"Inglês", "Ing"},
                                                                                 {"Fase ideal", "Fase Ideal"},
                                                                                 {"Defas", "Defasagem"}}) {
    renamed.Rename(from, to);
  }
  stacked.Rename("Pedra 2023", "Pedra");
  stacked.Rename("INDE 2023", "INDE");
  renamed.AddColumn("IPP", [](size_t) { return std::string(); });
  renamed.Drop("Nome");
  stacked.Drop("Nome Anonimizado");
  ASSERT_EQ(renamed.headers, stacked.headers);
  stacked.AddColumn("ano", [](size_t) { return std::string("2023"); });
  renamed.AddColumn("ano", [](size_t) { return std::string("2022"); });
  stacked.rows.insert(stacked.rows.begin(), renamed.rows.begin(), renamed.rows.end());
  ASSERT_TRUE(files.Write("all.csv", columnar::EncodeCsv(ToTextFrame(stacked)).value()).ok());
  settings.sources = {"all.csv"};
  expect_same("one stacked CSV");
}

TEST_F(BuildTest, OdditiesAreNormalisedAndCounted) {
  TestTable before = MakeYear(2022, kPupils, 1), after = MakeYear(2023, kPupils, 2);
  before.At(0, "IAA") = "10.01";
  before.At(1, "IAA") = "error:#N/A";
  before.At(2, "IEG") = "INCLUIR";
  before.At(3, "Idade 22") = "date:11";
  before.At(4, "IPS") = "99";
  before.At(5, "RA") = "RA-1";  // repeats
  before.At(6, "RA") = "";
  before.AddColumn("Extra", [](size_t i) { return std::to_string(i % 7); });
  before.AddColumn("INDE 2022", [](size_t) { return std::string(); });
  after.At(7, "Defasagem") = "";
  const auto report = RunBuild(MakeWorkbook({before, after}));
  ASSERT_TRUE(report.ok()) << report.error().message();
  const std::vector<std::pair<std::string, size_t>> expected = {
      {"score_clipped", 1},      {"error_cells", 1},
      {"placeholder_cells", 1},  {"incluir_rows", 1},
      {"age_stored_as_date", 1}, {"out_of_range", 1},
      {"duplicate_ra", 1},       {"rows_without_ra", 1},
      {"unknown_columns", 1},    {"duplicate_headers", 1},
      {"empty_columns", 1},      {"personal_dropped", 1},
      {"rows", kPupils - 2},     {"join_matched", kPupils - 2},
      {"label_missing", 1},      {"join_entered", 2}};
  for (const auto& [check, count] : expected) EXPECT_EQ(CountOf(report->findings, check, 2022), count) << check;
  EXPECT_EQ(Table().rows(), kPupils - 3);
}

TEST_F(BuildTest, NoOutputKnowsAnRaOrAName) {
  const auto report = RunBuild(MakeWorkbook({MakeYear(2022, kPupils, 1), MakeYear(2023, kPupils, 2)}));
  ASSERT_TRUE(report.ok());
  for (const std::string& path : report->written) {
    std::string shown = files.Read(path).value();
    if (path.ends_with(".parquet")) shown = columnar::EncodeCsv(columnar::DecodeParquet(shown).value()).value();
    for (const std::string secret : {"RA-", "Fulano", "Inventado"}) {
      EXPECT_EQ(shown.find(secret), std::string::npos) << path << " holds " << secret;
    }
  }
}

TEST_F(BuildTest, BrokenInputEndsInOneLineAndWritesNothing) {
  const TestTable before = MakeYear(2022, kPupils, 1), after = MakeYear(2023, kPupils, 2);
  const auto with_before = [&](const auto& change) {
    TestTable changed = before;
    change(changed);
    return MakeWorkbook({changed, after});
  };
  const std::string good = MakeWorkbook({before, after});
  struct Case {
    std::string what, bytes, part;
    std::string name = "PEDE.xlsx";
    std::optional<int> feature_year = {}, label_year = {};
  };
  TestTable no_rows = before;
  no_rows.rows.clear();
  TestTable strangers = after;
  for (size_t i = 0; i < kPupils; ++i) strangers.At(i, "RA") = "RA-" + std::to_string(5000 + i);
  const std::vector<Case> cases = {
      {"a sheet is missing", MakeWorkbook({before}), "no two consecutive years in the source (years: 2022)"},
      {"a wrong year", good, "no sheet of 2030 (sheets: PEDE2022, PEDE2023)", "PEDE.xlsx", 2023, 2030},
      {"the years of another workbook", good, "no sheet of 2024", "PEDE.xlsx", 2023, {}},
      {"years the wrong way round", good, "must come after", "PEDE.xlsx", 2023, 2022},
      {"a renamed column", with_before([](TestTable& t) { t.Rename("IAA", "I.A.A. nota"); }),
       "sheet 'PEDE2022': no column for 'iaa'"},
      {"no RA", with_before([](TestTable& t) { t.Rename("RA", "Registro"); }), "'RA' is missing"},
      {"text in a number", with_before([](TestTable& t) { t.At(4, "IEG") = "sete e meio"; }),
       "PEDE2022!K6: column 'IEG'"},
      {"truncated", good.substr(0, good.size() / 2), "truncated"},
      {"empty", "", "empty"},
      {"an empty sheet", MakeWorkbook({no_rows, after}), "'PEDE2022' holds no rows"},
      {"not a workbook", "RA;Fase\n1;2\n", "not a zip"},
      {"nobody in both years", MakeWorkbook({before, strangers}), "no pupil of 'PEDE2022' is in 'PEDE2023'"},
      {"two sheets of one year", MakeWorkbook({before, before, after}), "both of 2022"},
      {"an unknown kind of file", good, "not an .xlsx, .csv or .parquet file", "PEDE.ods"},
      {"a CSV without a year", "RA,Fase\nRA-1,2\n", "no year in the file's name", "dados.csv"},
      {"a CSV that is empty", "", "empty", "PEDE2022.csv"},
      {"a ragged CSV", "RA,Fase\nRA-1,2\nRA-2,3,4,5\n", "PEDE2022.csv", "PEDE2022.csv"},
      {"a broken parquet file", "PAR1xxxxxxxxPAR1", "PEDE2022.parquet", "PEDE2022.parquet"},
  };
  for (const Case& c : cases) {
    settings.feature_year = c.feature_year;
    settings.label_year = c.label_year;
    const auto report = RunBuild(c.bytes, c.name);
    ASSERT_FALSE(report.ok()) << c.what;
    EXPECT_THAT(report.error().message(), HasSubstr(c.part)) << c.what;
    EXPECT_EQ(report.error().message().find('\n'), std::string::npos) << c.what;
    EXPECT_THAT(report.error().message(), testing::Not(HasSubstr("sete e meio"))) << "an input value is echoed";
    EXPECT_FALSE(files.Exists("data")) << c.what;
    ASSERT_TRUE(files.Remove("in/" + c.name).ok());
  }
  settings.sources = {"in/none.xlsx"};
  EXPECT_EQ(Build(files, clock, settings, progress).error().code(), Code::kNotFound);
}

TEST_F(BuildTest, TextInANumberMayBeTakenAsMissing) {
  TestTable before = MakeYear(2022, kPupils, 1);
  before.At(4, "IEG") = "sete e meio";
  settings.normalize.bad_cells = BadCells::kMissing;
  const auto report = RunBuild(MakeWorkbook({before, MakeYear(2023, kPupils, 2)}));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(CountOf(report->findings, "bad_cells", 2022), 1U);
  before.Drop("Inglês");
  EXPECT_FALSE(RunBuild(MakeWorkbook({before, MakeYear(2023, kPupils, 2)})).ok());
  settings.normalize.allow_missing = {"ingles"};
  EXPECT_TRUE(RunBuild(MakeWorkbook({before, MakeYear(2023, kPupils, 2)})).ok());
}

TEST_F(BuildTest, PlantedColumnsAreRefusedByName) {
  const TestTable before = MakeYear(2022, kPupils, 1);
  TestTable after = MakeYear(2023, kPupils, 2);
  const auto next_lag = [&](size_t i) { return after.At(i, "Defasagem"); };
  const auto is_behind = [&](size_t i) {
    return next_lag(i).starts_with("-") ? std::string("sim") : std::string("nao");
  };
  const auto invented = [](size_t i) { return "Fulano " + std::to_string(i); };
  struct Case {
    std::string header, part;
    std::function<std::string(size_t)> value;
  };
  const std::vector<Case> cases = {{"INDE 2023", "later year", invented},
                                   {"Defasagem_2023", "later year", next_lag},
                                   {"IAN 23", "later year", next_lag},
                                   {"em_risco", "names the answer", is_behind},
                                   {"Target", "names the answer", is_behind},
                                   {"Situação", "almost perfectly", is_behind},
                                   {"Observação final", "almost perfectly", next_lag},
                                   {"Defasagem", "almost perfectly", next_lag},  // a second spelling of a known column
                                   {"Nome da mãe", "looks personal", invented},
                                   {"Nome Anonimizado", "looks personal", invented},
                                   {"CPF", "looks personal", invented},
                                   {"e-mail", "looks personal", invented},
                                   {"Telefone 2", "looks personal", invented}};
  for (const Case& c : cases) {
    TestTable planted = before;
    planted.AddColumn(c.header, c.value);
    const auto report = RunBuild(MakeWorkbook({planted, after}));
    ASSERT_FALSE(report.ok()) << c.header;
    EXPECT_THAT(report.error().message(), HasSubstr("'" + c.header + "'"));
    EXPECT_THAT(report.error().message(), HasSubstr(c.part)) << c.header;
    EXPECT_FALSE(files.Exists("data")) << c.header;
  }
  // The same headers hurt nobody when they hold nothing, or stand in the year of the label.
  TestTable harmless = before;
  harmless.AddColumn("INDE 2023", [](size_t) { return std::string(); });
  after.AddColumn("INDE 2024", invented);
  EXPECT_TRUE(RunBuild(MakeWorkbook({harmless, after})).ok());
}

TEST_F(BuildTest, AFullDiskLeavesThePreviousDataset) {
  ASSERT_TRUE(RunBuild(MakeWorkbook({MakeYear(2022, kPupils, 1), MakeYear(2023, kPupils, 2)})).ok());
  const std::string previous = files.Read(settings.out).value();
  const std::string other = MakeWorkbook({MakeYear(2022, kPupils, 5), MakeYear(2023, kPupils, 6)});
  ASSERT_TRUE(files.Write("in/PEDE.xlsx", other).ok());
  int failures = 0;
  for (int writes = 0;; ++writes) {
    files.FailWritesAfter(writes);
    const auto report = Build(files, clock, settings, progress);
    files.FailWritesAfter(-1);
    if (report.ok()) break;
    ++failures;
    EXPECT_EQ(report.error().code(), Code::kResourceExhausted);
    EXPECT_EQ(files.Read(settings.out).value(), previous) << "after " << writes << " writes";
  }
  EXPECT_EQ(failures, 14);  // seven files written aside and moved
  EXPECT_NE(files.Read(settings.out).value(), previous);
}

}  // namespace
}  // namespace vigia::dataset
