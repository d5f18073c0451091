// Bodies of the Open Inference Protocol's infer requests. The first line is the header
// Inference-Header-Content-Length ("-" for none), the rest the body. Whatever is accepted scores to a
// probability, whatever is not gets a sentence that does not echo it.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "http/message.h"
#include "risk/request_parser.h"
#include "risk/test_model.h"

namespace {

using namespace vigia;        // NOLINT: a fuzz target is a program of its own
using namespace vigia::risk;  // NOLINT

void Check(const ServedModel& model, const Rows& rows, const InferRequest& request) {
  const scoring::Model& compiled = model.model();
  if (rows.count == 0 || rows.count > 50 || rows.width != compiled.pipeline().raw_width()) std::abort();
  if (rows.years.size() != rows.count || rows.values.size() != rows.count * rows.width) std::abort();
  if (request.outputs.empty() || request.outputs.size() > 4) std::abort();
  std::vector<double> scores(rows.count);
  compiled.ScoreBatch(rows.values, rows.years, scores);
  for (const double score : scores) {
    if (!(score >= 0 && score <= 1)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const ServedModel> model = TestServed();
  static PredictParser parser;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t line = all.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::optional<int64_t> said = ParseInteger(all.substr(0, line));
  std::optional<size_t> json_size;
  if (said && *said > 0) json_size = static_cast<size_t>(*said);
  std::string padded(all.substr(line + 1));
  const size_t body_size = padded.size();
  padded.append(http::kBodyPadding, '\0');
  for (const ExtraFeatures policy : {ExtraFeatures::kReject, ExtraFeatures::kIgnore}) {
    Rows rows;
    InferRequest request;
    const Status status = parser.ParseInfer({padded.data(), body_size}, json_size, *model, {policy, 50}, rows, request);
    if (status.ok()) {
      Check(*model, rows, request);
    } else if (status.error().code() != Code::kInvalidArgument || status.error().message().empty() ||
               status.error().message().find('\n') != std::string::npos) {
      std::abort();
    }
  }
  return 0;
}
