// TLS 1.2 and 1.3 for accepted connections: forward secrecy and authenticated encryption only, ALPN "http/1.1",
// stateless session tickets, no renegotiation. Wraps OpenSSL; nothing of it shows here.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace vigia::http {

// One connection's end of TLS. Used by one thread; ends before its socket.
class TlsSession {
 public:
  // A record is at most this large: a read with room for it leaves nothing behind that epoll cannot see.
  static constexpr size_t kRecordBytes = 16 * 1024;

  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // As recv and send do: -1 with errno EAGAIN when the socket must become ready first, with EPROTO when the peer
  // does not speak TLS. The first reads make the handshake.
  ssize_t Receive(char* bytes, size_t room);
  ssize_t Send(const char* bytes, size_t size);
  // After EAGAIN of Receive: the socket must become writable.
  bool wants_write() const { return wants_write_; }
  // Tells the peer that nothing more comes; best effort.
  void SayGoodbye();

 private:
  friend class TlsContext;
  struct Impl;
  explicit TlsSession(std::unique_ptr<Impl> impl);
  ssize_t Outcome(int result);

  std::unique_ptr<Impl> impl_;
  bool wants_write_ = false;
  bool broken_ = false;
};

struct TlsFiles {
  std::string certificate;  // both empty: plain HTTP
  std::string key;
  bool empty() const { return certificate.empty() && key.empty(); }
  // Another text when one of the files has become another; "" for what cannot be looked at.
  std::string Stamp() const;
};

// Certificate and key, shared by all loops. Thread-safe. Its sessions may outlive it.
class TlsContext {
 public:
  // PEM files below their paths: the certificate with its chain, and its private key, unencrypted. Errors name the
  // file, never its contents. kInvalidArgument: not PEM, or the key belongs to another certificate.
  static Result<std::shared_ptr<const TlsContext>> Load(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  std::unique_ptr<TlsSession> Accept(int socket) const;

 private:
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vigia::http
