#include "cli/user_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "auth/password.h"
#include "auth/users.h"
#include "base/mem_files.h"
#include "cli/app.h"

namespace vigia::cli {
namespace {

class UserCommandTest : public testing::Test {
 protected:
  int Vigia(std::vector<std::string> words) {
    out_.str("");
    words.insert(words.begin(), {"--home", "home"});
    return cli::Run(words, {files_, clock_, entropy_, executor_, progress_,
                            [this](const std::string& name) -> std::optional<std::string> {
                              if (name == "VIGIA_NEW_PASSWORD") return password_;
                              return std::nullopt;
                            },
                            out_, err_});
  }
  std::vector<auth::User> Users() { return auth::ReadUsers(files_, "home/state/users.json").value(); }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  MemFiles files_{clock_};
  FakeEntropy entropy_{3};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
  std::string password_ = "correct horse";
};

TEST_F(UserCommandTest, AUserLives) {
  ASSERT_EQ(Vigia({"user", "add", "ana", "--role", "admin"}), 0) << err_.str();
  ASSERT_EQ(Users().size(), 1u);
  EXPECT_EQ(Users()[0].role, auth::Role::kAdmin);
  EXPECT_TRUE(auth::VerifyPassword(Users()[0].password, "correct horse"));
  EXPECT_EQ(Vigia({"user", "add", "ana"}), 1);

  clock_.Advance(std::chrono::hours(1));
  password_ = "another horse";
  ASSERT_EQ(Vigia({"user", "password", "ana"}), 0);
  EXPECT_TRUE(auth::VerifyPassword(Users()[0].password, "another horse"));
  EXPECT_EQ(Users()[0].changed_at, clock_.Now());

  ASSERT_EQ(Vigia({"user", "add", "bot", "--key"}), 0);
  const std::string key = out_.str().substr(0, out_.str().find('\n'));
  ASSERT_NE(auth::FindByKey(Users(), key), nullptr);
  ASSERT_EQ(Vigia({"user", "key", "bot"}), 0);
  EXPECT_EQ(auth::FindByKey(Users(), key), nullptr);
  ASSERT_EQ(Vigia({"user", "role", "bot", "--role", "operator"}), 0);
  ASSERT_EQ(Vigia({"--json", "user", "list"}), 0);
  EXPECT_EQ(ParseJson(out_.str()).value()[1]["role"], "operator");
  EXPECT_EQ(out_.str().find("argon2"), std::string::npos);

  EXPECT_EQ(Vigia({"user", "remove", "ana"}), 1);  // the last administrator
  ASSERT_EQ(Vigia({"user", "remove", "bot"}), 0);
  EXPECT_EQ(Users().size(), 1u);
  EXPECT_NE(files_.Read("home/logs/audit.log").value().find("user_remove"), std::string::npos);
  EXPECT_EQ(files_.Read("home/logs/audit.log").value().find("horse"), std::string::npos);
}

TEST_F(UserCommandTest, RefusesWhatIsNotAUser) {
  EXPECT_EQ(Vigia({"user", "add", "a b"}), 1);
  EXPECT_EQ(Vigia({"user", "add", "ana", "--role", "root"}), 1);
  password_ = "short";
  EXPECT_EQ(Vigia({"user", "add", "ana"}), 1);
  EXPECT_EQ(Vigia({"user", "password", "nobody"}), 1);
  EXPECT_EQ(Vigia({"user", "add"}), 2);
  EXPECT_TRUE(Users().empty());
}

}  // namespace
}  // namespace vigia::cli
