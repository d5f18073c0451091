// For bench/score.sh: `score_bench FILE ROWS` writes made-up pupils, as CSV when FILE says so, or else as parquet.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "base/text.h"
#include "columnar/database.h"

namespace {

using namespace vigia;

std::string Sql(int64_t rows) {
  std::string columns = "i AS linha";
  for (const char* mark :
       {"inde", "iaa", "ieg", "ips", "ipp", "ida", "ipv", "ian", "matematica", "portugues", "ingles"}) {
    columns += fmt::format(", CASE WHEN random() < 0.06 THEN NULL ELSE round(10 * sqrt(random()), 2) END AS {}", mark);
  }
  columns +=
      ", CAST(floor(9 * random()) AS INTEGER) AS fase, CAST(7 + floor(14 * random()) AS INTEGER) AS idade, "
      "CAST(2016 + floor(8 * random()) AS INTEGER) AS ano_ingresso, CAST(floor(9 * random()) AS INTEGER) AS "
      "fase_ideal, "
      "CAST(floor(5 * random()) AS INTEGER) - 3 AS defasagem, "
      "CASE WHEN random() < 0.5 THEN 'Feminino' ELSE 'Masculino' END AS genero";
  return fmt::format("SELECT {} FROM range({}) t(i)", columns, rows);
}

Status Make(const std::string& path, int64_t rows) {
  const auto database = TRY(columnar::Database::Open({2, 2ULL << 30, ""}));
  const bool is_csv = path.ends_with(".csv");
  return database.WriteQuery(Sql(rows), {}, path, is_csv ? columnar::FileFormat::kCsv : columnar::FileFormat::kParquet);
}

}  // namespace

int main(int argc, char** argv) {
  const auto rows = argc == 3 ? ParseInteger(argv[2]) : std::nullopt;
  if (!rows) {
    std::fprintf(stderr, "usage: score_bench FILE ROWS\n");
    return 2;
  }
  const Status made = Make(argv[1], *rows);
  if (made.ok()) return 0;
  std::fprintf(stderr, "score_bench: %s\n", made.error().message().c_str());
  return 1;
}
