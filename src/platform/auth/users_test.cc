#include "auth/users.h"

#include <gmock/gmock.h>

#include "auth/password.h"
#include "auth/sessions.h"
#include "auth/testing/now.h"
#include "base/clock.h"
#include "base/mem_files.h"

namespace vigia::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PasswordTest, OnlyTheRightOneVerifies) {
  const std::string hash = HashPassword("correct horse").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(VerifyPassword(hash, "correct horse"));
  EXPECT_FALSE(VerifyPassword(hash, "correct horsf"));
  EXPECT_FALSE(VerifyPassword(hash, ""));
  EXPECT_FALSE(VerifyPassword("", "correct horse"));
  EXPECT_FALSE(VerifyPassword("$argon2id$nonsense", "correct horse"));
  EXPECT_FALSE(VerifyPassword(std::string(500, 'x'), "correct horse"));
  EXPECT_NE(hash, HashPassword("correct horse").value());  // salted
}

TEST(PasswordTest, LengthsAreLimited) {
  EXPECT_EQ(HashPassword("seven77").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(HashPassword(std::string(513, 'x')).error().code(), Code::kInvalidArgument);
}

TEST(UsersTest, AreReadAsTheyWereWritten) {
  const FakeClock clock(kNow);
  MemFiles files(clock);
  FakeEntropy entropy(1);
  std::vector<User> users;
  ASSERT_TRUE(SetPassword(*AddUser(users, "ana", Role::kAdmin, kNow).value(), "correct horse", kNow).ok());
  const Secret key = GiveKey(*AddUser(users, "bot@ci", Role::kViewer, kNow).value(), kNow, entropy);
  ASSERT_TRUE(WriteUsers(files, "users.json", users).ok());
  EXPECT_THAT(files.Read("users.json").value(), Not(HasSubstr(key.Reveal())));
  EXPECT_THAT(files.Read("users.json").value(), Not(HasSubstr("correct horse")));

  const std::vector<User> read = ReadUsers(files, "users.json").value();
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].name, "ana");
  EXPECT_EQ(read[0].role, Role::kAdmin);
  EXPECT_TRUE(VerifyPassword(read[0].password, "correct horse"));
  ASSERT_NE(FindByKey(read, key.Reveal()), nullptr);
  EXPECT_EQ(FindByKey(read, key.Reveal())->name, "bot@ci");
  EXPECT_EQ(FindByKey(read, key.Reveal() + "0"), nullptr);
  EXPECT_EQ(FindByKey(read, ""), nullptr);
  EXPECT_TRUE(ReadUsers(files, "absent.json").value().empty());
}

TEST(UsersTest, NamesAreNamesAndUnique) {
  std::vector<User> users;
  for (const char* bad : {"", "a b", "a/b", "é", "a\n"}) {
    EXPECT_EQ(AddUser(users, bad, Role::kViewer, kNow).error().code(), Code::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(AddUser(users, std::string(65, 'a'), Role::kViewer, kNow).ok());
  ASSERT_TRUE(AddUser(users, "ana", Role::kViewer, kNow).ok());
  EXPECT_EQ(AddUser(users, "ana", Role::kAdmin, kNow).error().code(), Code::kAlreadyExists);
}

TEST(UsersTest, TheLastAdministratorStaysWhileThereAreOthers) {
  std::vector<User> users;
  ASSERT_TRUE(AddUser(users, "ana", Role::kAdmin, kNow).ok());
  ASSERT_TRUE(AddUser(users, "bia", Role::kViewer, kNow).ok());
  EXPECT_EQ(RemoveUser(users, "ana").error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(RemoveUser(users, "caio").error().code(), Code::kNotFound);
  ASSERT_TRUE(RemoveUser(users, "bia").ok());
  EXPECT_TRUE(RemoveUser(users, "ana").ok());
  EXPECT_TRUE(users.empty());
}

TEST(UsersTest, ADamagedFileIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"users":[{}]})",
                           R"({"users":[{"name":"a","role":"root","created_at":"2026-11-20T12:00:00Z",
                              "changed_at":"2026-11-20T12:00:00Z"}]})",
                           R"({"users":[{"name":"a b","role":"admin","created_at":"2026-11-20T12:00:00Z",
                              "changed_at":"2026-11-20T12:00:00Z"}]})"}) {
    EXPECT_FALSE(ParseUsers(text).ok()) << text;
  }
}

TEST(SessionsTest, LastWhileUsedAndNoLongerThanTheLongest) {
  FakeEntropy entropy(2);
  Sessions sessions({.idle = std::chrono::minutes(10), .longest = std::chrono::minutes(25)}, entropy);
  const Sessions::Opened opened = sessions.Open("ana", kNow);
  EXPECT_EQ(opened.token.Reveal().size(), 64u);
  EXPECT_NE(opened.token.Reveal(), opened.session.csrf);
  for (const int minute : {9, 18, 24}) {
    const auto found = sessions.Find(opened.token.Reveal(), kNow + std::chrono::minutes(minute));
    ASSERT_TRUE(found.has_value()) << minute;
    EXPECT_EQ(found->user, "ana");
    EXPECT_EQ(found->csrf, opened.session.csrf);
  }
  EXPECT_FALSE(sessions.Find(opened.token.Reveal(), kNow + std::chrono::minutes(25)).has_value());
}

TEST(SessionsTest, EndWhenIdleClosedOrCrowdedOut) {
  FakeEntropy entropy(3);
  Sessions sessions({.idle = std::chrono::minutes(10), .most = 2}, entropy);
  const auto first = sessions.Open("ana", kNow);
  EXPECT_FALSE(sessions.Find(first.token.Reveal(), kNow + std::chrono::minutes(10)).has_value());
  const auto second = sessions.Open("ana", kNow);
  sessions.Close(second.token.Reveal());
  EXPECT_FALSE(sessions.Find(second.token.Reveal(), kNow).has_value());
  const auto oldest = sessions.Open("ana", kNow);
  const auto newer = sessions.Open("bia", kNow + std::chrono::minutes(1));
  const auto newest = sessions.Open("caio", kNow + std::chrono::minutes(2));
  EXPECT_EQ(sessions.size(), 2u);
  EXPECT_FALSE(sessions.Find(oldest.token.Reveal(), kNow + std::chrono::minutes(2)).has_value());
  EXPECT_TRUE(sessions.Find(newer.token.Reveal(), kNow + std::chrono::minutes(2)).has_value());
  EXPECT_FALSE(sessions.Find("", kNow).has_value());
}

}  // namespace
}  // namespace vigia::auth
