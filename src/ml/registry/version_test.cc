#include "registry/version.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace vigia::registry {
namespace {

TEST(VersionTest, GoodOnesReadBackTheSame) {
  for (const char* text : {"v0.0.0", "v1.2.3", "v1.10.0", "v999999999.0.1", "v1.0.0-rc.1", "v1.0.0-alpha",
                           "v1.0.0-0.3.7", "v1.0.0--", "v2.0.0-x-y.z"}) {
    const auto version = ParseVersion(text);
    ASSERT_TRUE(version.ok()) << text;
    EXPECT_EQ(version->ToString(), text);
  }
}

TEST(VersionTest, AnythingElseIsRefused) {
  const std::string long_one = "v1.0.0-" + std::string(80, 'a');
  for (const std::string& text : std::vector<std::string>{"",
                                                          ".",
                                                          "..",
                                                          "v",
                                                          "v1",
                                                          "v1.2",
                                                          "1.2.3",
                                                          "V1.2.3",
                                                          "v1.2.3.4",
                                                          "v01.2.3",
                                                          "v1.2.03",
                                                          "v1.2.3-",
                                                          "v1.2.3-a..b",
                                                          "v1.2.3-01",
                                                          "v1.2.3+build",
                                                          "v1.2.3/..",
                                                          "../v1.2.3",
                                                          "/v1.2.3",
                                                          "v1.2.3/",
                                                          "v1.2.3 ",
                                                          " v1.2.3",
                                                          "v1.2.x",
                                                          "v-1.2.3",
                                                          "v1.2.3\n",
                                                          "v1.2.3-é",
                                                          "v9999999999.0.0",
                                                          "v1.2.3-a/b",
                                                          "v1.2.3-..",
                                                          "champion.json",
                                                          long_one,
                                                          std::string("v1.2.3\0", 7)}) {
    const auto version = ParseVersion(text);
    ASSERT_FALSE(version.ok()) << text;
    EXPECT_EQ(version.error().code(), Code::kInvalidArgument);
    if (!text.empty() && text != "v" && text != ".") {
      EXPECT_EQ(version.error().message().find(text + "'"), std::string::npos);
    }
  }
}

TEST(VersionTest, OrderIsSemantic) {
  const std::vector<std::string> sorted = {"v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.beta",
                                           "v1.0.0-beta",  "v1.0.0-beta.2",  "v1.0.0-beta.11",
                                           "v1.0.0-rc.1",  "v1.0.0",         "v1.2.0",
                                           "v1.10.0",      "v2.0.0"};
  for (size_t i = 0; i < sorted.size(); ++i) {
    for (size_t k = 0; k < sorted.size(); ++k) EXPECT_EQ(VersionLess(sorted[i], sorted[k]), i < k);
  }
  EXPECT_TRUE(VersionLess("nonsense", "v0.0.0"));
}

TEST(VersionTest, ParseNeverAcceptsWhatIsNoPlainFolderName) {
  EXPECT_TRUE(rc::check("accepted text is one safe path component", [] {
    const auto alphabet = std::string("v0123456789.-/\\aZ");
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
    const auto version = ParseVersion(text);
    if (!version.ok()) return;
    RC_ASSERT(version->ToString() == text);
    RC_ASSERT(text.find('/') == std::string::npos && text.find('\\') == std::string::npos && text[0] == 'v');
  }));
}

}  // namespace
}  // namespace vigia::registry
