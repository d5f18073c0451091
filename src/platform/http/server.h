// The loops of one port. Start and stop from one thread; embeddable in tests (port 0).
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/handler.h"
#include "http/loop.h"
#include "http/settings.h"

namespace vigia::http {

class Server {
 public:
  // Binds, and starts one thread per loop. The clock outlives the server; handlers belong to it and
  // are destroyed after their loops have ended.
  static Result<std::unique_ptr<Server>> Start(const ServerSettings& settings, const HandlerFactory& make_handler,
                                               const Clock& clock);
  // Stops, if nobody did.
  ~Server();

  uint16_t port() const { return port_; }
  unsigned loops() const { return static_cast<unsigned>(loops_.size()); }
  const LoopStats& stats(unsigned loop) const { return loops_[loop]->stats(); }

  // When the files of the certificate have changed, or a day has passed (the keys of session tickets live no longer):
  // reads them, for connections accepted from now on. True: they are in force. On an error the old ones stay, until the
  // files change again. From the thread that started the server; cheap when there is nothing to do.
  Result<bool> RenewTls();

  void Wake();   // after a fake clock was moved
  void Drain();  // asks; returns at once
  void Stop();   // asks; returns at once
  void Join();   // until all loops have ended

 private:
  explicit Server(const Clock& clock) : clock_(clock) {}

  const Clock& clock_;
  TlsFiles tls_files_;
  std::string tls_stamp_;
  MonoTime tls_read_{};
  Live<TlsContext> tls_;  // no value: plain HTTP
  uint16_t port_ = 0;
  std::vector<std::unique_ptr<Handler>> handlers_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace vigia::http
