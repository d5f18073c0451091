#include "drill/sink.h"

#include <cstdlib>

#include "base/text.h"
#include "http/server.h"

namespace vigia::drill {
namespace {

std::string Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

class HttpSink;

class Taker final : public http::Handler {
 public:
  explicit Taker(HttpSink& sink) : sink_(sink) {}
  void Handle(const http::Request& request, http::Response& response, const http::LoopState& loop) override;

 private:
  HttpSink& sink_;
};

class HttpSink final : public Sink {
 public:
  explicit HttpSink(const Clock& clock) : clock_(clock) {}
  HttpSink(const HttpSink&) = delete;
  HttpSink& operator=(const HttpSink&) = delete;
  ~HttpSink() override {
    if (server_ == nullptr) return;
    server_->Stop();
    server_->Join();
  }

  Status Begin() {
    http::ServerSettings settings;
    settings.loops = 1;
    server_ = TRY(http::Server::Start(
        settings, [this](unsigned) { return std::make_unique<Taker>(*this); }, clock_));
    return {};
  }
  void Take(std::string_view form) {
    const std::lock_guard lock(mutex_);
    pages_.push_back(ParseForm(form, clock_.Now()));
  }
  std::string url() const override { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/messages"; }
  std::vector<Page> pages() const override {
    const std::lock_guard lock(mutex_);
    return pages_;
  }

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<Page> pages_;  // guarded by mutex_
  std::unique_ptr<http::Server> server_;
};

void Taker::Handle(const http::Request& request, http::Response& response, const http::LoopState&) {
  if (request.fault == http::Fault::kNone) sink_.Take(request.body);
  response.body = "{}";
}

}  // namespace

Page ParseForm(std::string_view form, WallTime at) {
  Page page;
  page.at = at;
  for (const std::string_view field : Split(form, '&')) {
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos) continue;
    if (field.substr(0, equals) == "To") page.to = Decode(field.substr(equals + 1));
    if (field.substr(0, equals) == "Body") page.text = Decode(field.substr(equals + 1));
  }
  return page;
}

Result<std::unique_ptr<Sink>> Sink::Start(const Clock& clock) {
  auto sink = std::make_unique<HttpSink>(clock);
  TRY(sink->Begin());
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace vigia::drill
