// Bodies of POST /predict and /invocations: whatever is accepted scores to a probability, whatever is not gets a
// sentence that does not echo it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "risk/request_parser.h"
#include "risk/test_model.h"

namespace {

using namespace vigia;        // NOLINT: a fuzz target is a program of its own
using namespace vigia::risk;  // NOLINT

void Score(const ServedModel& model, const Rows& rows) {
  const scoring::Model& compiled = model.model();
  if (rows.count == 0 || rows.count > 50 || rows.width != compiled.pipeline().raw_width()) std::abort();
  if (rows.years.size() != rows.count || rows.values.size() != rows.count * rows.width) std::abort();
  std::vector<float> scratch(compiled.pipeline().input_width());
  std::vector<double> batch(rows.count);
  compiled.ScoreBatch(rows.values, rows.years, batch);
  for (size_t i = 0; i < rows.count; ++i) {
    const double score = compiled.Score(rows.row(i), rows.years[i], scratch);
    if (!(score >= 0 && score <= 1) || score != batch[i]) std::abort();
  }
}

void CheckOutcome(const Status& status, const ServedModel& model, const Rows& rows) {
  if (status.ok()) {
    Score(model, rows);
  } else if (status.error().code() != Code::kInvalidArgument || status.error().message().empty() ||
             status.error().message().find('\n') != std::string::npos) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const ServedModel> model = TestServed();
  static PredictParser parser;  // learns keys from request to request, as a loop's does
  std::string padded(reinterpret_cast<const char*>(data), size);
  padded.append(http::kBodyPadding, '\0');
  const std::string_view body(padded.data(), size);
  for (const ExtraFeatures policy : {ExtraFeatures::kReject, ExtraFeatures::kIgnore}) {
    Rows rows;
    CheckOutcome(parser.Parse(body, *model, {policy, 50}, rows), *model, rows);
    CheckOutcome(parser.ParseInvocation(body, *model, {policy, 50}, rows), *model, rows);
    CheckOutcome(parser.ParseCsv(body, *model, {policy, 50}, rows), *model, rows);
  }
  return 0;
}
