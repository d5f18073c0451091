// How commands on this machine find and convince the control plane: run/control.json says where it listens,
// run/control.token (readable by the home's owner only) is accepted as a bearer token.
#pragma once

#include <string>

#include "base/files.h"
#include "base/random.h"
#include "base/secret.h"

namespace vigia::control {

struct Address {
  std::string url;  // "http://127.0.0.1:8900"
  int pid = 0;
};

// A new token each time; the file is made with mode 0600 before anything is in it.
Result<Secret> WriteToken(const std::string& home, Entropy& entropy);
Result<Secret> ReadToken(const Files& files, const std::string& home);

Status WriteAddress(Files& files, const std::string& home, const Address& address);
Result<Address> ReadAddress(const Files& files, const std::string& home);  // kNotFound: none ever ran here

}  // namespace vigia::control
