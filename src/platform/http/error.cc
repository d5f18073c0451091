#include "base/text.h"
#include "http/stage.h"

namespace vigia::http {

int StatusOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return 422;
    case Code::kNotFound: return 404;
    case Code::kAlreadyExists: return 409;
    case Code::kFailedPrecondition: return 409;
    case Code::kPermissionDenied: return 403;
    case Code::kResourceExhausted: return 503;
    case Code::kUnavailable: return 503;
    case Code::kDeadlineExceeded: return 504;
    case Code::kDataLoss: return 500;
    case Code::kInternal: return 500;
  }
  return 500;
}

std::string_view ErrorCodeOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return "INVALID_ARGUMENT";
    case Code::kNotFound: return "NOT_FOUND";
    case Code::kAlreadyExists: return "ALREADY_EXISTS";
    case Code::kFailedPrecondition: return "FAILED_PRECONDITION";
    case Code::kPermissionDenied: return "FORBIDDEN";
    case Code::kResourceExhausted: return "RESOURCE_EXHAUSTED";
    case Code::kUnavailable: return "UNAVAILABLE";
    case Code::kDeadlineExceeded: return "DEADLINE_EXCEEDED";
    case Code::kDataLoss: return "DATA_LOSS";
    case Code::kInternal: return "INTERNAL";
  }
  return "INTERNAL";
}

void AnswerError(Exchange& exchange, const Error& error) {
  AnswerError(exchange, StatusOf(error.code()), ErrorCodeOf(error.code()), error.message());
}

void AnswerError(Exchange& exchange, int status, std::string_view code, std::string_view message) {
  Response& response = exchange.response;
  response.status = status;
  response.content_type = "application/json";
  exchange.error_code = code;
  std::string& body = response.body;
  body.clear();
  switch (exchange.route != nullptr ? exchange.route->errors : ErrorShape::kVigia) {
    case ErrorShape::kVigia:
      body += "{\"detail\": ";
      AppendJsonString(body, message);
      body += ", \"error\": {\"code\": ";
      AppendJsonString(body, code);
      body += ", \"message\": ";
      AppendJsonString(body, message);
      body += ", \"request_id\": ";
      AppendJsonString(body, exchange.request_id);
      body += "}}";
      return;
    case ErrorShape::kOip:
      body += "{\"error\": ";
      AppendJsonString(body, message);
      body += "}";
      return;
    case ErrorShape::kMlflow:
      body += "{\"error_code\": ";
      AppendJsonString(body, code);
      body += ", \"message\": ";
      AppendJsonString(body, message);
      body += "}";
      return;
  }
}

}  // namespace vigia::http
