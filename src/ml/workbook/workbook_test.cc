#include "workbook/workbook.h"

#include <xlsxwriter.h>

#include "base/files.h"
#include "base/temp_folder.h"
#include "workbook/sheet_parser.h"
#include "workbook/styles.h"
#include "workbook/test_zip.h"

namespace vigia::workbook {
namespace {

// "A1=number 1|B1=text x" of a sheet, for tables of expectations.
std::string Show(const Sheet& sheet) {
  constexpr std::string_view kNames[] = {"empty", "number", "text", "bool", "error", "date"};
  std::string shown;
  for (const Sheet::Row& row : sheet.rows) {
    for (size_t i = row.first_cell; i < row.first_cell + row.cell_count; ++i) {
      const Cell& cell = sheet.cells[i];
      const bool text = cell.type == CellType::kText || cell.type == CellType::kError;
      if (!shown.empty()) shown += "|";
      shown += CellAddress(cell.column, row.number) + "=" + std::string(kNames[static_cast<size_t>(cell.type)]) + " " +
               (text ? std::string(sheet.Text(cell)) : fmt::format("{}", cell.number));
    }
  }
  return shown;
}

struct CellCase {
  std::string what, rows, expected;
};

TEST(Workbook, EveryKindOfCell) {
  const std::string shared =
      "<si><t>um</t></si><si><r><t>ri</t></r><r><rPr/><t xml:space=\"preserve\">co </t></r><rPh><t>X</t></rPh></si>";
  const std::string styles =
      "<numFmts><numFmt numFmtId=\"170\" formatCode=\"dd/mm/yyyy\"/></numFmts><cellStyleXfs><xf "
      "numFmtId=\"14\"/></cellStyleXfs>"
      "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/></cellXfs>";
  const std::vector<CellCase> cases = {
      {"shared strings, rich text without phonetics",
       "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>",
       "A1=text um|B1=text rico "},
      {"inline strings, plain and rich",
       "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a&amp;b</t></is></c>"
       "<c r=\"B1\" t=\"inlineStr\"><is><r><t>x</t></r><r><t>y</t></r><rPh><t>no</t></rPh></is></c></row>",
       "A1=text a&b|B1=text xy"},
      {"numbers, bools, errors, formulas' cached values",
       "<row r=\"2\"><c r=\"A2\"><v>1.5e2</v></c><c r=\"B2\" t=\"b\"><v>1</v></c><c r=\"C2\" "
       "t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>"
       "<c r=\"D2\"><f>SUM(A1:A9)</f><v>7</v></c><c r=\"E2\" t=\"str\"><f>X()</f><v>ok</v></c></row>",
       "A2=number 150|B2=bool 1|C2=error #DIV/0!|D2=number 7|E2=text ok"},
      {"dates by built-in and custom format, and ISO",
       "<row r=\"1\"><c r=\"A1\" s=\"1\"><v>7</v></c><c r=\"B1\" s=\"2\"><v>61</v></c><c r=\"C1\" s=\"0\"><v>7</v></c>"
       "<c r=\"D1\" t=\"d\"><v>1970-01-03</v></c></row>",
       "A1=date -25561|B1=date -25508|C1=number 7|D1=date 2"},
      {"rows and cells without addresses",
       "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row r=\"5\"><c r=\"B5\"><v>4</v></c><c><v>5</v></c></row>",
       "A1=number 1|C1=number 3|B5=number 4|C5=number 5"},
      {"a prefix on every element", "<x:row xmlns:x=\"x\"><x:c><x:v>1</x:v></x:c></x:row>", "A1=number 1"},
      {"nothing", "", ""},
      {"empty cells and rows", "<row r=\"1\"><c r=\"A1\" s=\"1\"/><c r=\"B1\"><v></v></c></row><row r=\"2\"/>", ""},
  };
  for (const CellCase& c : cases) {
    const auto book = ReadWorkbook(MakeBook({{{"S", c.rows}}, shared, styles, ""}));
    ASSERT_TRUE(book.ok()) << c.what << ": " << book.error().message();
    EXPECT_EQ(Show(book->sheets.at(0)), c.expected) << c.what;
  }
}

TEST(Workbook, BothDateSystemsGiveTheSameDay) {
  const std::string styles = "<cellXfs><xf numFmtId=\"14\"/></cellXfs>";
  // 2023-03-01 and, as tools that convert write it, 1900-01-07.
  const std::string in_1900 = "<row><c s=\"0\"><v>44986</v></c><c s=\"0\"><v>7</v></c></row>";
  const std::string in_1904 = "<row><c s=\"0\"><v>43524</v></c><c s=\"0\"><v>-1454</v></c></row>";
  const auto a = ReadWorkbook(MakeBook({{{"S", in_1900}}, "", styles, "<workbookPr date1904=\"0\"/>"})).value();
  const auto b = ReadWorkbook(MakeBook({{{"S", in_1904}}, "", styles, "<workbookPr date1904=\"1\"/>"})).value();
  EXPECT_EQ(Show(a.sheets[0]), "A1=date 19417|B1=date -25561");
  EXPECT_EQ(Show(b.sheets[0]), Show(a.sheets[0]));
}

TEST(Workbook, DateFormats) {
  for (const std::string code : {"dd/mm/yyyy", "[h]:mm", "yyyy\\-mm", "[$-416]d mmm", "h:mm AM/PM", "mm:ss.0"}) {
    EXPECT_TRUE(IsDateFormat(code)) << code;
  }
  for (const std::string code :
       {"General", "0.00", "#,##0", "[Red]0.0", "\"dias\" 0", "0\\d", "0.0E+00", "@", "[Red]General", "0_d"}) {
    EXPECT_FALSE(IsDateFormat(code)) << code;
  }
}

TEST(Workbook, WhatLibxlsxwriterWrites) {
  const TempFolder folder;
  const std::string path = folder.path() + "/x.xlsx";
  lxw_workbook* out = workbook_new(path.c_str());
  lxw_worksheet* sheet = workbook_add_worksheet(out, "PEDE2022");
  workbook_add_worksheet(out, "vazia");
  lxw_format* date = workbook_add_format(out);
  format_set_num_format(date, "d/m/yyyy");
  worksheet_write_string(sheet, 0, 0, "Ágata", nullptr);
  worksheet_write_number(sheet, 0, 27, 9.5, nullptr);
  worksheet_write_boolean(sheet, 3, 1, 1, nullptr);
  lxw_datetime day{2023, 3, 1, 0, 0, 0};
  worksheet_write_datetime(sheet, 3, 2, &day, date);
  worksheet_write_formula_num(sheet, 3, 3, "=1+1", nullptr, 2);
  ASSERT_EQ(workbook_close(out), LXW_NO_ERROR);
  const auto book = ReadWorkbook(SystemFiles().Read(path).value());
  ASSERT_TRUE(book.ok()) << book.error().message();
  ASSERT_EQ(book->sheets.size(), 2U);
  EXPECT_EQ(Show(*book->Find("PEDE2022")), "A1=text Ágata|AB1=number 9.5|B4=bool 1|C4=date 19417|D4=number 2");
  EXPECT_EQ(Show(*book->Find("vazia")), "");
  EXPECT_EQ(book->Find("PEDE2023"), nullptr);
}

TEST(Workbook, CellAddresses) {
  EXPECT_EQ(CellAddress(0, 1), "A1");
  EXPECT_EQ(CellAddress(25, 2), "Z2");
  EXPECT_EQ(CellAddress(26, 3), "AA3");
  EXPECT_EQ(CellAddress(16383, 1048576), "XFD1048576");
}

}  // namespace
}  // namespace vigia::workbook
