#include "risk/oip.h"

#include <cmath>
#include <cstring>

#include "base/json.h"
#include "base/text.h"
#include "risk/json_out.h"

namespace vigia::risk::oip {

namespace {

using Output = InferRequest::Output;

const char* DatatypeOf(features::FeatureType type) {
  switch (type) {
    case features::FeatureType::kNumber: return "FP64";
    case features::FeatureType::kInteger: return "INT64";
    case features::FeatureType::kCategory: return "BYTES";
  }
  return "FP64";
}

// The same number in every protocol: six decimals, as /predict writes it.
double Rounded(double score) { return std::round(score * 1e6) / 1e6; }

template <typename T>
void AppendBytes(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void AppendJsonData(std::string& out, Output output, std::span<const double> scores, double threshold) {
  out += "[";
  for (size_t i = 0; i < scores.size(); ++i) {
    if (i > 0) out += ", ";
    if (output == Output::kLabel) {
      out += scores[i] >= threshold ? "1" : "0";
      continue;
    }
    if (output == Output::kProbabilities) {
      AppendFixed6(out, 1 - Rounded(scores[i]));
      out += ", ";
    }
    AppendFixed6(out, scores[i]);
  }
  out += "]";
}

void AppendBinaryData(std::string& out, Output output, std::span<const double> scores, double threshold) {
  for (const double score : scores) {
    if (output == Output::kLabel) {
      AppendBytes(out, static_cast<int32_t>(score >= threshold ? 1 : 0));
      continue;
    }
    if (output == Output::kProbabilities) AppendBytes(out, 1 - Rounded(score));
    AppendBytes(out, Rounded(score));
  }
}

size_t BinarySize(Output output, size_t count) {
  switch (output) {
    case Output::kScore: return 8 * count;
    case Output::kLabel: return 4 * count;
    case Output::kProbabilities: return 16 * count;
  }
  return 0;
}

void AppendOutput(std::string& out, const InferRequest::Wanted& wanted, std::span<const double> scores,
                  double threshold) {
  out += "{\"name\": ";
  AppendJsonString(out, wanted.name);
  out += wanted.output == Output::kLabel ? ", \"datatype\": \"INT32\", \"shape\": ["
                                         : ", \"datatype\": \"FP64\", \"shape\": [";
  AppendInteger(out, scores.size());
  if (wanted.output == Output::kProbabilities) out += ", 2";
  if (wanted.binary) {
    out += "], \"parameters\": {\"binary_data_size\": ";
    AppendInteger(out, BinarySize(wanted.output, scores.size()));
    out += "}}";
    return;
  }
  out += "], \"data\": ";
  AppendJsonData(out, wanted.output, scores, threshold);
  out += "}";
}

// A parameter cannot be a list: names with commas between them.
std::string ImputedNames(const ServedModel& model, const Rows& rows) {
  std::string names;
  for (size_t feature = 0; feature < rows.width; ++feature) {
    const features::RawFeature& raw = model.spec().raw[feature];
    if (!raw.in_training || !rows.AnyLacks(feature)) continue;
    if (!names.empty()) names += ", ";
    names += raw.name;
  }
  return names;
}

}  // namespace

void AnswerServer(http::Exchange& exchange) {
  exchange.response.body +=
      "{\"name\": \"vigia\", \"version\": \"" VIGIA_VERSION "\", \"extensions\": [\"binary_tensor_data\"]}";
}

void AnswerLive(http::Exchange& exchange) { exchange.response.body += "{\"live\": true}"; }

void AnswerReady(http::Exchange& exchange, const ServedModel* model) {
  if (model == nullptr) {
    exchange.response.status = 503;
    exchange.error_code = "MODEL_NOT_LOADED";
  }
  exchange.response.body += model != nullptr ? "{\"ready\": true}" : "{\"ready\": false}";
}

bool IsServed(http::Exchange& exchange, const ServedModel* model) {
  const std::vector<std::string_view>& parameters = *exchange.parameters;
  if (http::PercentDecode(parameters[0], false) != kModelName) {
    http::AnswerError(exchange, 404, "NOT_FOUND", "there is no model of this name; the one here is 'risk'");
    return false;
  }
  if (model == nullptr) {
    exchange.response.AddHeader("Retry-After", "5");
    http::AnswerError(exchange, 503, "MODEL_NOT_LOADED", "no model is loaded");
    return false;
  }
  if (parameters.size() > 1 && http::PercentDecode(parameters[1], false) != model->version()) {
    http::AnswerError(exchange, 404, "NOT_FOUND",
                      "this version is not served; GET /v2/models/risk names the one that is");
    return false;
  }
  return true;
}

void AnswerModel(http::Exchange& exchange, const ServedModel& model) {
  Json body = {{"name", kModelName},
               {"versions", Json::array({model.version()})},
               {"platform", "vigia"},
               {"inputs", Json::array()},
               {"outputs", Json::array()}};
  for (const features::RawFeature& raw : model.spec().raw) {
    body["inputs"].push_back({{"name", raw.name}, {"datatype", DatatypeOf(raw.type)}, {"shape", {-1}}});
  }
  body["outputs"].push_back({{"name", "risk_score"}, {"datatype", "FP64"}, {"shape", {-1}}});
  body["outputs"].push_back({{"name", "risk_label"}, {"datatype", "INT32"}, {"shape", {-1}}});
  exchange.response.body = CompactJson(body);
}

void AnswerModelReady(http::Exchange& exchange, const ServedModel& model) {
  std::string& body = exchange.response.body;
  body += "{\"name\": \"risk\", \"ready\": true, \"version\": ";
  body += model.version_json() + "}";
}

Result<std::optional<size_t>> JsonSizeOf(const http::Request& request) {
  const std::string_view text = request.Header("inference-header-content-length");
  if (text.empty()) return std::optional<size_t>();
  const std::optional<int64_t> size = ParseInteger(text);
  if (!size || *size <= 0) return Error(Code::kInvalidArgument, "Inference-Header-Content-Length must be a length");
  return std::optional<size_t>(static_cast<size_t>(*size));
}

void AnswerInfer(http::Exchange& exchange, const ServedModel& model, const Rows& rows, std::span<const double> scores,
                 const InferRequest& request) {
  const double threshold = model.threshold().value;
  std::string& body = exchange.response.body;
  body.append("{\"model_name\": \"risk\", \"model_version\": ").append(model.version_json());
  if (request.has_id) {
    body += ", \"id\": ";
    AppendJsonString(body, request.id);
  }
  body += ", \"parameters\": {";
  if (request.as_table) body += "\"content_type\": \"pd\", ";
  body += "\"imputed\": ";
  AppendJsonString(body, ImputedNames(model, rows));
  body += "}, \"outputs\": [";
  bool binary = false;
  for (size_t i = 0; i < request.outputs.size(); ++i) {
    if (i > 0) body += ", ";
    AppendOutput(body, request.outputs[i], scores, threshold);
    binary = binary || request.outputs[i].binary;
  }
  body += "]}";
  if (!binary) return;
  exchange.response.AddHeader("Inference-Header-Content-Length", std::to_string(body.size()));
  exchange.response.content_type = "application/octet-stream";
  for (const InferRequest::Wanted& wanted : request.outputs) {
    if (wanted.binary) AppendBinaryData(body, wanted.output, scores, threshold);
  }
}

}  // namespace vigia::risk::oip
