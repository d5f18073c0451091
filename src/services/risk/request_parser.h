// Bodies of predictions in every protocol, validated into raw rows. The one door to simdjson.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "risk/row_builder.h"
#include "risk/served_model.h"
#include "risk/settings.h"

namespace vigia::risk {

// A request of the Open Inference Protocol, but for its rows.
struct InferRequest {
  enum class Output { kScore, kLabel, kProbabilities };
  struct Wanted {
    std::string name;
    Output output = Output::kScore;
    bool binary = false;
  };
  bool has_id = false;
  std::string id;
  bool as_table = false;  // content_type "pd": the answer is one, too
  std::vector<Wanted> outputs;

  // "risk_score", "risk_label"; "predict" and "predict_proba" as MLServer's runtimes call them.
  static std::optional<Output> OutputNamed(std::string_view name);
};

// How the body of POST /invocations is written.
enum class InvocationFormat { kJson, kCsv };
// By its content type; without one it is JSON. Error: another type, charset or parameter (status 415).
Result<InvocationFormat> InvocationFormatOf(std::string_view content_type);

// Not thread-safe; one per loop. Errors are kInvalidArgument; they name the instance (from 1) and the
// field, and never a value. NaN, Infinity and -Infinity, which Python clients write into JSON, and null
// are missing values.
// REQUIRES: http::kBodyPadding readable bytes after each body. The model must be the one of the last
// call, unless Forget came between.
class PredictParser {
 public:
  PredictParser();
  ~PredictParser();
  PredictParser(const PredictParser&) = delete;
  PredictParser& operator=(const PredictParser&) = delete;

  // POST /predict: {"instances": [{…}, …], "explain": bool}.
  Status Parse(std::string_view body, const ServedModel& model, const PredictSettings& settings, Rows& rows);

  // MLflow's JSON: exactly one of
  //   "dataframe_split" {"columns": […], "data": [[…], …]}, "dataframe_records" [{…}, …],
  //   "instances" and "inputs": [{…}, …], or [[…], …] in the signature's order, or {"name": […], …};
  // and "params", an object that nothing is read from.
  Status ParseInvocation(std::string_view body, const ServedModel& model, const PredictSettings& settings, Rows& rows);
  // MLflow's text/csv as pandas writes it without an index: names, then a line per instance.
  Status ParseCsv(std::string_view body, const ServedModel& model, const PredictSettings& settings, Rows& rows);

  // The Open Inference Protocol's infer request. One input per feature, shape [n] or [n, 1]; or a single
  // input of another name and shape [n, width], in the signature's order. `json_size` is the header
  // Inference-Header-Content-Length: what follows in the body are the inputs' binary tensors.
  Status ParseInfer(std::string_view body, std::optional<size_t> json_size, const ServedModel& model,
                    const PredictSettings& settings, Rows& rows, InferRequest& request);

  // The model has changed: what was learnt of keys is no longer true.
  void Forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vigia::risk
