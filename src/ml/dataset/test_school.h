// For tests: small invented PEDE sheets, as a workbook, CSV or parquet.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "columnar/frame_io.h"
#include "workbook/test_zip.h"

namespace vigia::dataset {

// Cells are written as numbers when they read as one, "date:N" as a date with serial N, "error:X" as
// an error, else as text; "" is empty.
struct TestTable {
  std::string name;
  std::vector<std::string> headers;
  std::vector<std::vector<std::string>> rows;

  size_t Column(const std::string& header) const {
    const auto found = std::find(headers.begin(), headers.end(), header);
    CHECK(found != headers.end(), "the test's column exists");
    return static_cast<size_t>(found - headers.begin());
  }
  std::string& At(size_t row, const std::string& header) { return rows[row][Column(header)]; }
  void Rename(const std::string& from, const std::string& to) { headers[Column(from)] = to; }
  void Drop(const std::string& header) {
    const size_t column = Column(header);
    headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(column));
    for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
  }
  template <typename ValueOfRow>
  void AddColumn(const std::string& header, const ValueOfRow& value) {
    headers.push_back(header);
    for (size_t i = 0; i < rows.size(); ++i) rows[i].push_back(value(i));
  }
};

// Pupils RA-1 … RA-n, every column that the year's sheet has for a feature.
inline TestTable MakeYear(int year, size_t pupils, uint64_t seed) {
  TestTable table;
  table.name = "PEDE" + std::to_string(year);
  const bool old = year == 2022;
  const std::string y2 = std::to_string(year - 2000);
  table.headers = {"RA",
                   "Fase",
                   old ? "Nome" : "Nome Anonimizado",
                   old ? "Idade 22" : "Idade",
                   "Gênero",
                   "Ano ingresso",
                   "Instituição de ensino",
                   old ? "Pedra " + y2 : "Pedra " + std::to_string(year),
                   old ? "INDE " + y2 : "INDE " + std::to_string(year),
                   "IAA",
                   "IEG",
                   "IPS",
                   "IDA",
                   old ? "Matem" : "Mat",
                   old ? "Portug" : "Por",
                   old ? "Inglês" : "Ing",
                   "IPV",
                   "IAN",
                   old ? "Fase ideal" : "Fase Ideal",
                   old ? "Defas" : "Defasagem"};
  if (!old) table.headers.push_back("IPP");
  Rng rng(seed);
  const auto score = [&] { return FormatNumber(static_cast<double>(rng.Below(100)) / 10); };
  for (size_t i = 0; i < pupils; ++i) {
    const int phase = static_cast<int>(rng.Below(8)), lag = static_cast<int>(rng.Below(4)) - 2;
    const int ideal = std::clamp(phase - lag, 0, 8);
    std::vector<std::string> row = {"RA-" + std::to_string(i + 1),
                                    old          ? std::to_string(phase)
                                    : phase == 0 ? "ALFA"
                                                 : "FASE " + std::to_string(phase),
                                    "Fulano Inventado " + std::to_string(i + 1),
                                    std::to_string(8 + rng.Below(10)),
                                    rng.Below(2) == 0 ? "Menina" : "Menino",
                                    std::to_string(2016 + rng.Below(6)),
                                    "Escola Pública",
                                    "Ágata"};
    for (int k = 0; k < 10; ++k) row.push_back(score());
    row.push_back(ideal == 0 ? "ALFA  (2º e 3º ano)" : "Fase " + std::to_string(ideal) + " (ano)");
    row.push_back(std::to_string(phase - ideal));
    if (!old) row.push_back(score());
    table.rows.push_back(std::move(row));
  }
  return table;
}

inline std::string CellXml(const std::string& text) {
  if (text.empty()) return "<c/>";
  if (text.starts_with("date:")) return "<c s=\"1\"><v>" + text.substr(5) + "</v></c>";
  if (text.starts_with("error:")) return "<c t=\"e\"><v>" + text.substr(6) + "</v></c>";
  if (ParseNumber(text)) return "<c><v>" + text + "</v></c>";
  return "<c t=\"inlineStr\"><is><t>" + EscapeHtml(text) + "</t></is></c>";
}

inline std::string RowXml(const std::vector<std::string>& cells) {
  std::string xml = "<row>";
  for (const std::string& cell : cells) xml += CellXml(cell);
  return xml + "</row>";
}

inline std::string MakeWorkbook(const std::vector<TestTable>& tables) {
  workbook::TestBook book;
  book.styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>";
  for (const TestTable& table : tables) {
    std::string rows = RowXml(table.headers);
    for (const auto& row : table.rows) rows += RowXml(row);
    book.sheets.push_back({table.name, std::move(rows)});
  }
  return workbook::MakeBook(book);
}

inline columnar::Frame ToTextFrame(const TestTable& table) {
  columnar::Frame frame;
  for (size_t c = 0; c < table.headers.size(); ++c) {
    columnar::Column& column = frame.Add(table.headers[c], columnar::Type::kText);
    for (const auto& row : table.rows) {
      if (row[c].empty()) {
        column.AppendNull();
      } else {
        column.AppendText(row[c]);
      }
    }
  }
  return frame;
}

}  // namespace vigia::dataset
