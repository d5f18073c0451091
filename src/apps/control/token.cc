#include "control/token.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/json.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace vigia::control {
namespace {

std::string TokenPath(const std::string& home) { return JoinPath(home, "run/control.token"); }
std::string AddressPath(const std::string& home) { return JoinPath(home, "run/control.json"); }

}  // namespace

Result<Secret> WriteToken(const std::string& home, Entropy& entropy) {
  const std::string path = TokenPath(home);
  const std::string aside = JoinPath(home, "run/control.token.new");
  const std::string token = RandomHex(entropy, 32);
  ::unlink(aside.c_str());
  const UniqueFd file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const bool written =
      file.valid() && ::write(file.get(), token.data(), token.size()) == static_cast<ssize_t>(token.size());
  if (!written || std::rename(aside.c_str(), path.c_str()) != 0) {
    return Error(Code::kPermissionDenied, std::string("cannot write run/control.token: ") + std::strerror(errno));
  }
  return Secret(token);
}

Result<Secret> ReadToken(const Files& files, const std::string& home) {
  return Secret(std::string(Trim(TRY(files.Read(TokenPath(home))))));
}

Status WriteAddress(Files& files, const std::string& home, const Address& address) {
  return files.Write(AddressPath(home), PrettyJson({{"url", address.url}, {"pid", address.pid}}));
}

Result<Address> ReadAddress(const Files& files, const std::string& home) {
  const Json json = TRY(ParseJson(TRY(files.Read(AddressPath(home)))));
  return Address {
    TRY(GetString(json, "url"))
    , static_cast<int>(TRY(GetInteger(json, "pid")))
  };
}

}  // namespace vigia::control
