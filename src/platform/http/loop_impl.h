// The inside of a Loop: its turn, its connections, its lists. Included by the three files of a loop only:
// loop.cc (turns, connections, limits), loop_io.cc (requests and answers), loop_streams.cc (events).
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/connection.h"
#include "http/event_stream.h"
#include "http/handler.h"
#include "http/loop.h"
#include "http/rest_allowance.h"
#include "http/timers.h"

namespace vigia::http {

inline constexpr size_t kReadBytes = 64 * 1024;  // at once
inline constexpr int kMaxEvents = 512;           // asked for at once

class Loop::Impl {
 public:
  Impl(Options options, UniqueFd listener, Handler& handler, const Clock& clock);
  ~Impl();

  void Run();
  void Wake();
  void Drain() { Ask(draining_wanted_); }
  void Stop() { Ask(stop_wanted_); }
  const LoopStats& stats() const { return stats_; }

 private:
  void Ask(std::atomic<bool>& what) {
    what.store(true, std::memory_order_release);
    Wake();
  }
  void Turn(int timeout_ms);
  // Waits for events. Whether the loop had nothing to do when they came.
  bool Wait(int timeout_ms, std::span<epoll_event> events, int& count);
  int WaitMilliseconds();
  void ServeNewcomers(bool calls, bool newcomers);
  bool ServeNewcomer();
  void SendAnswers();
  bool Accept();
  void Admit(UniqueFd fd, const Peer& peer);
  bool EvictOneIdle();
  void OnEvent(Connection& connection, uint32_t events);
  bool Watch(Connection& connection, int operation, uint32_t events);
  void PlaceByMerit(Connection& connection);
  ssize_t Receive(Connection& connection, char* bytes, size_t room);
  ssize_t Send(Connection& connection, const char* bytes, size_t size);
  void ReadSome(Connection& connection);
  void ReadIntoOwnBuffer(Connection& connection);
  // Answers every whole request in the bytes; returns how many bytes were used. `size` may shrink.
  size_t Answer(Connection& connection, char* bytes, size_t& size);
  void AnswerBuffered(Connection& connection);
  void HandleOne(Connection& connection, Request& request);
  void Respond(Connection& connection, const Request& request);
  void BeginStream(Connection& connection, const Request& request);
  void TellStreams();
  void FillFromStream(Connection& connection);
  void EndStreams();
  void LeaveStream(Connection& connection);
  void Push(Connection& connection);
  void Flush(Connection& connection);
  void AfterFlush(Connection& connection);
  void WatchWrites(Connection& connection, bool on);
  bool Expire();
  void OnExpired(Connection& connection);
  void RestartTimer(Connection& connection);
  void Linger(Connection& connection);
  void Discard(Connection& connection);
  void Close(Connection& connection);
  void BeginDrain();
  void CloseIdle();

  const Options options_;
  UniqueFd listener_;
  UniqueFd epoll_;      // the listener, regular connections, wake_ and newcomers_
  UniqueFd newcomers_;  // an epoll of its own for all other connections
  UniqueFd wake_;
  UniqueFd spare_;  // given up to accept and refuse when the process has no descriptors left
  const std::shared_ptr<StreamInbox> inbox_;
  Handler& handler_;
  const Clock& clock_;
  LoopStats stats_;
  std::atomic<bool> draining_wanted_{false};
  std::atomic<bool> stop_wanted_{false};

  Timers timers_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> closed_;  // until no event that is still to be served may point to them
  std::vector<Connection*> dirty_;
  std::vector<Connection*> resumed_;  // were stalled, and have room again
  OutputPool pool_;
  HeadTable table_;
  Response response_;
  std::unique_ptr<char[]> scratch_;
  LoopState state_;
  MonoTime now_{};
  RestAllowance rest_;
  MonoTime looked_{};  // when the loop last knew of everything that had arrived at regular connections
  // Events of newcomers, and how far they have been served: what a turn has no time for is left to the next.
  struct {
    std::array<epoll_event, kMaxEvents> events;
    int count = 0;
    int served = 0;
    MonoTime looked{};         // when the loop last knew of everything that had arrived at newcomers
    MonoTime arrived_after{};  // the same before these events were asked for
    bool waiting() const { return served < count; }
  } crowd_;
  MonoTime drain_until_{};
  WallTime date_at_{};
  std::string date_;
};

}  // namespace vigia::http
