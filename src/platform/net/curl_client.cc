#include <curl/curl.h>

#include <cctype>
#include <mutex>

#include "base/text.h"
#include "net/curl_handles.h"
#include "net/http_client.h"

namespace vigia::net {
namespace {

// What the callbacks fill.
struct Transfer {
  const HttpRequest& request;
  HttpResponse response;
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const size_t bytes = size * count;
  std::string& body = transfer.response.body;
  const size_t kept = std::min(bytes, transfer.request.max_body - std::min(transfer.request.max_body, body.size()));
  body.append(data, kept);
  if (kept < bytes) transfer.response.truncated = true;
  return transfer.response.truncated ? 0 : bytes;  // 0 ends the transfer
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  if (line.substr(0, 5) == "HTTP/") transfer.response.headers.clear();  // of the last answer, not of 100 Continue
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.response.headers.emplace_back(ToLowerAscii(Trim(line.substr(0, colon))), Trim(line.substr(colon + 1)));
  }
  return size * count;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->request.stop.stop_requested() ? 1 : 0;
}

Error Translate(CURLcode code, const char* detail) {
  const std::string message = std::string("HTTP request failed: ") + (*detail != 0 ? detail : curl_easy_strerror(code));
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return Error(Code::kInvalidArgument, message);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return Error(Code::kUnavailable, message);
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_OPERATION_TIMEDOUT: return Error(Code::kDeadlineExceeded, message);
    default: return Error(Code::kDataLoss, message);
  }
}

std::optional<WallTime> CertificateEnd(CURL* handle) {
  curl_certinfo* info = nullptr;
  if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &info) != CURLE_OK || info == nullptr || info->num_of_certs < 1) {
    return std::nullopt;
  }
  constexpr std::string_view kPrefix = "Expire date:";
  for (const curl_slist* entry = info->certinfo[0]; entry != nullptr; entry = entry->next) {
    const std::string_view text = entry->data;
    if (text.substr(0, kPrefix.size()) != kPrefix) continue;
    const time_t seconds = curl_getdate(std::string(text.substr(kPrefix.size())).c_str(), nullptr);
    if (seconds >= 0) return WallTime(std::chrono::seconds(seconds));
  }
  return std::nullopt;
}

class CurlClient final : public HttpClient {
 public:
  Result<HttpResponse> Send(const HttpRequest& request) override {
    const std::unique_ptr<CURL, CurlDeleter> handle(curl_easy_init());
    if (handle == nullptr) return Error(Code::kResourceExhausted, "cannot make an HTTP client");
    std::unique_ptr<curl_slist, ListDeleter> headers;
    for (const auto& [name, value] : request.headers) {
      curl_slist* longer = curl_slist_append(headers.get(), (name + ": " + value).c_str());
      if (longer == nullptr) return Error(Code::kResourceExhausted, "out of memory");
      static_cast<void>(headers.release());
      headers.reset(longer);
    }
    Transfer transfer{request, {}};
    std::string detail(CURL_ERROR_SIZE, '\0');
    Prepare(handle.get(), headers.get(), transfer, detail);
    const auto started = std::chrono::steady_clock::now();
    const CURLcode code = curl_easy_perform(handle.get());
    transfer.response.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
    const bool cut = code == CURLE_WRITE_ERROR && transfer.response.truncated;
    if (code != CURLE_OK && !cut) return TimedOutConnecting(handle.get(), code, detail.c_str());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    transfer.response.certificate_expires = CertificateEnd(handle.get());
    return std::move(transfer.response);
  }

 private:
  static void Prepare(CURL* handle, curl_slist* headers, Transfer& transfer, std::string& detail) {
    const HttpRequest& request = transfer.request;
    const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(request.timeout).count();
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(handle, CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
    if (!request.body.empty()) {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(timeout, 1)));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");  // what we watch is asked directly
    curl_easy_setopt(handle, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    if (!request.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail.data());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnProgress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
  }

  // A timeout before the request went out is the milder error: it surely did not arrive.
  static Error TimedOutConnecting(CURL* handle, CURLcode code, const char* detail) {
    curl_off_t began = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &began);
    if (code == CURLE_OPERATION_TIMEDOUT && began == 0) code = CURLE_COULDNT_CONNECT;
    return Translate(code, detail);
  }
};

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient() {
  static std::once_flag once;  // libcurl's own global state, which it asks to be set up once
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return std::make_unique<CurlClient>();
}

}  // namespace vigia::net
