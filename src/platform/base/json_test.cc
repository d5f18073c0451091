#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vigia {
namespace {

TEST(JsonTest, KeepsTheOrderOfKeys) {
  const Json value = ParseJson(R"({"b":1,"a":2})").value();
  EXPECT_EQ(CompactJson(value), R"({"b":1,"a":2})");
}

TEST(JsonTest, ErrorsSayWhereAndNeverWhat) {
  const auto parsed = ParseJson(R"({"nome": Maria})");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().message().find("Maria"), std::string::npos);
  EXPECT_NE(parsed.error().message().find("byte"), std::string::npos);
  for (const char* bad : {"", "{", "[1,]", "NaN", "\"\xff\"", "1 2"}) EXPECT_FALSE(ParseJson(bad).ok()) << bad;
}

TEST(JsonTest, WritesBadTextAndNumbersSafely) {
  EXPECT_EQ(CompactJson(Json{{"x", std::nan("")}, {"s", "\xff"}}), "{\"x\":null,\"s\":\"\xef\xbf\xbd\"}");
}

TEST(JsonTest, GettersNameTheKey) {
  const Json object = {{"n", 1.5}, {"s", "t"}};
  EXPECT_EQ(GetNumber(object, "n").value(), 1.5);
  EXPECT_EQ(GetString(object, "n").error().message(), "key 'n' is not a string");
  EXPECT_EQ(GetNumber(object, "m").error().message(), "key 'm' is missing");
}

}  // namespace
}  // namespace vigia
