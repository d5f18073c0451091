#include "columnar/chunk.h"

#include "columnar/database.h"

namespace vigia::columnar {
namespace {

Frame Read(const std::string& sql, const std::vector<Value>& parameters = {}) {
  const Database database = Database::Open({}).value();
  return database.Query(sql, parameters).value().ReadAll().value();
}

TEST(Chunk, EveryNumberTypeBecomesOneOfOurs) {
  const Frame frame = Read(
      "SELECT -3::TINYINT a, 300::SMALLINT b, 70000::INTEGER c, 5000000000::BIGINT d, 250::UTINYINT e,"
      " 1.5::FLOAT f, 2.25::DOUBLE g, 12.34::DECIMAL(9,2) h, 1.234567::DECIMAL(30,6) i, sum(7::BIGINT) j, 9::UBIGINT k,"
      " true l");
  const std::map<std::string, int64_t> integers{{"a", -3}, {"b", 300}, {"c", 70000}, {"d", 5000000000}, {"e", 250}};
  for (const auto& [name, value] : integers) {
    EXPECT_EQ(frame.Find(name)->type, Type::kInt64) << name;
    EXPECT_EQ(frame.Find(name)->integers.at(0), value) << name;
  }
  const std::map<std::string, double> numbers{{"f", 1.5},      {"g", 2.25}, {"h", 12.34},
                                              {"i", 1.234567}, {"j", 7},    {"k", 9}};
  for (const auto& [name, value] : numbers) {
    EXPECT_EQ(frame.Find(name)->type, Type::kNumber) << name;
    EXPECT_NEAR(frame.Find(name)->numbers.at(0), value, 1e-12) << name;
  }
  EXPECT_EQ(frame.Find("l")->type, Type::kBool);
  EXPECT_EQ(frame.Find("l")->integers.at(0), 1);
}

TEST(Chunk, TimesOfEveryResolutionAreMicroseconds) {
  const Frame frame = Read(
      "SELECT DATE '1970-01-02' a, TIMESTAMP '1970-01-02' b, TIMESTAMP_S '1970-01-02' c, TIMESTAMP_MS '1970-01-02' d,"
      " TIMESTAMP_NS '1970-01-02' e");
  for (const Column& column : frame.columns) {
    EXPECT_EQ(column.type, Type::kTimestamp) << column.name;
    EXPECT_EQ(column.integers.at(0), 86'400'000'000) << column.name;
  }
}

TEST(Chunk, TextsShortAndLongNullAndEnumerated) {
  const Frame frame =
      Read("SELECT * FROM (VALUES ('a', 'x'::ENUM('x','y')), (repeat('long ', 10), 'y'), (NULL, NULL)) t(s, e)");
  ASSERT_EQ(frame.rows(), 3U);
  EXPECT_EQ(frame.Find("s")->texts[0], "a");
  EXPECT_EQ(frame.Find("s")->texts[1].size(), 50U);
  EXPECT_TRUE(frame.Find("s")->IsNull(2));
  EXPECT_EQ(frame.Find("e")->texts[1], "y");
  EXPECT_TRUE(frame.Find("e")->IsNull(2));
}

TEST(Chunk, NestedTypesAreRefusedByName) {
  const Database database = Database::Open({}).value();
  const auto rows = database.Query("SELECT [1, 2] AS nested");
  ASSERT_FALSE(rows.ok());
  EXPECT_THAT(rows.error().message(), testing::HasSubstr("'nested'"));
}

}  // namespace
}  // namespace vigia::columnar
