#include "http/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace vigia::http {

struct TlsSession::Impl {
  SSL* ssl = nullptr;
  ~Impl() { SSL_free(ssl); }
};

struct TlsContext::Impl {
  SSL_CTX* context = nullptr;
  ~Impl() { SSL_CTX_free(context); }
};

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsSession::~TlsSession() = default;

ssize_t TlsSession::Outcome(int result) {
  const int before = errno;
  const int why = SSL_get_error(impl_->ssl, result);
  ERR_clear_error();
  wants_write_ = why == SSL_ERROR_WANT_WRITE;
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    errno = EAGAIN;
    return -1;
  }
  if (why == SSL_ERROR_ZERO_RETURN) return 0;
  broken_ = true;
  errno = why == SSL_ERROR_SYSCALL && before != 0 && before != EAGAIN ? before : EPROTO;
  return -1;
}

ssize_t TlsSession::Receive(char* bytes, size_t room) {
  errno = 0;
  const int count = SSL_read(impl_->ssl, bytes, static_cast<int>(std::min<size_t>(room, INT_MAX)));
  return count > 0 ? count : Outcome(count);
}

ssize_t TlsSession::Send(const char* bytes, size_t size) {
  errno = 0;
  const int count = SSL_write(impl_->ssl, bytes, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  return count > 0 ? count : Outcome(count);
}

void TlsSession::SayGoodbye() {
  if (broken_ || SSL_is_init_finished(impl_->ssl) == 0) return;
  broken_ = true;  // once
  SSL_shutdown(impl_->ssl);
  ERR_clear_error();
}

std::string TlsFiles::Stamp() const {
  std::string stamp;
  for (const std::string& path : {certificate, key}) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    stamp += fmt::format("{}.{}/{}/{} ", info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino);
  }
  return stamp;
}

namespace {

// RFC 7301: a client that offers protocols, and not ours, is told so.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                   unsigned int size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  for (unsigned int at = 0; at < size; at += 1U + offered[at]) {
    if (offered[at] != kOurs[0] || size - at < sizeof(kOurs) - 1) continue;
    if (std::memcmp(offered + at, kOurs, sizeof(kOurs) - 1) != 0) continue;
    *chosen = offered + at + 1;
    *length = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::Load(const TlsFiles& files) {
  const auto& [certificate, key] = files;
  if (certificate.empty() || key.empty()) {
    return Error(Code::kInvalidArgument, "TLS wants both a certificate and its key");
  }
  auto impl = std::make_unique<Impl>();
  impl->context = SSL_CTX_new(TLS_server_method());
  SSL_CTX* context = impl->context;
  CHECK(context != nullptr, "OpenSSL has no memory");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // A buffer that grows between two tries is the same data; an idle connection holds no buffers.
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // nothing that grows; tickets resume
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  // A key behind a passphrase is refused, not asked for on a terminal that nobody looks at.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  const bool has_certificate = SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1;
  const bool has_key = has_certificate && SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  const bool fits = has_key && SSL_CTX_check_private_key(context) == 1;
  ERR_clear_error();
  if (!has_certificate) return Error(Code::kInvalidArgument, certificate + ": is not a readable PEM certificate");
  if (!fits) return Error(Code::kInvalidArgument, key + ": is not the readable PEM key of the certificate");
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(impl)));
}

std::unique_ptr<TlsSession> TlsContext::Accept(int socket) const {
  auto impl = std::make_unique<TlsSession::Impl>();
  impl->ssl = SSL_new(impl_->context);
  CHECK(impl->ssl != nullptr && SSL_set_fd(impl->ssl, socket) == 1, "OpenSSL has no memory");
  SSL_set_accept_state(impl->ssl);
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(impl)));
}

}  // namespace vigia::http
