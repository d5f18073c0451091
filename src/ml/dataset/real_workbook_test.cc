// The published counts of the real PEDE workbook of 2022 and 2023, where a machine has it: named by
// VIGIA_TEST_WORKBOOK, or at ../shared/data beside the source tree.
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "dataset/build.h"
#include "dataset/leakage.h"

namespace vigia::dataset {
namespace {

std::string FindWorkbook() {
  if (const char* named = std::getenv("VIGIA_TEST_WORKBOOK")) return named;
  const std::filesystem::path root = VIGIA_SOURCE_ROOT;
  const std::filesystem::path beside = root.parent_path() / "shared/data/pede_2022_2023.xlsx";
  return std::filesystem::exists(beside) ? beside.string() : "";
}

TEST(RealWorkbook, TheCountsOfTheSpecification) {
  const std::string path = FindWorkbook();
  if (path.empty()) GTEST_SKIP() << "no real workbook here: set VIGIA_TEST_WORKBOOK to run this test";
  const SystemFiles files;
  const Sources sources = LoadSources(files, {path}).value();
  BuildSettings settings;
  settings.feature_year = 2022;
  settings.label_year = 2023;
  const auto dataset = Assemble(sources, settings);
  ASSERT_TRUE(dataset.ok()) << dataset.error().message();
  EXPECT_EQ(dataset->table.rows(), 600U);
  EXPECT_EQ(dataset->pairs.at(0).positives, 366U);
  const std::map<std::pair<std::string, int>, size_t> expected = {
      {{"rows", 2022}, 860},          {{"rows", 2023}, 1014},          {{"age_stored_as_date", 2023}, 399},
      {{"score_clipped", 2023}, 26},  {{"error_cells", 2023}, 388},    {{"sex_changed", 2022}, 12},
      {{"duplicate_ra", 2022}, 0},    {{"duplicate_ra", 2023}, 0},     {{"unknown_columns", 2022}, 0},
      {{"unknown_columns", 2023}, 0}, {{"unknown_category", 2022}, 0}, {{"unknown_category", 2023}, 0},
      {{"out_of_range", 2022}, 0},    {{"out_of_range", 2023}, 0},     {{"lag_definition", 2022}, 0},
      {{"lag_definition", 2023}, 0},  {{"join_matched", 2022}, 600},   {{"label_missing", 2022}, 0}};
  size_t seen = 0;
  for (const Finding& finding : dataset->findings) {
    const auto found = expected.find({finding.check, finding.year});
    if (found == expected.end()) continue;
    ++seen;
    EXPECT_EQ(finding.count, found->second) << finding.message;
  }
  EXPECT_EQ(seen, expected.size());
  const std::map<std::string, size_t> missing_2023 = {{"iaa", 63},  {"ieg", 76}, {"ips", 69},      {"ipp", 76},
                                                      {"ida", 77},  {"ipv", 76}, {"inde", 83},     {"ingles", 680},
                                                      {"idade", 0}, {"fase", 0}, {"defasagem", 0}, {"genero", 0}};
  for (const auto& [name, count] : missing_2023) {
    EXPECT_EQ(dataset->years.at(1).features.Find(name)->MissingCount(), count) << name;
  }
}

}  // namespace
}  // namespace vigia::dataset
