#include "training/booster.h"

#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <limits>

#include "base/text.h"

namespace vigia::training {
namespace {

struct FreeMatrix {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
using MatrixHandle = std::unique_ptr<void, FreeMatrix>;

// XGBoost's messages carry a stack trace; the first line says what is wrong.
Status Call(int outcome) {
  if (outcome == 0) return {};
  const std::string message = XGBGetLastError();
  return Error(Code::kInternal, "xgboost: " + message.substr(0, message.find('\n')));
}

Result<MatrixHandle> MakeMatrix(const Matrix& inputs) {
  DMatrixHandle handle = nullptr;
  TRY(Call(XGDMatrixCreateFromMat_omp(inputs.values.data(), inputs.rows, inputs.width,
                                      std::numeric_limits<float>::quiet_NaN(), &handle, 1)));
  return MatrixHandle(handle);
}

std::string MonotoneText(const std::vector<int>& monotone) { return fmt::format("({})", fmt::join(monotone, ",")); }

std::vector<std::pair<const char*, std::string>> Parameters(const TreeSettings& s, const std::vector<int>& monotone,
                                                            uint64_t seed) {
  return {{"objective", "binary:logistic"},
          {"base_score", "0.5"},
          {"tree_method", "exact"},
          {"nthread", "1"},
          {"verbosity", "0"},
          {"seed", std::to_string(seed & 0x7fffffff)},
          {"max_depth", std::to_string(s.max_depth)},
          {"num_parallel_tree", std::to_string(s.num_parallel_tree)},
          {"eta", FormatNumber(s.eta)},
          {"subsample", FormatNumber(s.subsample)},
          {"colsample_bytree", FormatNumber(s.colsample_bytree)},
          {"colsample_bynode", FormatNumber(s.colsample_bynode)},
          {"min_child_weight", FormatNumber(s.min_child_weight)},
          {"lambda", FormatNumber(s.lambda)},
          {"monotone_constraints", MonotoneText(monotone)}};
}

}  // namespace

void Booster::Free::operator()(void* handle) const { XGBoosterFree(handle); }

Result<Booster> Booster::Train(const Matrix& inputs, std::span<const uint8_t> labels, const std::vector<int>& monotone,
                               const TreeSettings& settings, uint64_t seed) {
  CHECK(inputs.rows == labels.size() && inputs.width == monotone.size(), "one label per row, one constraint per input");
  const MatrixHandle matrix = TRY(MakeMatrix(inputs));
  const std::vector<float> targets(labels.begin(), labels.end());
  TRY(Call(XGDMatrixSetFloatInfo(matrix.get(), "label", targets.data(), targets.size())));
  DMatrixHandle matrices[] = {matrix.get()};
  BoosterHandle handle = nullptr;
  TRY(Call(XGBoosterCreate(matrices, 1, &handle)));
  Booster booster(handle);
  for (const auto& [name, value] : Parameters(settings, monotone, seed)) {
    TRY(Call(XGBoosterSetParam(handle, name, value.c_str())));
  }
  for (int round = 0; round < settings.rounds; ++round) {
    TRY(Call(XGBoosterUpdateOneIter(handle, round, matrix.get())));
  }
  return booster;
}

Result<std::vector<double>> Booster::Margins(const Matrix& inputs) const {
  if (inputs.rows == 0) return std::vector<double>();
  const MatrixHandle matrix = TRY(MakeMatrix(inputs));
  const char* config =
      R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false})";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* margins = nullptr;
  TRY(Call(XGBoosterPredictFromDMatrix(handle_.get(), matrix.get(), config, &shape, &dimensions, &margins)));
  return std::vector<double>(margins, margins + inputs.rows);
}

Result<Json> Booster::ToJson() const {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  TRY(Call(XGBoosterSaveModelToBuffer(handle_.get(), R"({"format": "json"})", &size, &bytes)));
  return ParseJson(std::string_view(bytes, size));
}

std::string XgboostVersion() {
  int major = 0, minor = 0, patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

}  // namespace vigia::training
