#include "dataset/load.h"

#include <cmath>

#include "base/mem_files.h"
#include "columnar/frame_io.h"

namespace vigia::dataset {
namespace {

using testing::HasSubstr;

class LoadTest : public testing::Test {
 protected:
  FakeClock clock{WallTime{}};
  MemFiles files{clock};
};

TEST_F(LoadTest, ATableSurvivesBothFormats) {
  tabular::Table table;
  table.AddNumbers("ano", {2022, 2022, 2023});
  table.AddNumbers("fase", {0, 3, std::nan("")});
  table.AddNumbers("iaa", {6.5, std::nan(""), 10});
  table.AddCategories("genero", {"Feminino", std::nullopt, "Masculino"});
  table.AddNumbers("em_risco", {1, 0, 1});
  ASSERT_TRUE(files.Write("a.parquet", columnar::EncodeParquet(ToFrame(table)).value()).ok());
  ASSERT_TRUE(files.Write("a.csv", columnar::EncodeCsv(ToFrame(table)).value()).ok());
  for (const std::string path : {"a.parquet", "a.csv"}) {
    const auto loaded = LoadDataset(files, path);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message();
    ASSERT_EQ(loaded->columns().size(), table.columns().size()) << path;
    for (const tabular::Column& column : table.columns()) {
      const tabular::Column& read = *loaded->Find(column.name);
      EXPECT_EQ(read.type, column.type) << path << column.name;
      EXPECT_EQ(read.levels, column.levels) << path;
      EXPECT_EQ(read.codes, column.codes) << path;
      for (size_t row = 0; row < column.numbers.size(); ++row) {
        EXPECT_TRUE(read.numbers[row] == column.numbers[row] ||
                    (std::isnan(read.numbers[row]) && std::isnan(column.numbers[row])))
            << path << column.name << row;
      }
    }
  }
}

TEST_F(LoadTest, ColumnsOfCsvAreTypedByTheCatalogueThenByValue) {
  ASSERT_TRUE(files.Write("a.csv", "fase,genero,ipp,extra,word\n1,Feminino,,2.5,x\n2,,,3,y\n").ok());
  const tabular::Table table = LoadDataset(files, "a.csv").value();
  EXPECT_EQ(table.Find("fase")->numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(table.Find("ipp")->type, tabular::ColumnType::kNumber);
  EXPECT_EQ(table.Find("ipp")->MissingCount(), 2U);
  EXPECT_EQ(table.Find("extra")->numbers, (std::vector<double>{2.5, 3}));
  EXPECT_EQ(table.Find("word")->type, tabular::ColumnType::kCategory);
  EXPECT_TRUE(table.Find("genero")->IsMissing(1));
}

TEST_F(LoadTest, BrokenFilesNameThePlace) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"a.csv", "fase,iaa\n1,2\n2,seis\n", "a.csv: line 3: column 'iaa'"},
      {"b.csv", "", "b.csv: the file is empty"},
      {"c.csv", "fase,iaa\n", "c.csv: the file holds no rows"},
      {"d.parquet", "PAR1", "d.parquet: not a parquet file"},
      {"e.txt", "x", "e.txt: not a .parquet or .csv file"},
  };
  for (const auto& [path, bytes, part] : cases) {
    ASSERT_TRUE(files.Write(path, bytes).ok());
    const auto loaded = LoadDataset(files, path);
    ASSERT_FALSE(loaded.ok()) << path;
    EXPECT_THAT(loaded.error().message(), HasSubstr(part));
    EXPECT_THAT(loaded.error().message(), testing::Not(HasSubstr("seis")));
  }
}

}  // namespace
}  // namespace vigia::dataset
