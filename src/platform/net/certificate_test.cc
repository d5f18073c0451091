#include "net/certificate.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <memory>
#include <thread>

#include "net/dial.h"

namespace vigia::net {
namespace {

// A self-signed certificate that ends `seconds` from now.
struct Identity {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();

  explicit Identity(long seconds) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), seconds);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::string Pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string pem(data, static_cast<size_t>(size));
    BIO_free(bio);
    return pem;
  }
};

// Listens on a free port.
struct Listener {
  UniqueFd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  uint16_t port = 0;
  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd.get(), 8), 0);
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
};

double SecondsLeft(WallTime end) { return std::chrono::duration<double>(end - SystemClock().Now()).count(); }

TEST(CertificateTest, ReadsPem) {
  const auto valid = CertificateExpiry(Identity(86'400).Pem());
  ASSERT_TRUE(valid.ok());
  EXPECT_NEAR(SecondsLeft(*valid), 86'400, 60);
  const auto expired = CertificateExpiry(Identity(-3'600).Pem());
  ASSERT_TRUE(expired.ok());
  EXPECT_NEAR(SecondsLeft(*expired), -3'600, 60);
}

TEST(CertificateTest, RefusesWhatIsNone) {
  for (const char* text : {"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_FALSE(CertificateExpiry(text).ok()) << text;
  }
}

TEST(CertificateTest, ReadsAServersEvenWhenExpired) {
  const Identity identity(-600);
  const Listener listener;
  std::thread server([&] {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_num_tickets(context, 0);  // or it would write to a client that has left
    SSL_CTX_use_certificate(context, identity.certificate);
    SSL_CTX_use_PrivateKey(context, identity.key);
    const UniqueFd client(::accept(listener.fd.get(), nullptr, nullptr));
    SSL* session = SSL_new(context);
    SSL_set_fd(session, client.get());
    SSL_accept(session);
    SSL_free(session);
    SSL_CTX_free(context);
  });
  const auto end = PeerCertificateExpiry("127.0.0.1", listener.port, "localhost", std::chrono::seconds(10));
  server.join();
  ASSERT_TRUE(end.ok()) << end.error().message();
  EXPECT_NEAR(SecondsLeft(*end), -600, 60);
}

TEST(CertificateTest, GivesUpOnASilentServer) {
  const Listener listener;  // the kernel accepts; nobody shakes hands
  const auto end = PeerCertificateExpiry("127.0.0.1", listener.port, "", std::chrono::milliseconds(50));
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().code(), Code::kDeadlineExceeded);
}

TEST(DialTest, TellsRefusedAndUnknown) {
  uint16_t closed = 0;
  { closed = Listener().port; }
  for (const char* host : {"127.0.0.1", "no-such-host.invalid"}) {
    const auto connection = Dial(host, closed, std::chrono::seconds(5));
    ASSERT_FALSE(connection.ok()) << host;
    EXPECT_EQ(connection.error().code(), Code::kUnavailable) << host;
  }
  const Listener listener;
  EXPECT_TRUE(Dial("127.0.0.1", listener.port, std::chrono::seconds(5)).ok());
}

}  // namespace
}  // namespace vigia::net
