#include "http/tls.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/files.h"
#include "base/temp_folder.h"
#include "http/event_stream.h"
#include "http/server.h"
#include "http/test_client.h"

namespace vigia::http {
namespace {

using std::chrono::seconds;

std::string Pem(const std::function<int(BIO*)>& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(write(bio), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

// A certificate that signed itself, with this serial number.
void MakeCertificate(const TlsFiles& files, int serial) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  SystemFiles system;
  EXPECT_TRUE(
      system.Write(files.certificate, Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); })).ok());
  EXPECT_TRUE(system
                  .Write(files.key, Pem([&](BIO* bio) {
                           return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
                         }))
                  .ok());
  X509_free(certificate);
  EVP_PKEY_free(key);
}

struct ClientOptions {
  int version = 0;  // 0: any
  std::string_view protocols = {};
  SSL_SESSION* resume = nullptr;
};

class TlsClient {
 public:
  explicit TlsClient(uint16_t port, const ClientOptions& options = {}) : client_(port) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context_, 0);
    ssl_ = SSL_new(context_);
    SSL_set_min_proto_version(ssl_, options.version);
    SSL_set_max_proto_version(ssl_, options.version);
    if (!options.protocols.empty()) {
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(options.protocols.data()),
                          static_cast<unsigned>(options.protocols.size()));
    }
    if (options.resume != nullptr) SSL_set_session(ssl_, options.resume);
    SSL_set_fd(ssl_, client_.descriptor());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    if (connected_) SSL_shutdown(ssl_);  // or its session would count as broken
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  SSL* ssl() { return ssl_; }
  long Serial() const {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    const long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    return serial;
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const int count = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
      ASSERT_GT(count, 0);
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  std::string ReadThrough(std::string_view end) {
    size_t at = 0;
    while ((at = buffer_.find(end)) == std::string::npos && Fill()) continue;
    if (at == std::string::npos) return std::exchange(buffer_, {});
    std::string text = buffer_.substr(0, at + end.size());
    buffer_.erase(0, at + end.size());
    return text;
  }
  std::string ReadAll() {
    while (Fill()) continue;
    return std::exchange(buffer_, {});
  }
  std::string Get(std::string_view target) {
    Send("GET " + std::string(target) + " HTTP/1.1\r\nHost: t\r\n\r\n");
    const std::string head = ReadThrough("\r\n\r\n");
    return head + ReadThrough("!");
  }

 private:
  bool Fill() {
    char bytes[65536];
    const int count = SSL_read(ssl_, bytes, sizeof(bytes));
    if (count > 0) buffer_.append(bytes, static_cast<size_t>(count));
    return count > 0;
  }

  TestClient client_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
  std::string buffer_;
};

class WordHandler final : public Handler {
 public:
  void Handle(const Request& request, Response& response, const LoopState&) override {
    if (request.fault != Fault::kNone) response.status = request.fault == Fault::kTimeout ? 408 : 400;
    response.body = request.path == "/echo" ? std::string(request.body) : "word!";
    if (request.path != "/events") return;
    response.stream = std::make_shared<EventStream>();
    response.stream->Publish("data: one!\n\n");
    response.stream->Publish("data: " + std::string(100'000, 'x') + "!\n\n");
    response.stream->End();
  }
};

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    MakeCertificate(files_, 1);
    settings_.loops = 1;
    settings_.tls = files_;
    auto started = Serve();
    ASSERT_TRUE(started.ok()) << started.error().message();
    server_ = std::move(started).value();
  }
  Result<std::unique_ptr<Server>> Serve() {
    return Server::Start(
        settings_, [](unsigned) { return std::make_unique<WordHandler>(); }, clock_);
  }

  TempFolder folder_;
  TlsFiles files_{folder_.path() + "/c.pem", folder_.path() + "/k.pem"};
  FakeClock clock_{WallTime(seconds(1'800'000'000))};
  ServerSettings settings_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, SpeaksTheTwoVersionsAndNoOlderOne) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_->port(), {.version = version});
    ASSERT_TRUE(client.connected()) << version;
    EXPECT_EQ(SSL_version(client.ssl()), version);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Get("/").substr(0, 15), "HTTP/1.1 200 OK");
  }
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    EXPECT_FALSE(TlsClient(server_->port(), {.version = version}).connected()) << version;
  }
}

TEST_F(TlsTest, AgreesOnHttp11OrOnNothing) {
  struct Case {
    std::string_view offered;
    bool connected;
  };
  const Case cases[] = {
      {"\x08http/1.1", true}, {"\x02h2\x08http/1.1", true}, {"\x02h2", false}, {"\x08http/1.0", false}};
  for (const Case& c : cases) {
    TlsClient client(server_->port(), {.protocols = c.offered});
    ASSERT_EQ(client.connected(), c.connected) << c.offered;
    if (!c.connected) continue;
    const unsigned char* chosen = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(client.ssl(), &chosen, &length);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), length), "http/1.1");
  }
}

TEST_F(TlsTest, LargeBodiesBothWays) {
  TlsClient client(server_->port());
  std::string body;
  for (int i = 0; i < 70'000; ++i) body += std::to_string(i) + ",";
  body += "!";
  for (int i = 0; i < 5; ++i) {
    client.Send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  for (int i = 0; i < 5; ++i) {
    client.ReadThrough("\r\n\r\n");
    ASSERT_EQ(client.ReadThrough("!"), body) << i;
  }
}

TEST_F(TlsTest, StreamsOfEventsPassThrough) {
  TlsClient client(server_->port());
  client.Send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_NE(client.ReadThrough("\r\n\r\n").find("text/event-stream"), std::string::npos);
  EXPECT_EQ(client.ReadThrough("\n\n"), "data: one!\n\n");
  EXPECT_EQ(client.ReadThrough("\n\n").size(), 100'009U);
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(TlsTest, ATicketResumesWithoutAFullHandshake) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_SESSION* session = nullptr;
    {
      TlsClient first(server_->port(), {.version = version});
      first.Get("/");  // a ticket of TLS 1.3 comes behind the handshake
      session = SSL_get1_session(first.ssl());
      EXPECT_EQ(SSL_session_reused(first.ssl()), 0);
    }
    TlsClient second(server_->port(), {.version = version, .resume = session});
    EXPECT_TRUE(second.connected());
    EXPECT_EQ(SSL_session_reused(second.ssl()), 1) << version;
    SSL_SESSION_free(session);
  }
}

TEST_F(TlsTest, WhatIsNotTlsIsLetGo) {
  for (const std::string& bytes : {std::string("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), std::string(5000, '\0'),
                                   "\x16\x03\x01\xff\xff" + std::string(100, 'x')}) {
    TestClient client(server_->port());
    client.Send(bytes);
    client.FinishSending();
    EXPECT_EQ(client.ReadThrough("HTTP/1.1").find("HTTP/1.1"), std::string::npos);
  }
  TestClient silent(server_->port());
  TlsClient other(server_->port());
  EXPECT_EQ(other.Get("/").substr(0, 12), "HTTP/1.1 200");
  clock_.Advance(seconds(6));
  server_->Wake();
  EXPECT_TRUE(silent.AtEnd());
}

TEST_F(TlsTest, ASlowBodyIsTimedOut) {
  TlsClient slow(server_->port());
  slow.Send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab");
  TlsClient other(server_->port());
  other.Get("/");
  clock_.Advance(seconds(6));
  server_->Wake();
  EXPECT_EQ(slow.ReadAll().substr(0, 12), "HTTP/1.1 408");
}

TEST_F(TlsTest, FollowsTheFilesOfItsCertificate) {
  TlsClient old(server_->port());
  EXPECT_EQ(old.Serial(), 1);
  EXPECT_FALSE(server_->RenewTls().value());
  MakeCertificate(files_, 2);
  EXPECT_TRUE(server_->RenewTls().value());
  EXPECT_FALSE(server_->RenewTls().value());
  EXPECT_EQ(TlsClient(server_->port()).Serial(), 2);
  EXPECT_EQ(old.Get("/").substr(0, 12), "HTTP/1.1 200");
  // What is being written, or was written wrongly, changes nothing, and is said once.
  SystemFiles system;
  ASSERT_TRUE(system.Write(files_.certificate, "-----BEGIN CERTIFICATE-----\n").ok());
  const Result<bool> refused = server_->RenewTls();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("c.pem: "), std::string::npos);
  EXPECT_FALSE(server_->RenewTls().value());
  EXPECT_EQ(TlsClient(server_->port()).Serial(), 2);
  MakeCertificate(files_, 3);
  EXPECT_TRUE(server_->RenewTls().value());
  EXPECT_EQ(TlsClient(server_->port()).Serial(), 3);
  clock_.Advance(std::chrono::hours(25));  // new keys for tickets
  EXPECT_TRUE(server_->RenewTls().value());
}

TEST_F(TlsTest, RefusesFilesThatDoNotFit) {
  const TlsFiles other{folder_.path() + "/other.pem", folder_.path() + "/other.key"};
  MakeCertificate(other, 9);
  struct Case {
    TlsFiles files;
    std::string_view message;
  };
  const Case cases[] = {{{files_.certificate, other.key}, "other.key: is not the readable PEM key of the certificate"},
                        {{files_.key, files_.key}, "k.pem: is not a readable PEM certificate"},
                        {{"missing.pem", files_.key}, "missing.pem: is not a readable PEM certificate"},
                        {{files_.certificate, "missing.key"}, "missing.key: is not"},
                        {{files_.certificate, ""}, "TLS wants both a certificate and its key"},
                        {{"", files_.key}, "TLS wants both a certificate and its key"}};
  for (const Case& c : cases) {
    settings_.tls = c.files;
    const auto started = Serve();
    ASSERT_FALSE(started.ok()) << c.message;
    EXPECT_NE(started.error().message().find(c.message), std::string::npos) << started.error().message();
  }
}

}  // namespace
}  // namespace vigia::http
