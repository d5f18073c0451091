#include "cli/key_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "auth/keys.h"
#include "base/mem_files.h"
#include "cli/app.h"

namespace vigia::cli {
namespace {

class KeyCommandTest : public testing::Test {
 protected:
  int Vigia(std::vector<std::string> words) {
    out_.str("");
    words.insert(words.begin(), {"--home", "home"});
    return cli::Run(words, {files_, clock_, entropy_, executor_, progress_,
                            [](const std::string&) { return std::nullopt; }, out_, err_});
  }
  const auth::ApiKey* Find(const std::string& secret) {
    set_ = auth::KeySet(auth::ReadKeys(files_, "home/state/api_keys.json").value());
    return set_.Find(secret, clock_.Now());
  }
  std::string Line() { return out_.str().substr(0, out_.str().find('\n')); }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  MemFiles files_{clock_};
  FakeEntropy entropy_{3};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
  auth::KeySet set_;
};

TEST_F(KeyCommandTest, AKeyLives) {
  ASSERT_EQ(Vigia({"key", "create", "portal", "--rate", "120", "--expires", "30d"}), 0) << err_.str();
  const std::string first = Line();
  ASSERT_NE(Find(first), nullptr);
  EXPECT_EQ(Find(first)->rate_limit_rpm, 120);
  EXPECT_EQ(Vigia({"key", "create", "portal"}), 1);
  ASSERT_EQ(Vigia({"key", "rotate", "portal", "--grace", "1h"}), 0);
  const std::string second = Line();
  EXPECT_NE(Find(first), nullptr);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(Find(first), nullptr);
  EXPECT_NE(Find(second), nullptr);
  ASSERT_EQ(Vigia({"key", "list"}), 0);
  EXPECT_EQ(out_.str().find(second), std::string::npos);
  EXPECT_NE(out_.str().find("portal"), std::string::npos);
  ASSERT_EQ(Vigia({"key", "revoke", "portal"}), 0);
  EXPECT_EQ(Find(second), nullptr);
  EXPECT_EQ(Vigia({"key", "revoke", "portal"}), 1);
  EXPECT_EQ(Vigia({"key", "create", "x", "--expires", "soon"}), 1);
}

}  // namespace
}  // namespace vigia::cli
