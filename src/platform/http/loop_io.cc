// How a loop reads requests from a connection, has them answered, and writes the answers.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "http/loop_impl.h"

namespace vigia::http {

namespace {

constexpr size_t kMaxUnsent = 256 * 1024;  // a client that does not read is not answered further

}  // namespace

ssize_t Loop::Impl::Receive(Connection& connection, char* bytes, size_t room) {
  if (connection.tls == nullptr) return ::recv(connection.fd.get(), bytes, room, 0);
  const ssize_t count = connection.tls->Receive(bytes, room);
  if (count < 0 && errno == EAGAIN) WatchWrites(connection, connection.tls->wants_write());
  return count;
}

ssize_t Loop::Impl::Send(Connection& connection, const char* bytes, size_t size) {
  if (connection.tls == nullptr) return ::send(connection.fd.get(), bytes, size, MSG_NOSIGNAL);
  return connection.tls->Send(bytes, size);
}

void Loop::Impl::ReadSome(Connection& connection) {
  if (!connection.input.empty()) {
    ReadIntoOwnBuffer(connection);
    return;
  }
  const ssize_t count = Receive(connection, scratch_.get(), kReadBytes);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    Close(connection);
    return;
  }
  size_t size = static_cast<size_t>(count);
  const size_t used = Answer(connection, scratch_.get(), size);
  if (connection.state == Connection::State::kOpen && used < size) {
    connection.input.Append({scratch_.get() + used, size - used});
  }
  RestartTimer(connection);
}

void Loop::Impl::ReadIntoOwnBuffer(Connection& connection) {
  InputBuffer& input = connection.input;
  const size_t least = connection.tls != nullptr ? TlsSession::kRecordBytes : 4096;
  input.Reserve(std::max(connection.reader.wanted(), input.size() + least));
  // No more than a turn's share: others wait while a large body is copied.
  const ssize_t count = Receive(connection, input.tail(), std::min(input.room(), kReadBytes));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    Close(connection);
    return;
  }
  input.Grow(static_cast<size_t>(count));
  AnswerBuffered(connection);
}

void Loop::Impl::AnswerBuffered(Connection& connection) {
  InputBuffer& input = connection.input;
  size_t size = input.size();
  const size_t used = Answer(connection, input.data(), size);
  input.Shrink(size);
  if (connection.state != Connection::State::kOpen || used == size) {
    input.Release();
  } else {
    input.DropFront(used);
  }
  RestartTimer(connection);
}

size_t Loop::Impl::Answer(Connection& connection, char* bytes, size_t& size) {
  size_t used = 0;
  while (used < size && connection.state == Connection::State::kOpen) {
    if (connection.output.size() - connection.sent > kMaxUnsent) {
      connection.stalled = true;
      break;
    }
    // An empty line before a request is allowed (RFC 9112, section 2.2).
    if (!connection.reader.in_body() && bytes[used] == '\r') {
      if (used + 1 == size) break;
      if (bytes[used + 1] == '\n') {
        used += 2;
        continue;
      }
    }
    Request request;
    request.peer = connection.peer;
    request.arrived = now_;
    size_t left = size - used;
    const auto next = connection.reader.Read(bytes + used, left, options_.server.limits, table_, request);
    if (next == RequestReader::Next::kNeedMore) {
      size = used + left;
      if (connection.reader.TakeContinue()) {
        connection.output += "HTTP/1.1 100 Continue\r\n\r\n";
        Push(connection);
      }
      break;
    }
    HandleOne(connection, request);
    if (next == RequestReader::Next::kRequest) used += connection.reader.consumed();
  }
  return used;
}

void Loop::Impl::HandleOne(Connection& connection, Request& request) {
  connection.unread = request.fault != Fault::kNone;
  response_.Clear();
  handler_.Handle(request, response_, state_);
  Respond(connection, request);
}

void Loop::Impl::Respond(Connection& connection, const Request& request) {
  if (response_.stream != nullptr) {
    BeginStream(connection, request);
    return;
  }
  const bool keep = request.keep_alive && !response_.close && !state_.draining;
  connection.served = keep && response_.status < 400;
  if (connection.output.empty()) connection.output = pool_.Take();
  AppendResponse(connection.output, response_, {request.method == Method::kHead, keep, date_});
  if (!keep) connection.state = Connection::State::kFlushing;
  Push(connection);
}

void Loop::Impl::Push(Connection& connection) {
  if (connection.dirty) return;
  connection.dirty = true;
  dirty_.push_back(&connection);
}

void Loop::Impl::Flush(Connection& connection) {
  while (connection.sent < connection.output.size()) {
    const ssize_t count =
        Send(connection, connection.output.data() + connection.sent, connection.output.size() - connection.sent);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      WatchWrites(connection, true);
      timers_.Set(connection.timer, Limit::kWrite, now_, Timers::Renew::kYes);
      return;
    }
    if (count < 0) {
      Close(connection);
      return;
    }
    connection.sent += static_cast<size_t>(count);
  }
  AfterFlush(connection);
}

void Loop::Impl::AfterFlush(Connection& connection) {
  connection.sent = 0;
  pool_.Give(std::move(connection.output));
  connection.output = std::string();
  if (connection.state == Connection::State::kFlushing) {
    if (connection.unread) {
      Linger(connection);
    } else {
      Close(connection);
    }
    return;
  }
  if (connection.state == Connection::State::kStreaming) {
    timers_.Set(connection.timer, Limit::kStream, now_, Timers::Renew::kYes);
    connection.stream->TellAgain();
    return;
  }
  if (connection.stalled) {
    connection.stalled = false;
    resumed_.push_back(&connection);
  }
  if (connection.timer.limit() == Limit::kWrite) RestartTimer(connection);
  PlaceByMerit(connection);
}

// While the socket is full nothing is read: the client's requests wait in its own buffers.
void Loop::Impl::WatchWrites(Connection& connection, bool on) {
  if (connection.waits_to_write == on) return;
  connection.waits_to_write = on;
  Watch(connection, EPOLL_CTL_MOD, on ? EPOLLOUT : EPOLLIN);
}

// Closing with unread bytes would reset the connection, and the client might never see the answer.
void Loop::Impl::Linger(Connection& connection) {
  connection.state = Connection::State::kLingering;
  connection.input.Release();
  if (connection.tls != nullptr) connection.tls->SayGoodbye();
  ::shutdown(connection.fd.get(), SHUT_WR);
  timers_.Set(connection.timer, Limit::kLinger, now_, Timers::Renew::kYes);
  WatchWrites(connection, false);
}

void Loop::Impl::Discard(Connection& connection) {
  const ssize_t count = ::recv(connection.fd.get(), scratch_.get(), kReadBytes, 0);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) Close(connection);
}

}  // namespace vigia::http
