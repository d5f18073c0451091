#include "notify/http_receipt.h"

#include "base/text.h"

namespace vigia::notify {

Receipt ToReceipt(const std::string& message, const Result<net::HttpResponse>& response) {
  Receipt receipt;
  receipt.message = message;
  if (!response.ok()) {
    receipt.final = response.error().code() == Code::kInvalidArgument;
    receipt.error = response.error().message();
    return receipt;
  }
  const int status = response->status;
  receipt.delivered = status >= 200 && status < 300;
  if (receipt.delivered) return receipt;
  receipt.error = "answered " + std::to_string(status);
  receipt.final = status < 500 && status != 408 && status != 425 && status != 429;
  for (const auto& [name, value] : response->headers) {
    const auto seconds = name == "retry-after" ? ParseInteger(value) : std::nullopt;
    if (seconds && *seconds >= 0 && *seconds < 1'000'000) receipt.retry_after = std::chrono::seconds(*seconds);
  }
  return receipt;
}

net::HttpRequest JsonPost(const std::string& url, const Message& message, const Json& body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", message.id}, {"User-Agent", "vigia"}};
  request.body = CompactJson(body);
  return request;
}

}  // namespace vigia::notify
