#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "drill/faults.h"
#include "drill/rows.h"

namespace vigia::drill {
namespace {

constexpr uint64_t kMegabyte = 1024 * 1024;

// Spins on every processor, at the lowest priority, until it is destroyed.
class Burner {
 public:
  Burner() {
    const unsigned count = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        uint64_t turns = 0;
        while (!ending_.load(std::memory_order_relaxed)) ++turns;
      });
    }
  }
  Burner(const Burner&) = delete;
  Burner& operator=(const Burner&) = delete;
  ~Burner() {
    ending_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> ending_{false};
  std::vector<std::thread> threads_;
};

}  // namespace

// Rotated logs of two months ago, until nine tenths are used: what retention is for.
Status FillDiskWithOldLogs(Arena& arena) {
  Files& files = arena.world().files;
  const DiskSpace space = TRY(files.Space(arena.home()));
  const uint64_t used = space.total_bytes - space.free_bytes;
  const uint64_t wanted = space.total_bytes / 10 * 9;
  const std::string block(kMegabyte, '.');
  int number = 1;
  for (uint64_t size = used; size < wanted; size += 4 * kMegabyte, ++number) {
    const std::string path = arena.Path("logs/app.log." + std::to_string(number));
    for (int i = 0; i < 4; ++i) TRY(files.Append(path, block, Files::Sync::kNo));
    const auto old =
        std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
            arena.world().clock.Now() - std::chrono::hours(24 * 60)));
    const timespec times[2] = {{old, 0}, {old, 0}};
    if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) return Error(Code::kInternal, "utimensat");
  }
  return {};
}

Status BurnProcessors(Arena& arena) {
  auto burner = std::make_shared<std::unique_ptr<Burner>>(std::make_unique<Burner>());
  arena.WhenMended([burner] { burner->reset(); });
  return {};
}

// Something that is not ours takes the last byte, and goes on doing so.
Status FillInferenceStore(Arena& arena) {
  Files& files = arena.world().files;
  const std::string path = arena.Path("monitoring/inference_store/somebody_elses.bin");
  const std::string large(kMegabyte, '.'), small(1024, '.');
  const auto fill = [&files, path, large, small] {
    while (files.Append(path, large, Files::Sync::kNo).ok()) {
    }
    while (files.Append(path, small, Files::Sync::kNo).ok()) {
    }
  };
  const auto rows = TRY(arena.Rows());
  fill();
  arena.MarkBroken();
  arena.AddClient(
      {0, "127.0.0.1", Bodies(rows, 1, 1000), std::chrono::milliseconds(5)});  // more than what is set aside
  arena.WhenMended([&files, path] { static_cast<void>(files.Remove(path)); });
  return {};
}

}  // namespace vigia::drill
