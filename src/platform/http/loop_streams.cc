// What a loop does for connections that listen to events.
#include "http/loop_impl.h"

namespace vigia::http {

void Loop::Impl::BeginStream(Connection& connection, const Request& request) {
  const std::shared_ptr<EventStream> stream = std::move(response_.stream);
  response_.stream.reset();
  if (connection.output.empty()) connection.output = pool_.Take();
  const bool full = static_cast<size_t>(stats_.streams.load(std::memory_order_relaxed)) >= options_.max_streams;
  if (full || state_.draining) {
    stream->Detach();
    response_.status = 503;
    response_.close = true;
    response_.AddHeader("Retry-After", "5");
    response_.body = R"({"detail":"no room for another event stream",)"
                     R"("error":{"code":"OVERLOADED","message":"no room for another event stream"}})";
    Respond(connection, request);
    return;
  }
  AppendStreamHead(connection.output, response_, date_);
  if (request.method == Method::kHead) {
    stream->Detach();
    connection.state = Connection::State::kFlushing;
    Push(connection);
    return;
  }
  connection.state = Connection::State::kStreaming;
  connection.stream = stream;
  stats_.streams.fetch_add(1, std::memory_order_relaxed);
  stream->Attach(inbox_, &connection);
  timers_.Set(connection.timer, Limit::kStream, now_, Timers::Renew::kYes);
  Push(connection);
}

void Loop::Impl::TellStreams() {
  for (const std::shared_ptr<EventStream>& stream : inbox_->TakeAll()) {
    if (stream->connection_ != nullptr) FillFromStream(*static_cast<Connection*>(stream->connection_));
  }
}

// Only into an empty buffer: what a client has not taken from there is bounded by what one stream may hold.
void Loop::Impl::FillFromStream(Connection& connection) {
  EventStream& stream = *connection.stream;
  if (!connection.output.empty() && !stream.too_slow()) return;  // AfterFlush asks again
  std::string bytes = pool_.Take();
  const EventStream::After after = stream.Take(bytes);
  if (after == EventStream::After::kTooSlow) {
    pool_.Give(std::move(bytes));
    stats_.too_slow.Add();
    Close(connection);
    return;
  }
  if (after == EventStream::After::kEnd) {
    LeaveStream(connection);
    connection.state = Connection::State::kFlushing;
  } else if (bytes.empty()) {
    pool_.Give(std::move(bytes));
    return;
  }
  connection.output = std::move(bytes);
  Push(connection);
}

void Loop::Impl::LeaveStream(Connection& connection) {
  connection.stream->Detach();
  connection.stream.reset();
  stats_.streams.fetch_sub(1, std::memory_order_relaxed);
}

void Loop::Impl::EndStreams() {
  for (const std::unique_ptr<Connection>& connection : connections_) {
    if (connection->stream == nullptr) continue;
    connection->stream->Take(connection->output);
    LeaveStream(*connection);
    connection->state = Connection::State::kFlushing;
    timers_.Set(connection->timer, Limit::kWrite, now_, Timers::Renew::kYes);
    Push(*connection);
  }
}

}  // namespace vigia::http
