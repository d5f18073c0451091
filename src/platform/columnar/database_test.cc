#include "columnar/database.h"

#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "base/temp_folder.h"
#include "columnar/frame_io.h"

namespace vigia::columnar {
namespace {

using testing::HasSubstr;

TEST(Database, ParametersAreBoundNotPasted) {
  const Database database = Database::Open({}).value();
  const std::string hostile = "'); DROP TABLE t; --";
  const Frame frame = database
                          .Query("SELECT $1 a, $2 + 1 b, $3 c, $4 d, len($5) e, $6 f",
                                 {hostile, int64_t{41}, 2.5, true, std::vector<std::string>{"x", "y"}, {}})
                          .value()
                          .ReadAll()
                          .value();
  EXPECT_EQ(frame.Find("a")->texts.at(0), hostile);
  EXPECT_EQ(frame.Find("b")->integers.at(0), 42);
  EXPECT_EQ(frame.Find("c")->numbers.at(0), 2.5);
  EXPECT_EQ(frame.Find("d")->integers.at(0), 1);
  EXPECT_EQ(frame.Find("e")->integers.at(0), 2);
  EXPECT_TRUE(frame.Find("f")->IsNull(0));
}

TEST(Database, ResultsStreamInChunks) {
  const Database database = Database::Open({}).value();
  Rows rows = database.Query("SELECT i, i * 0.5 AS half FROM range(1000000) t(i)").value();
  size_t total = 0;
  double sum = 0;
  while (true) {
    const auto chunk = rows.Next().value();
    if (!chunk) break;
    ASSERT_LE(chunk->rows(), 2048U);
    total += chunk->rows();
    for (const double value : chunk->Numbers(1)) sum += value;
  }
  EXPECT_EQ(total, 1000000U);
  EXPECT_DOUBLE_EQ(sum, 0.5 * 999999.0 * 1000000.0 / 2);
}

TEST(Database, ErrorsAreOneLineAndQuoteNoData) {
  const Database database = Database::Open({}).value();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"SELEC 1", "syntax"},
      {"SELECT nope FROM range(3) t(i)", "nope"},
      {"SELECT * FROM read_parquet('/nowhere/at-all.parquet')", "No files found"},
      {"SELECT 1; SELECT 2", "multiple"},
      {"SELECT $1", "parameters"},
  };
  for (const auto& [sql, part] : cases) {
    const auto rows = database.Query(sql);
    ASSERT_FALSE(rows.ok()) << sql;
    EXPECT_EQ(rows.error().message().find('\n'), std::string::npos) << sql;
    EXPECT_THAT(rows.error().message(), HasSubstr(part)) << sql;
  }
  const Status cast = database.Execute("SELECT CAST(x AS DOUBLE) FROM (VALUES ('Maria da Silva')) t(x)");
  ASSERT_FALSE(cast.ok());
  EXPECT_THAT(cast.error().message(), testing::Not(HasSubstr("Maria")));
}

TEST(Database, NothingIsInstalledFetchedOrReconfigured) {
  const Database database = Database::Open({}).value();
  for (const std::string sql :
       {"SELECT * FROM read_parquet('https://localhost:1/x.parquet')", "SET threads = 64", "SET temp_directory = '/'",
        "SET autoinstall_known_extensions = true", "SET autoload_known_extensions = true"}) {
    EXPECT_FALSE(database.Execute(sql).ok()) << sql;
  }
}

TEST(Database, TheMemoryLimitIsAnErrorNotACrash) {
  const Database database = Database::Open({.threads = 1, .memory_limit_bytes = 32U << 20, .temp_folder = ""}).value();
  const Status done =
      database.Execute("SELECT max(s) FROM (SELECT list(i ORDER BY random()) s FROM range(20000000) t(i))");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kResourceExhausted);
}

TEST(Database, TablesFromFramesJoin) {
  const Database database = Database::Open({}).value();
  Frame people;
  Column& id = people.Add("id", Type::kInt64);
  for (int64_t i = 0; i < 5000; ++i) id.AppendInteger(i);
  ASSERT_TRUE(database.AddTable("people", people).ok());
  EXPECT_FALSE(database.AddTable("people", people).ok());
  const Frame frame =
      database.Query("SELECT count(*) n FROM people a JOIN people b USING (id)").value().ReadAll().value();
  EXPECT_EQ(frame.Find("n")->integers.at(0), 5000);
}

TEST(Database, BatchesBecomeOneFileWithoutBeingHeld) {
  const TempFolder folder;
  const std::string path = folder.path() + "/it's [a] file.parquet";
  const Database database = Database::Open({.threads = 2, .memory_limit_bytes = 64U << 20, .temp_folder = ""}).value();
  int64_t next = 0;
  const FrameSource source = [&]() -> Result<std::optional<Frame>> {
    if (next >= 300000) return std::optional<Frame>();
    Frame batch;
    Column& number = batch.Add("i", Type::kInt64);
    for (int k = 0; k < 3000; ++k) number.AppendInteger(next++);
    return std::optional<Frame>(std::move(batch));
  };
  const Status written = database.WriteBatches({{"i", Type::kInt64}}, source, path, FileFormat::kParquet);
  ASSERT_TRUE(written.ok()) << written.error().message();
  const Frame frame = database.Query("SELECT count(*) n, max(i) m FROM read_parquet($1)", {LiteralPath(path)})
                          .value()
                          .ReadAll()
                          .value();
  EXPECT_EQ(frame.Find("n")->integers.at(0), 300000);
  EXPECT_EQ(frame.Find("m")->integers.at(0), 299999);
  // In the order given.
  const Frame all = ReadParquet(path).value();
  EXPECT_EQ(all.columns[0].integers[150000], 150000);
}

TEST(Database, ASourceThatFailsLeavesTheOldFile) {
  const TempFolder folder;
  SystemFiles files;
  const std::string path = folder.path() + "/x.parquet";
  ASSERT_TRUE(files.Write(path, "old").ok());
  const Database database = Database::Open({}).value();
  const FrameSource source = []() -> Result<std::optional<Frame>> { return Error(Code::kDataLoss, "row 7 is broken"); };
  const Status written = database.WriteBatches({{"i", Type::kInt64}}, source, path, FileFormat::kParquet);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code(), Code::kDataLoss);
  EXPECT_EQ(files.Read(path).value(), "old");
  EXPECT_EQ(files.List(folder.path()).value().size(), 1U);
}

TEST(Database, QueriesAreWrittenWithTheirParameters) {
  const TempFolder folder;
  const Database database = Database::Open({}).value();
  const std::string path = folder.path() + "/q.csv";
  const Status written =
      database.WriteQuery("SELECT i FROM range(10) t(i) WHERE i > $1", {int64_t{6}}, path, FileFormat::kCsv);
  ASSERT_TRUE(written.ok()) << written.error().message();
  EXPECT_EQ(SystemFiles().Read(path).value(), "i\n7\n8\n9\n");
}

TEST(Database, FilesCarryMetadata) {
  const TempFolder folder;
  const Database database = Database::Open({}).value();
  const std::string path = folder.path() + "/m.parquet";
  const Status written = database.WriteQuery("SELECT 1 AS i", {}, path, FileFormat::kParquet,
                                             {{"vigia.segments", "a,b"}, {"it's", "quoted ' too"}});
  ASSERT_TRUE(written.ok()) << written.error().message();
  auto rows =
      database.Query("SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata($1) ORDER BY key",
                     {std::vector<std::string>{path}});
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  const Frame frame = rows->ReadAll().value();
  EXPECT_EQ(frame.columns[0].texts, (std::vector<std::string>{"it's", "vigia.segments"}));
  EXPECT_EQ(frame.columns[1].texts, (std::vector<std::string>{"quoted ' too", "a,b"}));
}

TEST(Database, FunctionsOfNumbersRunInQueries) {
  const Database database = Database::Open({}).value();
  const Status added =
      database.AddFunction("total", 2, [](std::span<const std::span<const double>> in, std::span<double> out) {
        for (size_t i = 0; i < out.size(); ++i) out[i] = in[0][i] + (std::isnan(in[1][i]) ? 100 : in[1][i]);
      });
  ASSERT_TRUE(added.ok()) << added.error().message();
  auto rows = database.Query(
      "SELECT total(i, CASE WHEN i % 2 = 0 THEN i END) AS n, total(CASE WHEN i % 3 = 0 THEN i END, 0) AS m "
      "FROM range(10000) t(i) ORDER BY i");
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  const Frame frame = rows->ReadAll().value();
  ASSERT_EQ(frame.rows(), 10'000U);
  for (size_t i = 0; i < frame.rows(); ++i) {
    const auto number = static_cast<double>(i);
    ASSERT_EQ(frame.columns[0].numbers[i], i % 2 == 0 ? 2 * number : number + 100) << i;
    ASSERT_EQ(frame.columns[1].IsNull(i), i % 3 != 0) << i;  // NaN is null
  }
  EXPECT_FALSE(database.Query("SELECT total(1)").ok());
}

TEST(Database, FunctionsOfColumnsSeeEachValueAndNull) {
  const Database database = Database::Open({}).value();
  ASSERT_TRUE(database
                  .AddFunction("size_of", TextCoder([](auto texts, auto codes) {
                                 for (size_t i = 0; i < texts.size(); ++i) {
                                   codes[i] = static_cast<uint16_t>(texts[i].data() == nullptr ? 999 : texts[i].size());
                                 }
                               }))
                  .ok());
  ASSERT_TRUE(database
                  .AddFunction("half_of", NumberCoder([](auto values, auto codes) {
                                 for (size_t i = 0; i < values.size(); ++i) {
                                   codes[i] = static_cast<uint16_t>(std::isnan(values[i]) ? 999 : values[i] / 2);
                                 }
                               }))
                  .ok());
  ASSERT_TRUE(database
                  .AddFunction("twice", NumberMap([](auto values, auto result) {
                                 for (size_t i = 0; i < values.size(); ++i) result[i] = 2 * values[i];
                               }))
                  .ok());
  // Short and long texts are held differently; an empty one is no null.
  auto rows = database.Query(
      "SELECT size_of(CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('x', i - 1) END) AS n, half_of(nullif(i, 7)) AS m, "
      "twice(nullif(i, 7)) AS t FROM range(100) t(i) ORDER BY i");
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  const Frame frame = rows->ReadAll().value();
  ASSERT_EQ(frame.rows(), 100U);
  for (size_t i = 0; i < frame.rows(); ++i) {
    const auto number = static_cast<int64_t>(i);
    ASSERT_EQ(frame.columns[0].integers[i], i % 3 == 0 ? 999 : number - 1) << i;
    ASSERT_EQ(frame.columns[1].integers[i], i == 7 ? 999 : number / 2) << i;
    ASSERT_EQ(frame.columns[2].IsNull(i), i == 7) << i;
    ASSERT_TRUE(i == 7 || frame.columns[2].numbers[i] == 2.0 * static_cast<double>(i)) << i;
  }
}

// What a column with a dictionary gives must be what its rows say, and a function of rows must see each of them.
TEST(Database, FunctionsAgreeWhateverTheColumnsStorage) {
  const TempFolder folder;
  const std::string path = folder.path() + "/few.parquet";
  const Database database = Database::Open({}).value();
  ASSERT_TRUE(database
                  .WriteQuery("SELECT CASE WHEN i % 5 > 0 THEN (i % 7) / 2.0 END AS x, i AS n FROM range(300000) t(i)",
                              {}, path, FileFormat::kParquet)
                  .ok());
  std::atomic<uint64_t> values{0}, seen{0};
  ASSERT_TRUE(database
                  .AddFunction("code_of", NumberCoder([&values](auto numbers, auto codes) {
                                 values += numbers.size();
                                 for (size_t i = 0; i < numbers.size(); ++i) {
                                   codes[i] = static_cast<uint16_t>(std::isnan(numbers[i]) ? 9 : 2 * numbers[i]);
                                 }
                               }))
                  .ok());
  std::array<std::atomic<uint64_t>, 10> counts{};
  ASSERT_TRUE(database
                  .AddFunction("count_codes", 1, CodeFunction([&](auto columns, auto result) {
                                 seen += result.size();
                                 for (const uint16_t code : columns[0]) ++counts.at(code);
                                 std::fill(result.begin(), result.end(), 0.0);
                               }))
                  .ok());
  auto rows = database.Query("SELECT sum(count_codes(code_of(x))) FROM read_parquet($1) WHERE n >= 1000", {path});
  ASSERT_TRUE(rows.ok() && rows->ReadAll().ok());
  EXPECT_EQ(seen, 299'000U);
  EXPECT_LT(values, seen / 10);  // it has a dictionary
  std::array<uint64_t, 10> expected{};
  for (size_t i = 1000; i < 300'000; ++i) ++expected.at(i % 5 > 0 ? i % 7 : 9);
  for (size_t code = 0; code < expected.size(); ++code) EXPECT_EQ(counts.at(code), expected.at(code)) << code;
}

}  // namespace
}  // namespace vigia::columnar
