// Preloaded into a program under test: kills it with SIGKILL at one of its changes of a folder's files.
//
//   KILL_BELOW   the folder; changes elsewhere are not looked at
//   KILL_LOG     every instant is a line there: its kind and the file's name
//   KILL_AT      the instant to die at, from 1; 0 or absent: never
//
// An instant is right before a call that changes something, and for a write also when half of it is done. Nothing is
// lost by a kill that a call has done, so fsync is no instant of its own.
// Calls that libraries make inside libc (stdio) are not seen: the program does not write its files by them.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <string>

namespace {

std::atomic<long> instants{0};

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

const char* Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string PathOf(int fd) {
  char path[PATH_MAX];
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  return size < 0 ? "" : std::string(path, static_cast<size_t>(size));
}

std::string PathAt(int folder, const char* path) {
  return *path == '/' || folder == AT_FDCWD ? path : PathOf(folder) + "/" + path;
}

bool IsBelow(const std::string& path) {
  const std::string folder = Setting("KILL_BELOW");
  return !folder.empty() && path.starts_with(folder + "/");
}

void Instant(const std::string& kind, const std::string& path) {
  if (!IsBelow(path)) return;
  const std::string line = kind + " " + path + "\n";
  const int log = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, Setting("KILL_LOG"), O_WRONLY | O_APPEND));
  if (log >= 0) {
    ::syscall(SYS_write, log, line.data(), line.size());
    ::syscall(SYS_close, log);
  }
  if (++instants == std::atol(Setting("KILL_AT"))) ::kill(::getpid(), SIGKILL);
}

// Of a write: before it, and when `write_half` wrote half of it.
template <typename WriteHalf>
void WriteInstants(int fd, const WriteHalf& write_half) {
  const std::string path = PathOf(fd);
  if (!IsBelow(path)) return;
  Instant("write", path);
  if (instants + 1 == std::atol(Setting("KILL_AT"))) write_half();
  Instant("half", path);
}

int Open(const char* name, int folder, const char* path, int flags, mode_t mode) {
  struct stat found {};
  const bool is_new = (flags & O_CREAT) != 0 && ::fstatat(folder, path, &found, 0) != 0;
  if (is_new) Instant("create", PathAt(folder, path));
  return Next<int(int, const char*, int, ...)>(name)(folder, path, flags, mode);
}

mode_t ModeOf(int flags, va_list rest) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = ModeOf(flags, rest);
  va_end(rest);
  return Open("openat", AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = ModeOf(flags, rest);
  va_end(rest);
  return Open("openat64", AT_FDCWD, path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  auto* const next = Next<ssize_t(int, const void*, size_t)>("write");
  WriteInstants(fd, [&] { next(fd, bytes, size / 2); });
  return next(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  auto* const next = Next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  WriteInstants(fd, [&] { next(fd, bytes, size / 2, at); });
  return next(fd, bytes, size, at);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  auto* const next = Next<ssize_t(int, const iovec*, int)>("writev");
  WriteInstants(fd, [&] { next(fd, parts, count / 2); });
  return next(fd, parts, count);
}

int rename(const char* from, const char* to) noexcept {
  Instant("rename", to);
  return Next<int(const char*, const char*)>("rename")(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  Instant("mkdir", path);
  return Next<int(const char*, mode_t)>("mkdir")(path, mode);
}

int unlink(const char* path) noexcept {
  Instant("unlink", path);
  return Next<int(const char*)>("unlink")(path);
}

int remove(const char* path) noexcept {
  Instant("unlink", path);
  return Next<int(const char*)>("remove")(path);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  Instant("unlink", PathAt(folder, path));
  return Next<int(int, const char*, int)>("unlinkat")(folder, path, flags);
}

int ftruncate64(int fd, off64_t size) noexcept {
  Instant("truncate", PathOf(fd));
  return Next<int(int, off64_t)>("ftruncate64")(fd, size);
}

}  // extern "C"
