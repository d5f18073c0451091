#include "workbook/test_zip.h"
#include "workbook/workbook.h"

namespace vigia::workbook {
namespace {

using testing::HasSubstr;

struct BrokenBook {
  std::string what, bytes, part_of_message;
};

TestBook OneSheet(std::string rows) { return {{{"PEDE2022", std::move(rows)}}, "<si><t>a</t></si>", "", ""}; }

std::string With(const TestBook& book, const std::string& part, const std::string& bytes) {
  ZipParts parts = PartsOf(book);
  for (auto& [name, content] : parts) {
    if (name == part) content = bytes;
  }
  return MakeZip(parts);
}

std::string Without(const TestBook& book, const std::string& part) {
  ZipParts parts = PartsOf(book);
  std::erase_if(parts, [&](const auto& item) { return item.first == part; });
  return MakeZip(parts);
}

void ExpectRefused(const std::vector<BrokenBook>& cases, const Limits& limits = {}) {
  for (const BrokenBook& c : cases) {
    const auto book = ReadWorkbook(c.bytes, limits);
    ASSERT_FALSE(book.ok()) << c.what;
    EXPECT_THAT(book.error().message(), HasSubstr(c.part_of_message)) << c.what;
    EXPECT_EQ(book.error().message().find('\n'), std::string::npos) << c.what;
  }
}

TEST(WorkbookLimits, BrokenFilesEndInOneLine) {
  const TestBook good = OneSheet("<row><c><v>1</v></c></row>");
  const std::string whole = MakeBook(good);
  ASSERT_TRUE(ReadWorkbook(whole).ok());
  std::string damaged = whole;
  for (size_t i = 60; i < 100; ++i) damaged[i] = static_cast<char>(damaged[i] ^ 0x2a);
  const std::string sheet = "book/odd/placer0.xml";
  ExpectRefused({
      {"empty", "", "empty"},
      {"text", "RA;Fase\n", "not a zip"},
      {"truncated", whole.substr(0, whole.size() / 2), "truncated"},
      {"cut by one byte", whole.substr(0, whole.size() - 1), "truncated"},
      {"damaged", damaged, "sheet 'PEDE2022'"},
      {"some other zip", MakeZip({{"a.txt", "x"}}), "'_rels/.rels' is missing"},
      {"no sheet part", Without(good, sheet), "'" + sheet + "' is missing"},
      {"sheet is no XML", With(good, sheet, "hello"), "not well-formed"},
      {"sheet is cut", With(good, sheet, "<worksheet><sheetData><row>"), "not well-formed"},
      {"wrong address", MakeBook(OneSheet("<row r=\"1\"><c r=\"A2\"/></row>")), "wrong address"},
      {"cells out of order", MakeBook(OneSheet("<row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row>")), "not in order"},
      {"rows out of order", MakeBook(OneSheet("<row r=\"2\"/><row r=\"1\"/>")), "not in order"},
      {"cell outside of a row", MakeBook(OneSheet("<c r=\"A1\"><v>1</v></c>")), "outside of a row"},
      {"text in a number", MakeBook(OneSheet("<row><c><v>abc</v></c></row>")), "cell A1"},
      {"no such string", MakeBook(OneSheet("<row><c t=\"s\"><v>1</v></c></row>")), "cell A1"},
      {"negative string", MakeBook(OneSheet("<row><c t=\"s\"><v>-1</v></c></row>")), "cell A1"},
      {"no such date", MakeBook(OneSheet("<row><c t=\"d\"><v>2023-13-40</v></c></row>")), "cell A1"},
  });
}

TEST(WorkbookLimits, EntitiesAndDepth) {
  const TestBook good = OneSheet("");
  const std::string sheet = "book/odd/placer0.xml";
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "<a>";
  ExpectRefused({
      {"a billion laughs", With(good, sheet, "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>"),
       "DOCTYPE"},
      {"a file as an entity",
       With(good, "book/main.xml", "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><x>&f;</x>"), "DOCTYPE"},
      {"deep", MakeBook(OneSheet(deep)), "nested too deeply"},
      {"an endless tag", MakeBook(OneSheet("<row " + std::string(8 << 20, 'a'))), "endless XML tag"},
  });
}

TEST(WorkbookLimits, TooMuchOfAnything) {
  Limits small;
  small.cells = 3;
  small.sheets = 2;
  small.columns = 4;
  small.rows = 5;
  small.text_bytes = 64;
  ExpectRefused(
      {
          {"cells",
           MakeBook(OneSheet("<row><c><v>1</v></c><c><v>1</v></c></row><row><c><v>1</v></c><c><v>1</v></c></row>")),
           "filled cells"},
          {"sheets", MakeBook({{{"a", ""}, {"b", ""}, {"c", ""}}, "", "", ""}), "more than 2 sheets"},
          {"columns", MakeBook(OneSheet("<row r=\"1\"><c r=\"E1\"><v>1</v></c></row>")), "more than 4 columns"},
          {"rows", MakeBook(OneSheet("<row r=\"6\"/>")), "more than 5 rows"},
          {"texts",
           MakeBook(OneSheet("<row><c t=\"inlineStr\"><is><t>" + std::string(80, 'x') + "</t></is></c></row>")),
           "of text"},
      },
      small);
}

// A cell far over the limit, small on disk. 96 MiB: making a whole gigabyte takes a test too long, and
// the reader stops after 256 KiB of either.
std::string HugeCellBook() {
  TestBook book = OneSheet("");
  ZipParts parts = PartsOf(book);
  std::string content = "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>";
  content.append(96ULL << 20, 'x');
  content += "</t></is></c></row></sheetData></worksheet>";
  for (auto& [name, bytes] : parts) {
    if (name == "book/odd/placer0.xml") bytes = std::move(content);
  }
  return MakeZip(parts);
}

TEST(WorkbookLimits, AHugeCellAndAZipBomb) {
  const std::string bytes = HugeCellBook();
  ASSERT_LT(bytes.size(), 1U << 20);
  const auto book = ReadWorkbook(bytes);
  ASSERT_FALSE(book.ok());
  EXPECT_EQ(book.error().code(), Code::kResourceExhausted);
  EXPECT_THAT(book.error().message(), HasSubstr("sheet 'PEDE2022'"));
  EXPECT_THAT(book.error().message(), HasSubstr("cell A1"));
  // The same amount where no limit of cells sees it: white space between rows.
  ZipParts parts = PartsOf(OneSheet(std::string(64 << 20, ' ')));
  const auto bomb = ReadWorkbook(MakeZip(parts));
  ASSERT_FALSE(bomb.ok());
  EXPECT_THAT(bomb.error().message(), HasSubstr("zip bomb"));
}

}  // namespace
}  // namespace vigia::workbook
