#include "base/base64.h"

#include <gtest/gtest.h>

namespace vigia {
namespace {

// RFC 4648's test vectors, and bytes above 127.
TEST(Base64Test, Encodes) {
  constexpr const char* kCases[][2] = {{"", ""},
                                       {"f", "Zg=="},
                                       {"fo", "Zm8="},
                                       {"foo", "Zm9v"},
                                       {"foob", "Zm9vYg=="},
                                       {"fooba", "Zm9vYmE="},
                                       {"foobar", "Zm9vYmFy"},
                                       {"\xFF\xFE\xFD", "//79"}};
  for (const auto& [bytes, text] : kCases) EXPECT_EQ(Base64(bytes), text);
}

}  // namespace
}  // namespace vigia
