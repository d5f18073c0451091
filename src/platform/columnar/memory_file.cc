#include "columnar/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace vigia::columnar {

namespace {
Error Failed(const std::string& what) {
  const int cause = errno;
  const Code code = cause == ENOENT ? Code::kNotFound : cause == EACCES ? Code::kPermissionDenied : Code::kInternal;
  return Error(code, what + ": " + std::strerror(cause));
}
}  // namespace

Result<MemoryFile> MemoryFile::Make(std::string_view bytes) {
  UniqueFd fd(::memfd_create("vigia-columnar", MFD_CLOEXEC));
  if (!fd.valid()) return Failed("memory file");
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("memory file");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return MemoryFile(std::move(fd));
}

std::string MemoryFile::path() const { return DescriptorPath(fd_); }

Result<std::string> MemoryFile::Read() const {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) return Failed("memory file");
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t got = ::pread(fd_.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Failed("memory file");
    at += static_cast<size_t>(got);
  }
  return bytes;
}

Result<UniqueFd> OpenRegular(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return Failed(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Failed(path);
  if (!S_ISREG(info.st_mode)) return Error(Code::kInvalidArgument, path + ": not a regular file");
  if (info.st_size == 0) return Error(Code::kInvalidArgument, path + ": the file is empty");
  return fd;
}

std::string DescriptorPath(const UniqueFd& fd) { return "/proc/self/fd/" + std::to_string(fd.get()); }

}  // namespace vigia::columnar
