#include "storage/sqlite_query.h"

#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "storage/sqlite.h"

namespace vigia::storage {
namespace {

class SqliteQueryTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = Connection::Open(path_);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database
                    ->Execute("CREATE TABLE jobs(queue TEXT, waiting INTEGER);"
                              "INSERT INTO jobs VALUES('train', 3), ('mail', 40), ('odd', NULL)")
                    .ok());
  }
  Result<QueryRows> Query(const std::string& sql, size_t most = 100, Duration timeout = std::chrono::seconds(5)) {
    return QuerySqliteFile(path_, sql, timeout, most);
  }
  TempFolder folder_;
  std::string path_ = folder_.path() + "/jobs.db";
};

TEST_F(SqliteQueryTest, ReadsRows) {
  const auto rows = Query("SELECT queue, waiting FROM jobs ORDER BY waiting DESC;  ");
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(rows->columns, (std::vector<std::string>{"queue", "waiting"}));
  EXPECT_EQ(rows->rows, (std::vector<std::vector<std::string>>{{"mail", "40"}, {"train", "3"}, {"odd", ""}}));
  EXPECT_EQ(Query("SELECT queue FROM jobs", 2)->rows.size(), 2u);
}

TEST_F(SqliteQueryTest, RefusesWhatWritesOrIsNotOneQuery) {
  for (const char* sql : {"DELETE FROM jobs", "SELECT 1; SELECT 2", "", "SELEC", "SELECT * FROM nothing"}) {
    const auto rows = Query(sql);
    ASSERT_FALSE(rows.ok()) << sql;
    EXPECT_EQ(rows.error().code(), Code::kInvalidArgument) << sql;
  }
  EXPECT_EQ(Query("SELECT count(*) FROM jobs")->rows[0][0], "3");
}

TEST_F(SqliteQueryTest, EndsAtItsDeadline) {
  const auto rows = Query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", 1,
                          std::chrono::milliseconds(20));
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code(), Code::kDeadlineExceeded);
}

TEST_F(SqliteQueryTest, TellsAMissingFile) {
  const auto rows = QuerySqliteFile(folder_.path() + "/none.db", "SELECT 1", std::chrono::seconds(1), 1);
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace vigia::storage
