// What an HTTP peer's answer means for a message. Pure.
#pragma once

#include "net/http_client.h"
#include "notify/message.h"

namespace vigia::notify {

// 2xx: delivered. 408, 425, 429, 5xx and broken connections: try again (with Retry-After, when it is
// in seconds). Everything else, redirects too, is final.
Receipt ToReceipt(const std::string& message, const Result<net::HttpResponse>& response);

// POST of JSON with the message's id as Idempotency-Key.
net::HttpRequest JsonPost(const std::string& url, const Message& message, const Json& body);

}  // namespace vigia::notify
