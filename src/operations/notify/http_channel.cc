#include "notify/http_channel.h"

#include "notify/http_receipt.h"

namespace vigia::notify {
namespace {

class HttpChannel final : public Channel {
 public:
  HttpChannel(std::string name, ToRequest to_request, net::HttpClient& client)
      : name_(std::move(name)), to_request_(std::move(to_request)), client_(client) {}

  const std::string& name() const override { return name_; }
  Receipt Send(const Message& message) override { return ToReceipt(message.id, client_.Send(to_request_(message))); }

 private:
  const std::string name_;
  const ToRequest to_request_;
  net::HttpClient& client_;
};

}  // namespace

std::unique_ptr<Channel> MakeHttpChannel(std::string name, ToRequest to_request, const ChannelWorld& world) {
  return std::make_unique<HttpChannel>(std::move(name), std::move(to_request), world.http);
}

}  // namespace vigia::notify
