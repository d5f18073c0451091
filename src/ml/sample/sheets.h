// The sheets of a PEDE workbook: real headers (duplicates included), synthetic cells, and the real
// workbook's oddities. Pure: cells are values, and writing them is workbook.h's.
#pragma once

#include <string>
#include <vector>

#include "sample/cohort.h"

namespace vigia::sample {

struct Cell {
  enum class Kind { kEmpty, kText, kNumber, kDate, kError } kind = Kind::kEmpty;
  std::string text;   // kText; kError: "#N/A" or "#DIV/0!"
  double number = 0;  // kNumber; kDate: the serial number of the 1900 date system

  bool operator==(const Cell&) const = default;
};

struct Sheet {
  std::string name;
  std::vector<std::string> headers;
  std::vector<std::vector<Cell>> rows;  // each as long as headers
};

// One sheet per year of the cohort's settings, and "dicionario".
std::vector<Sheet> BuildSheets(const Cohort& cohort);

// Days since 1899-12-30, as spreadsheets count from March 1900 on.
double DateSerial(const BirthDate& date);

}  // namespace vigia::sample
