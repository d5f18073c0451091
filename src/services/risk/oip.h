// The Open Inference Protocol, version 2, over REST: what it answers.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/stage.h"
#include "risk/request_parser.h"
#include "risk/served_model.h"

namespace vigia::risk::oip {

// The one model that there is, whatever its version.
inline constexpr std::string_view kModelName = "risk";

void AnswerServer(http::Exchange& exchange);                           // GET /v2
void AnswerLive(http::Exchange& exchange);                             // GET /v2/health/live
void AnswerReady(http::Exchange& exchange, const ServedModel* model);  // GET /v2/health/ready
// Routes below /v2/models/{model}[/versions/{version}]. False after an answer of 404 or 503: another
// model, a version that is not the served one, or none.
bool IsServed(http::Exchange& exchange, const ServedModel* model);
void AnswerModel(http::Exchange& exchange, const ServedModel& model);       // GET …
void AnswerModelReady(http::Exchange& exchange, const ServedModel& model);  // GET …/ready

// The header Inference-Header-Content-Length: the length of the body's JSON part.
Result<std::optional<size_t>> JsonSizeOf(const http::Request& request);

// Appends the answer of POST …/infer, JSON or JSON and binary tensors behind it.
void AnswerInfer(http::Exchange& exchange, const ServedModel& model, const Rows& rows, std::span<const double> scores,
                 const InferRequest& request);

}  // namespace vigia::risk::oip
