#include <curl/curl.h>

#include <cstring>
#include <mutex>

#include "net/mail.h"

namespace vigia::net {
namespace {

size_t OnRead(char* buffer, size_t size, size_t count, void* user) {
  std::string_view& left = *static_cast<std::string_view*>(user);
  const size_t bytes = std::min(size * count, left.size());
  std::memcpy(buffer, left.data(), bytes);
  left.remove_prefix(bytes);
  return bytes;
}

// The server's answer code says more than libcurl's own. Its text is left out: it may repeat addresses.
Error Translate(CURLcode code, long answer) {
  const std::string said = answer > 0 ? " (the server said " + std::to_string(answer) + ")" : "";
  const std::string message = std::string("mail was not sent: ") + curl_easy_strerror(code) + said;
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return Error(Code::kInvalidArgument, message);
    case CURLE_LOGIN_DENIED: return Error(Code::kPermissionDenied, message);
    case CURLE_OPERATION_TIMEDOUT: return Error(Code::kDeadlineExceeded, message);
    default: return Error(answer >= 500 ? Code::kInvalidArgument : Code::kUnavailable, message);
  }
}

// "<a@b>", with nothing in it that could end the command.
std::string Angle(const std::string& address) {
  std::string text = "<";
  for (const char c : address) {
    if (static_cast<unsigned char>(c) > 0x20 && c != '<' && c != '>') text += c;
  }
  return text + ">";
}

class CurlMailClient final : public MailClient {
 public:
  Status Send(const MailServer& server, const Mail& mail) override {
    const std::unique_ptr<CURL, CurlDeleter> handle(curl_easy_init());
    const std::unique_ptr<curl_slist, ListDeleter> recipients(curl_slist_append(nullptr, Angle(mail.to).c_str()));
    if (handle == nullptr || recipients == nullptr) return Error(Code::kResourceExhausted, "cannot make a mail client");
    const std::string text = ComposeMail(mail);
    std::string_view left = text;
    Prepare(handle.get(), server);
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_FROM, Angle(mail.from).c_str());
    curl_easy_setopt(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(handle.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle.get(), CURLOPT_READFUNCTION, OnRead);
    curl_easy_setopt(handle.get(), CURLOPT_READDATA, &left);
    const CURLcode code = curl_easy_perform(handle.get());
    if (code == CURLE_OK) return {};
    long answer = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer);
    return Translate(code, answer);
  }

 private:
  static void Prepare(CURL* handle, const MailServer& server) {
    const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(server.timeout).count();
    curl_easy_setopt(handle, CURLOPT_URL, server.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_USE_SSL,
                     static_cast<long>(server.tls == MailServer::Tls::kRequired ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (!server.username.empty()) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, server.username.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, server.password.Reveal().c_str());
    }
    if (!server.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, server.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(timeout, 1)));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
  }
};

}  // namespace

std::unique_ptr<MailClient> MakeMailClient() {
  static std::once_flag once;  // libcurl's own global state, which it asks to be set up once
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return std::make_unique<CurlMailClient>();
}

}  // namespace vigia::net
