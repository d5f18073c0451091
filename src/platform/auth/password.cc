#include "auth/password.h"

#include <sodium.h>

#include <array>

namespace vigia::auth {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr size_t kMemoryBytes = 19'456 * 1024;
constexpr size_t kShortest = 8, kLongest = 512;

// Of 32 random bytes that were thrown away.
constexpr std::string_view kNobodys =
    "$argon2id$v=19$m=19456,t=2,p=1$3q2+796tvu/erb7v3q2+7w$Zx6pQ1l0mC0Vv1cW3x8mWq3J7Zl9o2uG4bqT5kYvRrE";

bool Ready() { return sodium_init() >= 0; }

}  // namespace

Result<std::string> HashPassword(std::string_view password) {
  if (password.size() < kShortest || password.size() > kLongest) {
    return Error(Code::kInvalidArgument, "a password has 8 to 512 bytes");
  }
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (!Ready() || crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kPasses, kMemoryBytes,
                                        crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error(Code::kResourceExhausted, "a password needs 19 MiB of memory to be hashed");
  }
  return std::string(hash.data());
}

bool VerifyPassword(std::string_view hash, std::string_view password) {
  const bool somebodys = !hash.empty() && hash.size() < crypto_pwhash_STRBYTES;
  std::array<char, crypto_pwhash_STRBYTES> padded{};  // libsodium wants its own length
  (somebodys ? hash : kNobodys).copy(padded.data(), padded.size() - 1);
  if (!Ready() || password.size() > kLongest) return false;
  return crypto_pwhash_str_verify(padded.data(), password.data(), password.size()) == 0 && somebodys;
}

}  // namespace vigia::auth
