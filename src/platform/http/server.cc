#include "http/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vigia::http {

namespace {

constexpr int kBacklog = 4096;
constexpr Duration kTicketKeysLive = std::chrono::hours(24);

socklen_t FillAddress(const Peer& host, uint16_t port, sockaddr_storage& address) {
  std::memset(&address, 0, sizeof(address));
  if (host.ToString().find(':') == std::string::npos) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, host.bytes.data() + 12, 4);
    return sizeof(v4);
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, host.bytes.data(), 16);
  return sizeof(v6);
}

Result<uint16_t> PortOf(const UniqueFd& fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return Error(Code::kInternal, "cannot read the listening port");
  }
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

// SO_REUSEPORT also lets another process bind the same port; a probe without it refuses that.
Status RefuseTakenPort(const sockaddr_storage& address, socklen_t length, const std::string& where) {
  UniqueFd probe(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0) return {};
  return Error(Code::kUnavailable, "cannot listen on " + where + ": " + std::strerror(errno));
}

Result<UniqueFd> Listen(const sockaddr_storage& address, socklen_t length, const std::string& where) {
  UniqueFd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
  if (!fd.valid() || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return Error(Code::kUnavailable, "cannot listen on " + where + ": " + std::strerror(errno));
  }
  return fd;
}

// The kernel grows a process's table of descriptors by doubling, and a process with threads waits some milliseconds
// each time, in the middle of an accept. Once, before anybody is served, is better. A limit below that is no error
// here.
void ReserveDescriptors(const UniqueFd& any, size_t count) {
  const UniqueFd highest(::fcntl(any.get(), F_DUPFD_CLOEXEC, static_cast<int>(std::min<size_t>(count, 1 << 20))));
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerSettings& settings, const HandlerFactory& make_handler,
                                              const Clock& clock) {
  const std::optional<Peer> host = ParsePeer(settings.host == "localhost" ? "127.0.0.1" : settings.host);
  if (!host) return Error(Code::kInvalidArgument, "the listening host is not an IP address");
  const std::string where = settings.host + ":" + std::to_string(settings.port);
  const unsigned count = settings.loops != 0 ? settings.loops : std::max(1U, std::thread::hardware_concurrency());
  sockaddr_storage address{};
  socklen_t length = FillAddress(*host, settings.port, address);
  if (settings.port != 0) TRY(RefuseTakenPort(address, length, where));

  std::unique_ptr<Server> server(new Server(clock));
  server->tls_files_ = settings.tls;
  if (!settings.tls.empty()) TRY(server->RenewTls());
  Loop::Options options{settings, std::max<size_t>(1, settings.max_connections / count),
                        (settings.max_streams + count - 1) / count, settings.tls.empty() ? nullptr : &server->tls_};
  for (unsigned i = 0; i < count; ++i) {
    UniqueFd listener = TRY(Listen(address, length, where));
    if (i == 0) {
      ReserveDescriptors(listener, settings.max_connections + 64);
      server->port_ = TRY(PortOf(listener));
      length = FillAddress(*host, server->port_, address);
    }
    server->handlers_.push_back(make_handler(i));
    server->loops_.push_back(std::make_unique<Loop>(options, std::move(listener), *server->handlers_.back(), clock));
  }
  // Signals are for the thread that started us.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (const auto& loop : server->loops_) server->threads_.emplace_back([&loop = *loop] { loop.Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return server;
}

Server::~Server() {
  Stop();
  Join();
}

Result<bool> Server::RenewTls() {
  if (tls_files_.empty()) return false;
  std::string stamp = tls_files_.Stamp();
  const MonoTime now = clock_.Mono();
  if (tls_.Get() != nullptr && stamp == tls_stamp_ && now - tls_read_ < kTicketKeysLive) return false;
  tls_stamp_ = std::move(stamp);
  tls_read_ = now;
  tls_.Set(TRY(TlsContext::Load(tls_files_)));
  return true;
}

void Server::Wake() {
  for (const auto& loop : loops_) loop->Wake();
}

void Server::Drain() {
  for (const auto& loop : loops_) loop->Drain();
}

void Server::Stop() {
  for (const auto& loop : loops_) loop->Stop();
}

void Server::Join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace vigia::http
