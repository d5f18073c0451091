// Passwords as they are stored: argon2id (RFC 9106) by libsodium.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vigia::auth {

// "$argon2id$v=19$m=19456,t=2,p=1$…", with a random salt inside: about 20 ms and 19 MiB, the least that OWASP
// asks for, so that a sign-in holds up the loop that answers it no longer than a large answer does.
// kInvalidArgument: shorter than 8 or longer than 512 bytes.
Result<std::string> HashPassword(std::string_view password);

// Takes as long whether it is right or not. An empty hash is nobody's: it is checked against one that no password
// has, so that the time does not tell whether a user exists.
bool VerifyPassword(std::string_view hash, std::string_view password);

}  // namespace vigia::auth
