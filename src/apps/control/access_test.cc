#include "control/access.h"

#include <gtest/gtest.h>

#include "base/mem_files.h"

namespace vigia::control {
namespace {

class AccessTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth::SetPassword(*auth::AddUser(users_, "ana", Role::kOperator, clock_.Now()).value(), "correct horse",
                                  clock_.Now())
                    .ok());
    key_ = auth::GiveKey(*auth::AddUser(users_, "bot", Role::kViewer, clock_.Now()).value(), clock_.Now(), entropy_);
  }
  void Save() {
    ASSERT_TRUE(auth::WriteUsers(files_, "users.json", users_).ok());
    clock_.Advance(std::chrono::seconds(1));
  }
  http::Request Ask(http::Method method, std::vector<http::HeaderField> headers, const char* from = "127.0.0.1") {
    headers_ = std::move(headers);
    http::Request request;
    request.method = method;
    request.headers = headers_;
    request.peer = *http::ParsePeer(from);
    return request;
  }
  Result<Access::Who> Identify(http::Method method, std::vector<http::HeaderField> headers,
                               const char* from = "127.0.0.1") {
    return access_.Identify(Ask(method, std::move(headers), from));
  }
  Result<auth::Sessions::Opened> SignIn(const std::string& user, const std::string& password) {
    return access_.SignIn({user, password, {}}, *http::ParsePeer("10.0.0.1"));
  }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  MemFiles files_{clock_};
  FakeEntropy entropy_{5};
  std::vector<auth::User> users_;
  Secret key_;
  std::vector<http::HeaderField> headers_;
  Access access_{Secret("token"), {files_, clock_, entropy_, "users.json"}};
};

TEST_F(AccessTest, WithoutUsersThisMachineMayLook) {
  ASSERT_TRUE(Identify(http::Method::kGet, {}).ok());
  EXPECT_EQ(Identify(http::Method::kGet, {})->actor.role, Role::kViewer);
  EXPECT_TRUE(Identify(http::Method::kGet, {{"host", "localhost:8900"}}).ok());
  EXPECT_FALSE(Identify(http::Method::kGet, {{"host", "evil.example"}}).ok());
  EXPECT_FALSE(Identify(http::Method::kGet, {}, "10.0.0.1").ok());
  EXPECT_FALSE(access_.HasUsers());
}

TEST_F(AccessTest, TheTokenIsAnAdministrator) {
  const auto who = Identify(http::Method::kPost, {{"authorization", "Bearer token"}, {"x-vigia-user", "rui"}});
  ASSERT_TRUE(who.ok());
  EXPECT_EQ(who->actor.name, "rui");
  EXPECT_EQ(who->actor.role, Role::kAdmin);
  EXPECT_FALSE(Identify(http::Method::kGet, {{"authorization", "Bearer tokem"}}).ok());
}

TEST_F(AccessTest, WithUsersNobodyIsAnonymous) {
  Save();
  EXPECT_TRUE(access_.HasUsers());
  EXPECT_EQ(Identify(http::Method::kGet, {}).error().code(), Code::kPermissionDenied);
  const auto bot = Identify(http::Method::kPost, {{"x-api-key", key_.Reveal()}}, "10.0.0.1");
  ASSERT_TRUE(bot.ok());
  EXPECT_EQ(bot->actor.name, "bot");
  EXPECT_EQ(bot->actor.role, Role::kViewer);
}

TEST_F(AccessTest, ASessionReadsWithItsCookieAndWritesWithItsToken) {
  Save();
  const auto opened = SignIn("ana", "correct horse");
  ASSERT_TRUE(opened.ok());
  const std::string cookie = "other=1; vigia_session=" + opened->token.Reveal();
  const auto reads = Identify(http::Method::kGet, {{"cookie", cookie}}, "10.0.0.1");
  ASSERT_TRUE(reads.ok());
  EXPECT_EQ(reads->actor.name, "ana");
  EXPECT_EQ(reads->actor.role, Role::kOperator);
  EXPECT_EQ(Identify(http::Method::kPost, {{"cookie", cookie}}).error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(Identify(http::Method::kDelete, {{"cookie", cookie}, {"x-csrf-token", "x"}}).error().code(),
            Code::kFailedPrecondition);
  EXPECT_TRUE(Identify(http::Method::kPost, {{"cookie", cookie}, {"x-csrf-token", opened->session.csrf}}).ok());
  access_.SignOut(Ask(http::Method::kDelete, {{"cookie", cookie}}));
  EXPECT_FALSE(Identify(http::Method::kGet, {{"cookie", cookie}}).ok());
}

TEST_F(AccessTest, AChangedUserSignsInAgain) {
  Save();
  const auto opened = SignIn("ana", "correct horse");
  ASSERT_TRUE(opened.ok());
  const std::string cookie = "vigia_session=" + opened->token.Reveal();
  clock_.Advance(std::chrono::minutes(1));
  users_[0].role = Role::kAdmin;
  users_[0].changed_at = clock_.Now();
  Save();
  EXPECT_FALSE(Identify(http::Method::kGet, {{"cookie", cookie}}).ok());
  const auto key_works = Identify(http::Method::kGet, {{"x-api-key", key_.Reveal()}});
  EXPECT_TRUE(key_works.ok());
}

TEST_F(AccessTest, AnAnswerThatGoesOnEndsWithWhatLetItIn) {
  const auto anybody = access_.StillLetsIn(Ask(http::Method::kGet, {}));
  EXPECT_TRUE(anybody());
  Save();
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(anybody());  // there are users now
  EXPECT_TRUE(access_.StillLetsIn(Ask(http::Method::kGet, {{"authorization", "Bearer token"}}))());
  const auto bot = access_.StillLetsIn(Ask(http::Method::kGet, {{"x-api-key", key_.Reveal()}}));
  EXPECT_TRUE(bot());
  const auto opened = SignIn("ana", "correct horse");
  ASSERT_TRUE(opened.ok());
  const std::string cookie = "vigia_session=" + opened->token.Reveal();
  const auto ana = access_.StillLetsIn(Ask(http::Method::kGet, {{"cookie", cookie}}));
  for (int i = 0; i < 61; ++i) {  // asking keeps no session alive
    EXPECT_TRUE(i >= 60 || ana()) << i;
    clock_.Advance(std::chrono::minutes(1));
  }
  EXPECT_FALSE(ana());
  users_.clear();
  Save();
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(bot());
}

TEST_F(AccessTest, WrongCredentialsAreAllTheSameAndLimited) {
  Save();
  const std::string said = SignIn("ana", "wrong horse").error().message();
  EXPECT_EQ(SignIn("nobody", "correct horse").error().message(), said);
  EXPECT_EQ(SignIn("bot", "").error().message(), said);  // has no password
  EXPECT_EQ(access_.SignIn({"", "", Secret("vu_0")}, *http::ParsePeer("10.0.0.1")).error().message(), said);
  Code last = Code::kPermissionDenied;
  for (int i = 0; i < 8; ++i) last = SignIn("ana", "wrong horse").error().code();
  EXPECT_EQ(last, Code::kResourceExhausted);
  EXPECT_EQ(SignIn("ana", "correct horse").error().code(), Code::kResourceExhausted);
  clock_.Advance(std::chrono::seconds(15));
  EXPECT_TRUE(SignIn("ana", "correct horse").ok());
}

TEST_F(AccessTest, ADamagedFileLetsNobodyInWhoWasNotThere) {
  ASSERT_TRUE(files_.Write("users.json", "{").ok());
  EXPECT_TRUE(access_.HasUsers());
  EXPECT_FALSE(Identify(http::Method::kGet, {}).ok());
  EXPECT_TRUE(Identify(http::Method::kGet, {{"authorization", "Bearer token"}}).ok());
}

}  // namespace
}  // namespace vigia::control
