#include "net/certificate.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "net/dial.h"

namespace vigia::net {
namespace {

using Steady = std::chrono::steady_clock;

template <auto Function>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Free<SSL_free>>;

Result<WallTime> ExpiryOf(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) {
    return Error(Code::kInvalidArgument, "the certificate's end cannot be read");
  }
  return WallTime(std::chrono::seconds(::timegm(&end)));
}

}  // namespace

Result<WallTime> CertificateExpiry(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<size_t>(pem.size(), 1 << 20))));
  const Certificate certificate(bio == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return Error(Code::kInvalidArgument, "there is no certificate in PEM form");
  return ExpiryOf(certificate.get());
}

Result<WallTime> PeerCertificateExpiry(const std::string& host, uint16_t port, const std::string& server_name,
                                       Duration timeout) {
  const auto deadline = Steady::now() + timeout;
  const UniqueFd fd = TRY(Dial(host, port, timeout));
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Session session(context == nullptr ? nullptr : SSL_new(context.get()));
  if (session == nullptr || SSL_set_fd(session.get(), fd.get()) != 1) {
    return Error(Code::kResourceExhausted, "cannot begin a TLS session");
  }
  std::string name = server_name;  // SSL_set_tlsext_host_name, without its cast
  if (!name.empty()) SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  while (true) {
    const int done = SSL_connect(session.get());
    if (done == 1) break;
    const int why = SSL_get_error(session.get(), done);
    // A server that asks for a certificate of ours has shown its own by then.
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
      if (SSL_get0_peer_certificate(session.get()) != nullptr) break;
      return Error(Code::kDataLoss, "the TLS handshake with '" + host + "' failed");
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count() + 1;
    pollfd waiting{fd.get(), static_cast<short>(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left, 600'000))) == 0) {
      return Error(Code::kDeadlineExceeded, "the TLS handshake with '" + host + "' took too long");
    }
  }
  const X509* certificate = SSL_get0_peer_certificate(session.get());
  if (certificate == nullptr) return Error(Code::kDataLoss, "'" + host + "' shows no certificate");
  return ExpiryOf(certificate);
}

}  // namespace vigia::net
