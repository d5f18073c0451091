// HTTP as a client.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigia::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http:// or https://
  Headers headers;
  std::string body;
  Duration timeout = std::chrono::seconds(10);  // of everything: name, connection, answer
  size_t max_body = 4 * 1024 * 1024;            // bytes kept of the answer; a longer one is cut and marked
  std::string ca_file;                          // empty: the system's; certificates are always verified
  std::stop_token stop;
};

struct HttpResponse {
  int status = 0;
  Headers headers;  // names in lower case
  std::string body;
  bool truncated = false;
  Duration took{};
  std::optional<WallTime> certificate_expires;  // of a TLS peer
};

// Thread-safe. Redirects are not followed.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any status is an answer. Errors:
  //   kInvalidArgument   the URL; nothing was sent
  //   kUnavailable       no connection (name, refused, TLS): the request surely did not arrive
  //   kDeadlineExceeded  timeout or stop: it may have arrived
  //   kDataLoss          the connection broke after sending began: it may have arrived
  virtual Result<HttpResponse> Send(const HttpRequest& request) = 0;
};

// Over libcurl.
std::unique_ptr<HttpClient> MakeHttpClient();

// Answers by a function that the test gives, and remembers what was asked. Thread-safe.
class FakeHttpClient final : public HttpClient {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;
  explicit FakeHttpClient(Answer answer) : answer_(std::move(answer)) {}

  Result<HttpResponse> Send(const HttpRequest& request) override {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    return answer_(request);
  }
  std::vector<HttpRequest> Requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
};

}  // namespace vigia::net
