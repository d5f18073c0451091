#include <fcntl.h>
#include <sys/stat.h>

#include "drill/faults.h"
#include "drill/rows.h"

namespace vigia::drill {
namespace {

constexpr uint64_t kMegabyte = 1024 * 1024;

// Stands in for the driver's program on machines that have no such card.
constexpr std::string_view kBusyGpu = "#!/bin/sh\necho 0, 97, 7900, 8192, 83\n";

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

Status BusyGpu(Arena& arena) {
  const std::string program = arena.Path("bin/nvidia-smi");
  TRY(arena.world().files.MakeFolders(arena.Path("bin")));
  TRY(arena.world().files.Write(program + ".new", kBusyGpu));
  if (::chmod((program + ".new").c_str(), 0700) != 0) return Error(Code::kInternal, "chmod");
  return arena.world().files.Rename(program + ".new", program);
}

Status LeakMemory(Arena& arena) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(arena.leaky_port()) + "/leak";
  request.timeout = std::chrono::seconds(5);
  const auto answer = TRY(arena.world().http.Send(request));
  if (answer.status == 200) return {};
  return Error(Code::kUnavailable, "the service does not leak");
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
