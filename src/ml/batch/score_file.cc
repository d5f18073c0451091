#include "batch/score_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/text.h"
#include "columnar/database.h"

namespace vigia::batch {

namespace {

using columnar::Database;
using columnar::Field;
using columnar::FileFormat;
using columnar::QuoteName;
using columnar::Type;
using features::FeatureType;
using features::RawFeature;

constexpr std::array<const char*, 3> kResults = {"risk_score", "risk_label", "model_version"};
constexpr const char* kScore = "vigia_score";
constexpr const char* kNotANumber = "vigia: no number in column ";  // and the column's place, in a query's error

Error Bad(std::string message) { return Error(Code::kInvalidArgument, std::move(message)); }

Result<FileFormat> FormatOf(const std::string& path) {
  const std::string name = ToLowerAscii(path);
  if (name.ends_with(".parquet")) return FileFormat::kParquet;
  if (name.ends_with(".csv")) return FileFormat::kCsv;
  return Bad(path + ": must end in .parquet or .csv");
}

// However the two are spelled, and through links.
Status CheckPaths(const std::string& input, const std::string& output) {
  std::error_code cause;
  if (!std::filesystem::exists(input, cause)) return Error(Code::kNotFound, input + ": no such file");
  if (std::filesystem::equivalent(input, output, cause)) return Bad("the output would replace the input");
  return {};
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

// A text that is the same in every row: of one level, so that a writer does not look at each again.
std::string SameText(std::string_view text) { return "CAST(" + Quoted(text) + " AS ENUM(" + Quoted(text) + "))"; }

// 2023 of "fase_2023"; 0 without such an end.
int YearSuffix(std::string_view name) {
  if (name.size() < 6 || name[name.size() - 5] != '_') return 0;
  const auto year = ParseInteger(name.substr(name.size() - 4));
  return year && *year >= 1900 && *year < 2100 ? static_cast<int>(*year) : 0;
}

// Which column is which feature.
struct Plan {
  std::vector<const Field*> of_feature;  // by the spec's raw features; null: absent
  const Field* year_column = nullptr;
  int year = 0;  // from the names; 0: none
  Summary summary;
};

Result<Plan> MakePlan(const std::vector<Field>& fields, const features::FeatureSpec& spec) {
  Plan plan;
  plan.of_feature.resize(spec.raw.size());
  for (const Field& field : fields) {
    if (std::find(kResults.begin(), kResults.end(), field.name) != kResults.end()) {
      return Bad("the input has a column '" + field.name + "' already");
    }
    if (field.name == "ano") plan.year_column = &field;
    const int exact = spec.FindRaw(field.name), suffix = exact >= 0 ? 0 : YearSuffix(field.name);
    const int found = suffix == 0 ? exact : spec.FindRaw(field.name.substr(0, field.name.size() - 5));
    if (found < 0) {
      plan.summary.passed.push_back(field.name);
      continue;
    }
    const Field*& place = plan.of_feature[static_cast<size_t>(found)];
    if (place != nullptr) return Bad("columns '" + place->name + "' and '" + field.name + "' are the same feature");
    place = &field;
    if (suffix != 0 && plan.year != 0 && plan.year != suffix) return Bad("the columns' names tell of several years");
    if (suffix != 0) plan.year = suffix;
    plan.summary.used.push_back(field.name);
  }
  if (plan.summary.used.empty()) return Bad("no column is a feature of the model");
  for (size_t i = 0; i < spec.raw.size(); ++i) {
    if (plan.of_feature[i] == nullptr) plan.summary.absent.push_back(spec.raw[i].name);
  }
  return plan;
}

// A category as its level's code; -1 for a value that training never saw.
std::string CodeOf(const std::string& column, const RawFeature& feature) {
  std::string sql = "CASE WHEN " + column + " IS NULL OR " + column + " = '' THEN NULL";
  for (size_t code = 0; code < feature.levels.size(); ++code) {
    sql += " WHEN " + column + " = " + Quoted(feature.levels[code]) + " THEN " + std::to_string(code);
  }
  return sql + " ELSE " + std::to_string(static_cast<int>(features::kUnseenLevel)) + " END";
}

// A cell of a CSV file as a number; blank is missing, and other text ends the query. Only what is no number is looked
// at twice: trimming every cell costs as much as parsing it.
std::string ParsedNumber(const Field& field, const std::vector<Field>& fields) {
  const std::string column = QuoteName(field.name);
  const auto place = std::to_string(&field - fields.data());
  return "coalesce(TRY_CAST(" + column + " AS DOUBLE), CASE WHEN " + column + " IS NULL OR trim(" + column +
         ") = '' THEN NULL ELSE error('" + kNotANumber + place + "') END)";
}

// What a query's error means, when it is ours.
Error Explained(const Error& error, const std::vector<Field>& fields, const std::string& path) {
  const size_t at = error.message().find(kNotANumber);
  if (at == std::string::npos) return error;
  const std::string digits = error.message().substr(at + std::string_view(kNotANumber).size());
  const auto place = ParseInteger(digits.substr(0, digits.find_first_not_of("0123456789")));
  if (!place || static_cast<size_t>(*place) >= fields.size()) return error;
  return Bad(path + ": column '" + fields[static_cast<size_t>(*place)].name + "' holds text where numbers should be");
}

Result<std::string> NumberOf(const Field& field, const std::vector<Field>& fields, FileFormat from) {
  if (from == FileFormat::kCsv) return ParsedNumber(field, fields);
  if (field.type == Type::kText || field.type == Type::kTimestamp) {
    return Bad("column '" + field.name + "' holds text where numbers should be");
  }
  return "CAST(" + QuoteName(field.name) + " AS DOUBLE)";
}

Result<std::string> ArgumentOf(const Field* field, const RawFeature& feature, const std::vector<Field>& fields,
                               FileFormat from) {
  if (field == nullptr) return std::string("NULL::DOUBLE");
  if (feature.type != FeatureType::kCategory) return NumberOf(*field, fields, from);
  return "CAST(" + CodeOf("CAST(" + QuoteName(field->name) + " AS VARCHAR)", feature) + " AS DOUBLE)";
}

Result<std::string> MakeCall(const Plan& plan, const features::FeatureSpec& spec, const std::vector<Field>& fields,
                             FileFormat from) {
  std::string call = std::string(kScore) + "(";
  for (size_t i = 0; i < spec.raw.size(); ++i) {
    call += TRY(ArgumentOf(plan.of_feature[i], spec.raw[i], fields, from));
    call += ", ";
  }
  if (plan.year_column == nullptr) return call + std::to_string(plan.year) + "::DOUBLE)";
  const Type type = plan.year_column->type;
  if (from == FileFormat::kParquet && type != Type::kInt64 && type != Type::kNumber) {
    return Bad("column 'ano' does not hold years");
  }
  return call + TRY(NumberOf(*plan.year_column, fields, from))
  +")";
}

// The input's columns as they are written. A CSV file has texts only: in parquet the model's numbers are numbers.
Result<std::string> PassedColumns(const Plan& plan, const features::FeatureSpec& spec, const std::vector<Field>& fields,
                                  FileFormat from, FileFormat to) {
  std::vector<std::string> replaced;
  const auto replace = [&](const Field& field, const char* type) -> Status {
    replaced.push_back("CAST(" + TRY(NumberOf(field, fields, from)) + " AS " + type + ") AS " + QuoteName(field.name));
    return {};
  };
  if (from != FileFormat::kCsv || to != FileFormat::kParquet) return std::string("*");
  for (size_t i = 0; i < spec.raw.size(); ++i) {
    if (plan.of_feature[i] == nullptr || spec.raw[i].type == FeatureType::kCategory) continue;
    TRY(replace(*plan.of_feature[i], "DOUBLE"));
  }
  if (plan.year_column != nullptr) TRY(replace(*plan.year_column, "BIGINT"));
  return replaced.empty() ? std::string("*") : "* REPLACE (" + Join(replaced, ", ") + ")";
}

// The model, as the query calls it: from several threads at once.
class Scorer {
 public:
  Scorer(std::shared_ptr<const scoring::Model> model, double threshold, Progress& progress)
      : model_(std::move(model)), threshold_(threshold), progress_(progress), clipped_(spec().raw.size()) {}

  void Score(std::span<const std::span<const double>> columns, std::span<double> scores) {
    thread_local std::vector<double> raw;  // used again from chunk to chunk
    thread_local std::vector<int> years;
    const size_t rows = scores.size(), width = spec().raw.size();
    raw.resize(rows * width);
    years.resize(rows);
    for (size_t c = 0; c < width; ++c) Gather(columns[c], c, std::span(raw).subspan(c * rows, rows));
    for (size_t row = 0; row < rows; ++row) {
      const double year = columns[width][row];
      years[row] = year > 0 && year < 10000 ? static_cast<int>(year) : 0;
    }
    model_->ScoreColumns(raw, years, scores);
    const double threshold = threshold_;
    const auto positives = std::count_if(scores.begin(), scores.end(), [=](double s) { return s >= threshold; });
    rows_.fetch_add(rows, std::memory_order_relaxed);
    positives_.fetch_add(static_cast<uint64_t>(positives), std::memory_order_relaxed);
    progress_.Advance(rows);
  }

  void AddTo(Summary& summary) const {
    summary.rows = rows_;
    summary.positives = positives_;
    for (size_t c = 0; c < clipped_.size(); ++c) {
      if (clipped_[c] == 0) continue;
      summary.clipped.push_back(spec().raw[c].name);
      summary.clipped_values += clipped_[c];
    }
  }

 private:
  const features::FeatureSpec& spec() const { return model_->pipeline().spec(); }

  void Gather(std::span<const double> column, size_t c, std::span<double> raw) {
    const RawFeature& feature = spec().raw[c];
    uint64_t outside = 0;
    for (size_t row = 0; row < column.size(); ++row) {
      const double value = column[row];
      outside += value < feature.min || value > feature.max ? 1 : 0;  // false for NaN
      raw[row] = std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
    }
    if (outside > 0 && feature.type != FeatureType::kCategory)
      clipped_[c].fetch_add(outside, std::memory_order_relaxed);
  }

  const std::shared_ptr<const scoring::Model> model_;
  const double threshold_;
  Progress& progress_;
  std::atomic<uint64_t> rows_{0}, positives_{0};
  std::vector<std::atomic<uint64_t>> clipped_;
};

}  // namespace

Result<Summary> ScoreFile(const Request& request, const Settings& settings, Progress& progress) {
  const FileFormat from = TRY(FormatOf(request.input))
  , to = TRY(FormatOf(request.output));
  TRY(CheckPaths(request.input, request.output));
  const Database database = TRY(Database::Open({settings.threads, settings.memory_limit_bytes, ""}));
  const std::string source =
      from == FileFormat::kParquet ? "read_parquet($1)" : "read_csv($1, header = true, all_varchar = true)";
  const columnar::Value path = columnar::LiteralPath(request.input);
  const auto look = TRY_CONTEXT(database.Query("SELECT * FROM " + source + " LIMIT 0", {path}), request.input);
  const std::vector<Field>& fields = look.fields();
  const features::FeatureSpec& spec = request.model->pipeline().spec();
  Plan plan = TRY_CONTEXT(MakePlan(fields, spec), request.input);
  const std::string call = TRY_CONTEXT(MakeCall(plan, spec, fields, from), request.input);
  uint64_t total = 0;  // unknown
  if (from == FileFormat::kParquet) {
    columnar::Rows counted = TRY(database.Query("SELECT count(*) AS n FROM " + source, {path}));
    total = static_cast<uint64_t>(TRY(counted.ReadAll()).columns.front().integers.front());
  }
  const auto scorer = std::make_shared<Scorer>(request.model, request.threshold, progress);
  TRY(database.AddFunction(kScore, spec.raw.size() + 1,
                           [scorer](std::span<const std::span<const double>> columns, std::span<double> scores) {
                             scorer->Score(columns, scores);
                           }));
  progress.Begin("scoring", total);
  const std::string passed = TRY(PassedColumns(plan, spec, fields, from, to));
  const std::string sql =
      "SELECT * EXCLUDE (vigia_s), vigia_s AS risk_score, CAST(vigia_s >= " + FormatNumber(request.threshold) +
      " AS INTEGER) AS risk_label, " + SameText(request.model_version) + " AS model_version FROM (SELECT " + passed +
      ", " + call + " AS vigia_s FROM " + source + ")";
  const Status written = database.WriteQuery(sql, {path}, request.output, to, {}, columnar::Compression::kFast);
  progress.End();
  if (!written.ok()) return Explained(written.error(), fields, request.input);
  scorer->AddTo(plan.summary);
  return plan.summary;
}

}  // namespace vigia::batch
