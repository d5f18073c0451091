// Server-sent events (HTML standard, section 9.2): a handler answers with a stream by setting Response::stream, and
// whoever holds the stream sends events for as long as the client listens.
//
//   response.stream = std::make_shared<EventStream>();
//   response.stream->Publish(FormatEvent({.id = "7", .name = "status", .data = json}));
//   listeners.push_back(response.stream);     // later, in any thread: drop it when Publish says no
//
// The response has no length: it ends with its connection. Status, content type and body of the response are not
// used; its headers are. Clients that connect again say the last id they saw in the header Last-Event-ID.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace vigia::http {

struct Event {
  std::string_view id = {};    // no line breaks; empty: none
  std::string_view name = {};  // no line breaks; empty: "message"
  std::string_view data = {};  // any text; line breaks of every kind arrive as \n
};
// As it is sent. An event for many clients is formatted once.
std::string FormatEvent(const Event& event);

class StreamInbox;

// One client's stream; held by shared_ptr. Thread-safe. Ends when the client leaves, when the server drains or stops,
// and when more than `most_waiting` bytes wait for a client: one that reads slower than events come is sent away and
// may connect again, rather than be remembered without end. (As many bytes again may be with the socket.)
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  explicit EventStream(size_t most_waiting = 256 * 1024) : most_waiting_(most_waiting) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Never blocks. `formatted`: whole events, from FormatEvent. False when the stream has ended: nobody gets it.
  bool Publish(std::string_view formatted);
  // What was published is sent, then the connection closes.
  void End();
  bool open() const;

 private:
  friend class Loop;  // the rest is between the stream and its connection's loop
  friend class StreamInbox;
  void Attach(std::shared_ptr<StreamInbox> inbox, void* connection);
  void Detach();
  enum class After { kMore, kEnd, kTooSlow };
  After Take(std::string& out);  // appends what waits
  void TellAgain();              // what the loop was told of and had no room for
  bool too_slow() const;
  void Tell();  // REQUIRES mutex_

  const size_t most_waiting_;
  void* connection_ = nullptr;  // of the loop's thread; null when the stream has none (any more)
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::string waiting_;
  bool ended_ = false;
  bool too_slow_ = false;
  bool told_ = false;  // the loop knows that there is something to take
  std::shared_ptr<StreamInbox> inbox_;
};

// Which streams of a loop have something to send. Thread-safe; outlives the loop while streams hold it.
class StreamInbox {
 public:
  explicit StreamInbox(int wake_descriptor) : wake_(wake_descriptor) {}
  void Put(std::shared_ptr<EventStream> stream);
  std::vector<std::shared_ptr<EventStream>> TakeAll();
  void Close();  // the loop ends: nobody is woken any more

 private:
  std::mutex mutex_;
  int wake_;  // an eventfd; -1 when closed
  std::vector<std::shared_ptr<EventStream>> streams_;
};

}  // namespace vigia::http
