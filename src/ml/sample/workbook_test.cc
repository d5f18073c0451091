#include "sample/workbook.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <algorithm>
#include <map>
#include <memory>
#include <pugixml.hpp>

#include "base/mem_files.h"
#include "base/temp_folder.h"
#include "sample/testing/draw.h"

namespace vigia::sample {
namespace {

using Kind = Cell::Kind;

struct Counts {
  std::map<Kind, int> kinds;
  std::map<std::string, int> texts;
  double max_number = -1e9;
};

// REQUIRES: the header. `nth` picks among equal headers.
Counts CountColumn(const Sheet& sheet, const std::string& header) {
  const auto found = std::find(sheet.headers.begin(), sheet.headers.end(), header);
  EXPECT_NE(found, sheet.headers.end()) << header;
  const auto column = static_cast<size_t>(found - sheet.headers.begin());
  Counts counts;
  for (const auto& row : sheet.rows) {
    const Cell& cell = row[column];
    ++counts.kinds[cell.kind];
    if (cell.kind == Kind::kText || cell.kind == Kind::kError) ++counts.texts[cell.text];
    if (cell.kind == Kind::kNumber || cell.kind == Kind::kDate)
      counts.max_number = std::max(counts.max_number, cell.number);
  }
  return counts;
}

bool Only(const Counts& counts, const std::vector<std::string>& texts) {
  return std::all_of(counts.texts.begin(), counts.texts.end(), [&](const auto& item) {
    return std::find(texts.begin(), texts.end(), item.first) != texts.end();
  });
}

class SheetsTest : public testing::Test {
 protected:
  const std::vector<Sheet> sheets_ = BuildSheets(Draw(860, 42));
  const Sheet& s22_ = sheets_[0];
  const Sheet& s23_ = sheets_[1];
  const Sheet& s24_ = sheets_[2];
};

TEST_F(SheetsTest, SheetsHeadersAndRowCounts) {
  ASSERT_EQ(sheets_.size(), 4U);
  EXPECT_EQ(s22_.name, "PEDE2022");
  EXPECT_EQ(s23_.name, "PEDE2023");
  EXPECT_EQ(s24_.name, "PEDE2024");
  EXPECT_EQ(sheets_[3].name, "dicionario");
  EXPECT_EQ(s22_.headers.size(), 42U);
  EXPECT_EQ(s23_.headers.size(), 48U);
  EXPECT_EQ(s24_.headers.size(), 50U);
  EXPECT_EQ(std::count(s23_.headers.begin(), s23_.headers.end(), "Destaque IPV"), 2);
  EXPECT_EQ(std::count(s24_.headers.begin(), s24_.headers.end(), "Ativo/ Inativo"), 2);
  EXPECT_EQ(std::count(s22_.headers.begin(), s22_.headers.end(), "IPP"), 0);
  for (const Sheet& sheet : sheets_) {
    for (const auto& row : sheet.rows) ASSERT_EQ(row.size(), sheet.headers.size());
  }
}

TEST_F(SheetsTest, ThreeSpellingsOfPhase) {
  EXPECT_TRUE(Only(CountColumn(s22_, "Fase"), {"0", "1", "2", "3", "4", "5", "6", "7"}));
  EXPECT_TRUE(Only(CountColumn(s23_, "Fase"),
                   {"ALFA", "FASE 1", "FASE 2", "FASE 3", "FASE 4", "FASE 5", "FASE 6", "FASE 7", "FASE 8"}));
  const Counts c24 = CountColumn(s24_, "Fase");
  EXPECT_GT(c24.texts.at("ALFA"), 100);
  EXPECT_GT(c24.texts.size(), 50U);  // class codes
  EXPECT_NEAR(c24.kinds.at(Kind::kNumber), 38, 20);
  EXPECT_EQ(c24.max_number, 9);
  EXPECT_EQ(CountColumn(s24_, "INDE 2024").texts.at("INCLUIR"), c24.kinds.at(Kind::kNumber));
  EXPECT_EQ(CountColumn(s24_, "Pedra 2024").texts.at("INCLUIR"), c24.kinds.at(Kind::kNumber));
}

TEST_F(SheetsTest, AgesAsDatesOfJanuary1900BesideSwappedBirthDates) {
  const Counts age = CountColumn(s23_, "Idade");
  const Counts birth = CountColumn(s23_, "Data de Nasc");
  EXPECT_NEAR(age.kinds.at(Kind::kDate), 399, 60);
  EXPECT_EQ(age.kinds.at(Kind::kDate), birth.kinds.at(Kind::kDate));
  EXPECT_EQ(age.kinds.at(Kind::kNumber), birth.kinds.at(Kind::kText));
  EXPECT_LT(age.max_number, 32);
  EXPECT_EQ(CountColumn(s22_, "Idade 22").kinds.count(Kind::kDate), 0U);
}

TEST_F(SheetsTest, WordsChangeOverTheYears) {
  EXPECT_TRUE(Only(CountColumn(s22_, "Gênero"), {"Menina", "Menino"}));
  EXPECT_TRUE(Only(CountColumn(s23_, "Gênero"), {"Feminino", "Masculino"}));
  EXPECT_LE(CountColumn(s22_, "Instituição de ensino").texts.size(), 3U);
  EXPECT_GT(CountColumn(s23_, "Instituição de ensino").texts.size(), 5U);
  EXPECT_GT(CountColumn(s22_, "Pedra 22").texts.at("Ágata"), 0);
  EXPECT_GT(CountColumn(s23_, "Pedra 2023").texts.at("Agata"), 0);
  EXPECT_GT(CountColumn(s24_, "Pedra 2024").texts.at("Agata"), 0);
  EXPECT_GT(CountColumn(s24_, "Pedra 2024").texts.at("Ágata"), 0);
}

TEST_F(SheetsTest, ErrorsEmptyColumnsAndOverflow) {
  for (const char* header : {"INDE 2023", "Pedra 2023", "IPS", "IPP", "IDA", "IPV"}) {
    EXPECT_GT(CountColumn(s23_, header).texts["#N/A"], 40) << header;
  }
  EXPECT_GT(CountColumn(s24_, "Mat").texts["#N/A"], 20);
  EXPECT_GT(CountColumn(s24_, "IDA").texts["INCLUIR"], 5);
  for (const char* header : {"Pedra 23", "INDE 23", "Cg", "Cf", "Ct", "Rec Av1", "Rec Psicologia", "Indicado"}) {
    EXPECT_EQ(CountColumn(s23_, header).kinds.size(), 1U) << header;
    EXPECT_EQ(CountColumn(s23_, header).kinds.begin()->first, Kind::kEmpty) << header;
  }
  EXPECT_NEAR(CountColumn(s23_, "IPV").max_number, 10.01, 1e-9);
  EXPECT_NEAR(CountColumn(s24_, "IAA").max_number, 10.002, 1e-9);
  EXPECT_NEAR(CountColumn(s23_, "Ing").kinds.at(Kind::kEmpty), 680, 60);
  EXPECT_EQ(CountColumn(s24_, "Ano ingresso").kinds.count(Kind::kEmpty), 0U);
}

TEST_F(SheetsTest, NamesAreArtificialAndIdsUnique) {
  for (const Sheet* sheet : {&s22_, &s23_, &s24_}) {
    const Counts names = CountColumn(*sheet, sheet->name == "PEDE2022" ? "Nome" : "Nome Anonimizado");
    EXPECT_EQ(names.texts.size(), sheet->rows.size());
    for (const auto& [name, count] : names.texts) EXPECT_EQ(name.rfind("Aluno-", 0), 0U);
    EXPECT_EQ(CountColumn(*sheet, "RA").texts.size(), sheet->rows.size());
  }
}

TEST_F(SheetsTest, LaterSheetsRepeatTheIndeOfEarlierOnes) {
  std::map<std::string, double> first;
  for (const auto& row : s22_.rows) first[row[0].text] = row[12].number;
  int repeated = 0;
  for (const auto& row : s23_.rows) {
    if (row[15].kind != Kind::kNumber) continue;
    EXPECT_EQ(row[15].number, first.at(row[0].text));
    ++repeated;
  }
  EXPECT_NEAR(repeated, 600, 60);
}

TEST(SexTest, AboutTwoPercentAreRecordedOtherwiseTheNextYear) {
  const auto sheets = BuildSheets(Draw(20'000, 9, {2022, 2023}));
  std::map<std::string, bool> girls;
  for (const auto& row : sheets[0].rows) girls[row[0].text] = row[6].text == "Menina";
  double both = 0, flipped = 0;
  for (const auto& row : sheets[1].rows) {
    const auto found = girls.find(row[0].text);
    if (found == girls.end()) continue;
    both += 1;
    flipped += found->second != (row[8].text == "Feminino") ? 1 : 0;
  }
  EXPECT_NEAR(flipped / both, 0.02, 0.005);
}

TEST(DateSerialTest, CountsAsSpreadsheetsDo) {
  EXPECT_EQ(DateSerial({1900, 3, 1}), 61);
  EXPECT_EQ(DateSerial({2013, 12, 31}), 41639);
}

std::string ZipEntry(const std::string& path, const std::string& name) {
  const std::unique_ptr<zip_t, decltype(&zip_discard)> archive(zip_open(path.c_str(), ZIP_RDONLY, nullptr),
                                                               zip_discard);
  zip_stat_t info{};
  CHECK(archive != nullptr && zip_stat(archive.get(), name.c_str(), 0, &info) == 0, "no such entry");
  std::string bytes(info.size, '\0');
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(zip_fopen(archive.get(), name.c_str(), 0), zip_fclose);
  CHECK(zip_fread(file.get(), bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()), "short entry");
  return bytes;
}

TEST(WorkbookTest, WritesWhatTheSheetsHoldAndTheSameBytesAgain) {
  const TempFolder folder;
  SystemFiles files;
  const auto sheets = BuildSheets(Draw(50, 4));
  const std::string a = JoinPath(folder.path(), "new/a.xlsx"), b = JoinPath(folder.path(), "b.xlsx");
  ASSERT_TRUE(WriteWorkbook(sheets, a, files).ok());
  ASSERT_TRUE(WriteWorkbook(BuildSheets(Draw(50, 4)), b, files).ok());
  EXPECT_EQ(files.Read(a).value(), files.Read(b).value());
  EXPECT_EQ(files.List(JoinPath(folder.path(), "new")).value().size(), 1U);  // nothing left aside

  pugi::xml_document book, sheet;
  ASSERT_TRUE(book.load_string(ZipEntry(a, "xl/workbook.xml").c_str()));
  std::vector<std::string> names;
  for (const auto& node : book.child("workbook").child("sheets")) names.emplace_back(node.attribute("name").value());
  EXPECT_EQ(names, (std::vector<std::string>{"PEDE2022", "PEDE2023", "PEDE2024", "dicionario"}));
  ASSERT_TRUE(sheet.load_string(ZipEntry(a, "xl/worksheets/sheet2.xml").c_str()));
  int dates = 0, errors = 0;
  for (const auto& row : sheet.child("worksheet").child("sheetData")) {
    for (const auto& cell : row) {
      dates += cell.attribute("s") ? 1 : 0;
      errors += std::string_view(cell.child("v").text().get()) == "#N/A" ? 1 : 0;
    }
  }
  int want_dates = 0, want_errors = 0;
  for (const auto& row : sheets[1].rows) {
    for (const Cell& cell : row) {
      want_dates += cell.kind == Kind::kDate ? 1 : 0;
      want_errors += cell.text == "#N/A" ? 1 : 0;
    }
  }
  EXPECT_GT(want_dates, 10);
  EXPECT_EQ(dates, want_dates);
  EXPECT_EQ(errors, want_errors);
}

TEST(WorkbookTest, AFolderThatCannotBeMadeIsAnErrorThatNamesThePath) {
  const TempFolder folder;
  SystemFiles files;
  const std::string file = JoinPath(folder.path(), "file");
  ASSERT_TRUE(files.Write(file, "x").ok());
  const Status status = WriteWorkbook(BuildSheets(Draw(5, 1)), JoinPath(file, "a.xlsx"), files);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message().find(file), std::string::npos);
}

}  // namespace
}  // namespace vigia::sample
