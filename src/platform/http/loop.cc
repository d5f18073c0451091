#include "http/loop_impl.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace vigia::http {

namespace {

// A turn's time for those who have not been served before. Each accepting, answering or closing takes some 10 µs.
constexpr Duration kNewcomersTime = std::chrono::microseconds(30);
// How long to wait for requests when what was left to rest is used up, before asking again.
constexpr std::optional<Duration> kToEarnARest = std::chrono::milliseconds(1);

// Of a timeout of epoll_wait (-1: none) and a wish.
int Sooner(int timeout_ms, std::optional<Duration> wished) {
  if (!wished) return timeout_ms;
  const auto wished_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*wished).count());
  return timeout_ms < 0 ? wished_ms : std::min(timeout_ms, wished_ms);
}

Peer PeerOf(const sockaddr_storage& address) {
  Peer peer;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    peer.bytes[10] = peer.bytes[11] = 0xff;
    std::memcpy(peer.bytes.data() + 12, &v4.sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    std::memcpy(peer.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
  }
  return peer;
}

std::array<Duration, kLimitKinds> Durations(const ServerSettings& settings) {
  return {Duration(0),
          settings.idle_timeout,
          settings.head_timeout,
          settings.head_timeout,
          settings.request_timeout,
          settings.write_timeout,
          settings.linger_timeout,
          settings.stream_keep_alive};
}

}  // namespace

Loop::Impl::Impl(Options options, UniqueFd listener, Handler& handler, const Clock& clock)
    : options_(std::move(options)),
      listener_(std::move(listener)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      newcomers_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      spare_(::eventfd(0, EFD_CLOEXEC)),
      inbox_(std::make_shared<StreamInbox>(wake_.get())),
      handler_(handler),
      clock_(clock),
      timers_(Durations(options_.server)),
      scratch_(new char[kReadBytes + kBodyPadding]()) {
  CHECK(epoll_.valid() && newcomers_.valid() && wake_.valid(), "an event loop needs epoll and eventfd descriptors");
  for (UniqueFd* watched : {&listener_, &wake_, &newcomers_}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = watched;
    CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watched->get(), &event) == 0, "an event loop cannot watch its own");
  }
}

Loop::Impl::~Impl() { inbox_->Close(); }

void Loop::Impl::Wake() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop will wake anyway.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
}

void Loop::Impl::Run() {
  now_ = looked_ = crowd_.looked = clock_.Mono();
  while (!stop_wanted_.load(std::memory_order_acquire)) {
    Turn(WaitMilliseconds());
    if (!state_.draining && draining_wanted_.load(std::memory_order_acquire)) BeginDrain();
    if (state_.draining) {
      CloseIdle();
      if (connections_.empty() || now_ >= drain_until_) break;
    }
  }
  handler_.EndTurn();
  while (!connections_.empty()) Close(*connections_.back());
  closed_.clear();
}

int Loop::Impl::WaitMilliseconds() {
  if (!resumed_.empty() || crowd_.waiting()) return 0;
  std::optional<MonoTime> next = timers_.Next();
  if (state_.draining && (!next || drain_until_ < *next)) next = drain_until_;
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.Mono()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

bool Loop::Impl::Wait(int timeout_ms, std::span<epoll_event> events, int& count) {
  // Asked first without waiting, so that the loop knows whether requests had to wait for it.
  count = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, 0);
  if (count != 0 || timeout_ms == 0) return count == 0;
  MonoTime begun = clock_.Mono();
  for (;;) {
    const std::optional<Duration> again = rest_.left() ? handler_.Rest() : kToEarnARest;
    if (again != Duration(0)) {
      timeout_ms = Sooner(timeout_ms, again);
      break;
    }
    looked_ = clock_.Mono();
    rest_.Rested(looked_ - std::exchange(begun, looked_));
    count = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, 0);
    if (count != 0) return false;
  }
  count = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, timeout_ms);
  rest_.Waited(clock_.Mono() - begun);
  return true;
}

void Loop::Impl::Turn(int timeout_ms) {
  std::array<epoll_event, kMaxEvents> events;
  int count = 0;
  const bool idle = Wait(timeout_ms, events, count);
  now_ = state_.turn_began = clock_.Mono();
  state_.arrived_after = idle ? now_ : looked_;
  if (count < kMaxEvents) looked_ = now_;  // all that was ready is handled in this turn
  if (idle && !crowd_.waiting()) crowd_.looked = now_;
  stats_.turns.Add();
  const WallTime wall = clock_.Now();
  if (date_.empty() || wall < date_at_ || wall - date_at_ >= std::chrono::seconds(1)) {
    date_at_ = std::chrono::floor<std::chrono::seconds>(wall);
    date_ = FormatHttpDate(wall);
  }
  std::vector<Connection*> resumed;
  resumed.swap(resumed_);
  for (Connection* connection : resumed) {
    if (connection->state == Connection::State::kOpen) AnswerBuffered(*connection);
  }
  bool calls = false;
  bool newcomers = crowd_.waiting();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.ptr == &listener_) {
      calls = true;
    } else if (event.data.ptr == &newcomers_) {
      newcomers = true;
    } else if (event.data.ptr == &wake_) {
      uint64_t ignored = 0;
      [[maybe_unused]] const ssize_t read = ::read(wake_.get(), &ignored, sizeof(ignored));
      TellStreams();
    } else {
      auto& connection = *static_cast<Connection*>(event.data.ptr);
      if (connection.state != Connection::State::kClosed) OnEvent(connection, event.events);
    }
  }
  SendAnswers();
  ServeNewcomers(calls, newcomers);
  if (!crowd_.waiting()) closed_.clear();
}

// One thing of each kind at a time, and its answer with it, until the time is up: what is left waits for the next turn,
// behind the requests of those who have been served before.
void Loop::Impl::ServeNewcomers(bool calls, bool newcomers) {
  now_ = state_.turn_began = clock_.Mono();
  const MonoTime until = now_ + kNewcomersTime;
  bool expired = false;
  do {
    if (calls) calls = Accept();
    if (newcomers) newcomers = ServeNewcomer();
    expired = Expire();
    if (!dirty_.empty()) SendAnswers();
  } while ((calls || newcomers || expired) && (state_.draining || clock_.Mono() < until));
}

// False: all that had arrived when they were last asked for has been served.
bool Loop::Impl::ServeNewcomer() {
  if (!crowd_.waiting()) {
    crowd_.served = 0;
    crowd_.count = std::max(0, ::epoll_wait(newcomers_.get(), crowd_.events.data(), kMaxEvents, 0));
    crowd_.arrived_after = crowd_.looked;
    if (crowd_.count < kMaxEvents) crowd_.looked = clock_.Mono();
    if (crowd_.count == 0) return false;
  }
  state_.arrived_after = crowd_.arrived_after;
  const epoll_event& event = crowd_.events[static_cast<size_t>(crowd_.served++)];
  auto& connection = *static_cast<Connection*>(event.data.ptr);
  if (connection.state != Connection::State::kClosed) OnEvent(connection, event.events);
  return crowd_.waiting();
}

// What was stored in EndTurn leaves only now: an answer that a client has is in the store.
void Loop::Impl::SendAnswers() {
  handler_.EndTurn();
  for (size_t i = 0; i < dirty_.size(); ++i) {
    Connection& connection = *dirty_[i];
    connection.dirty = false;
    if (connection.state != Connection::State::kClosed) Flush(connection);
  }
  dirty_.clear();
}

// False: nobody waits.
bool Loop::Impl::Accept() {
  if (!listener_.valid()) return false;
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  UniqueFd fd(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.valid() && (errno == EMFILE || errno == ENFILE)) {
    spare_.Reset(-1);
    UniqueFd refused(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    const bool waited = refused.valid();
    refused.Reset(-1);
    spare_.Reset(::eventfd(0, EFD_CLOEXEC));
    if (waited) stats_.refused.Add();
    return waited;
  }
  if (!fd.valid()) return false;
  Admit(std::move(fd), PeerOf(address));
  return true;
}

void Loop::Impl::Admit(UniqueFd fd, const Peer& peer) {
  const bool full = connections_.size() >= options_.max_connections && !EvictOneIdle();
  auto made = std::make_unique<Connection>();
  Connection& connection = *made;
  connection.fd = std::move(fd);
  connection.peer = peer;
  connection.timer.owner = &connection;
  connection.slot = connections_.size();
  if (options_.tls != nullptr) connection.tls = options_.tls->Get()->Accept(connection.fd.get());
  const int yes = 1;
  ::setsockopt(connection.fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (!Watch(connection, EPOLL_CTL_ADD, EPOLLIN)) return;
  connections_.push_back(std::move(made));
  stats_.open.store(static_cast<int64_t>(connections_.size()), std::memory_order_relaxed);
  if (full) {
    stats_.refused.Add();
    if (connection.tls != nullptr) {  // a handshake only to refuse is what an attacker would want
      Close(connection);
      return;
    }
    Request request;
    request.peer = peer;
    request.fault = Fault::kTooManyConnections;
    request.keep_alive = false;
    HandleOne(connection, request);
    return;
  }
  stats_.accepted.Add();
  timers_.Set(connection.timer, Limit::kSilent, now_, Timers::Renew::kYes);
}

// Who has never said anything goes before who has been served.
bool Loop::Impl::EvictOneIdle() {
  Deadline* oldest = timers_.Oldest(Limit::kSilent);
  if (oldest == nullptr) oldest = timers_.Oldest(Limit::kIdle);
  if (oldest == nullptr) return false;
  stats_.evicted.Add();
  Close(*static_cast<Connection::Timer*>(oldest)->owner);
  return true;
}

bool Loop::Impl::Watch(Connection& connection, int operation, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &connection;
  const UniqueFd& watching = connection.regular ? epoll_ : newcomers_;
  return ::epoll_ctl(watching.get(), operation, connection.fd.get(), &event) == 0;
}

// Between the regular ones and the newcomers, as its last request was answered.
void Loop::Impl::PlaceByMerit(Connection& connection) {
  if (connection.regular == connection.served) return;
  Watch(connection, EPOLL_CTL_DEL, 0);
  connection.regular = connection.served;
  if (!Watch(connection, EPOLL_CTL_ADD, connection.waits_to_write ? EPOLLOUT : EPOLLIN)) Close(connection);
}

void Loop::Impl::OnEvent(Connection& connection, uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    Close(connection);
    return;
  }
  if ((events & EPOLLOUT) != 0) {
    WatchWrites(connection, false);
    if (!connection.output.empty() || connection.tls == nullptr) {
      Push(connection);
      return;
    }
    // The handshake waited for the socket.
  }
  if (connection.state == Connection::State::kLingering || connection.state == Connection::State::kStreaming) {
    Discard(connection);
  } else if (connection.state == Connection::State::kOpen) {
    ReadSome(connection);
  }
}

void Loop::Impl::RestartTimer(Connection& connection) {
  if (connection.state != Connection::State::kOpen) {
    if (connection.state == Connection::State::kFlushing) {
      timers_.Set(connection.timer, Limit::kWrite, now_, Timers::Renew::kNo);
    }
    return;
  }
  if (connection.reader.in_body()) {
    timers_.Set(connection.timer, Limit::kBody, now_, Timers::Renew::kNo);
  } else if (!connection.input.empty()) {
    timers_.Set(connection.timer, Limit::kHead, now_, Timers::Renew::kNo);
  } else {
    timers_.Set(connection.timer, Limit::kIdle, now_, Timers::Renew::kYes);
  }
}

// False: nobody's time is up.
bool Loop::Impl::Expire() {
  Deadline* expired = timers_.Expired(now_);
  if (expired == nullptr) return false;
  OnExpired(*static_cast<Connection::Timer*>(expired)->owner);
  return true;
}

void Loop::Impl::OnExpired(Connection& connection) {
  if (connection.timer.limit() == Limit::kStream) {
    connection.output += ":\n\n";
    timers_.Set(connection.timer, Limit::kStream, now_, Timers::Renew::kYes);
    Push(connection);
    return;
  }
  const bool begun = connection.reader.in_body() || !connection.input.empty();
  const bool receiving = connection.timer.limit() == Limit::kHead || connection.timer.limit() == Limit::kBody;
  if (!receiving || !begun) {
    stats_.timed_out.Add();
    Close(connection);
    return;
  }
  Request request;
  request.peer = connection.peer;
  request.arrived = now_;
  request.fault = Fault::kTimeout;
  request.keep_alive = false;
  HandleOne(connection, request);
  connection.input.Release();
  timers_.Set(connection.timer, Limit::kWrite, now_, Timers::Renew::kYes);
}

void Loop::Impl::Close(Connection& connection) {
  timers_.Set(connection.timer, Limit::kNone, now_, Timers::Renew::kYes);
  if (connection.stream != nullptr) LeaveStream(connection);
  connection.state = Connection::State::kClosed;
  if (connection.tls != nullptr) {
    connection.tls->SayGoodbye();
    connection.tls.reset();
  }
  // Closing is not enough: a child that another thread has forked holds the socket until it executes its program, and
  // until then there would be events for a connection that is gone.
  Watch(connection, EPOLL_CTL_DEL, 0);
  connection.fd.Reset(-1);
  connection.input.Release();
  pool_.Give(std::move(connection.output));
  std::erase(resumed_, &connection);
  const size_t slot = connection.slot;
  closed_.push_back(std::move(connections_[slot]));
  if (slot + 1 != connections_.size()) {
    connections_[slot] = std::move(connections_.back());
    connections_[slot]->slot = slot;
  }
  connections_.pop_back();
  stats_.open.store(static_cast<int64_t>(connections_.size()), std::memory_order_relaxed);
}

// What the kernel has accepted for us was promised an answer: take it all, and give each one turn.
void Loop::Impl::BeginDrain() {
  while (Accept()) continue;
  state_.draining = true;
  listener_.Reset(-1);
  drain_until_ = now_ + options_.server.drain_timeout;
  EndStreams();
  for (size_t i = 0; i <= connections_.size() / kMaxEvents; ++i) Turn(0);
}

void Loop::Impl::CloseIdle() {
  for (size_t i = connections_.size(); i > 0; --i) {
    Connection& connection = *connections_[i - 1];
    const bool begun = connection.reader.in_body() || !connection.input.empty() || !connection.output.empty();
    if (connection.state == Connection::State::kOpen && !begun) Close(connection);
  }
  closed_.clear();
}

Loop::Loop(Options options, UniqueFd listener, Handler& handler, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(listener), handler, clock)) {}
Loop::~Loop() = default;
void Loop::Run() { impl_->Run(); }
void Loop::Wake() { impl_->Wake(); }
void Loop::Drain() { impl_->Drain(); }
void Loop::Stop() { impl_->Stop(); }
const LoopStats& Loop::stats() const { return impl_->stats(); }

}  // namespace vigia::http
