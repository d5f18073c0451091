#include "drill/faults.h"
#include "drill/rows.h"

namespace vigia::drill {

using std::chrono::milliseconds;

Status SendInvalidRequests(Arena& arena) {
  const auto rows = TRY(arena.Rows());
  // A client renamed a field and sends numbers as words.
  const auto bad = Bodies(rows, 20, 2, [](Json& instance, size_t) { instance["idade"] = "quinze"; });
  arena.MarkBroken();
  arena.AddClient({0, "127.0.0.1", Bodies(rows, 10, 1), milliseconds(100)});
  arena.AddClient({0, "127.0.0.1", bad, milliseconds(20)});
  return {};
}

Status Flood(Arena& arena) {
  const auto bodies = Bodies(TRY(arena.Rows()), 10, 1);
  arena.AddClient({0, "127.0.0.1", bodies, milliseconds(500)});  // one that keeps to the limit
  arena.MarkBroken();
  for (int i = 0; i < 2; ++i) arena.AddClient({0, "127.0.0.66", bodies, milliseconds(4)});
  return {};
}

Status HonestPeak(Arena& arena) {
  const auto bodies = Bodies(TRY(arena.Rows()), 10, 1);
  arena.MarkBroken();
  for (int i = 0; i < 8; ++i) {
    arena.AddClient({0, "127.0.0." + std::to_string(10 + i), bodies, milliseconds(150)});
  }
  return {};
}

// Batches of the largest size, explained: each takes the service's only processor for a while.
Status SendMoreThanItCanAnswer(Arena& arena) {
  const std::string body = Bodies(TRY(arena.Rows()), 1, 1000)[0];
  const std::string explained = body.substr(0, body.size() - 1) + ", \"explain\": true}";
  arena.MarkBroken();
  for (int i = 0; i < 8; ++i) arena.AddClient({0, "127.0.0.1", {explained}, milliseconds(20)});
  return {};
}

}  // namespace vigia::drill
