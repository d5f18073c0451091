#include "auth/keys.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/mem_files.h"

namespace vigia::auth {
namespace {

using std::chrono::hours;

class KeysTest : public testing::Test {
 protected:
  const WallTime now_{std::chrono::seconds(1'800'000'000)};
  FakeEntropy entropy_{7};
  std::vector<ApiKey> keys_;
};

TEST_F(KeysTest, ACreatedKeyIsFoundByItsSecretOnly) {
  const NewKey made = CreateKey(keys_, {"portal", 120}, now_, entropy_).value();
  EXPECT_EQ(made.secret.Reveal().size(), 67U);
  EXPECT_EQ(FormatKeys(keys_).find(made.secret.Reveal()), std::string::npos);
  const KeySet set(keys_);
  ASSERT_NE(set.Find(made.secret.Reveal(), now_), nullptr);
  EXPECT_EQ(set.Find(made.secret.Reveal(), now_)->rate_limit_rpm, 120);
  for (const std::string& bad :
       {std::string(), std::string("vk_"), made.secret.Reveal() + "0", made.key.sha256, std::string(1000, 'a')}) {
    EXPECT_EQ(set.Find(bad, now_), nullptr);
  }
}

TEST_F(KeysTest, NamesAreDistinctAndPlain) {
  ASSERT_TRUE(CreateKey(keys_, {"a.b-c_1"}, now_, entropy_).ok());
  EXPECT_EQ(CreateKey(keys_, {"a.b-c_1"}, now_, entropy_).error().code(), Code::kAlreadyExists);
  for (const std::string& bad : {std::string(), std::string("a b"), std::string("a\n"), std::string(65, 'a')}) {
    EXPECT_EQ(CreateKey(keys_, {bad}, now_, entropy_).error().code(), Code::kInvalidArgument);
  }
  EXPECT_FALSE(CreateKey(keys_, {"x", -1}, now_, entropy_).ok());
}

TEST_F(KeysTest, RevokedAndExpiredKeysAreRefused) {
  const NewKey a = CreateKey(keys_, {"a"}, now_, entropy_).value();
  const NewKey b = CreateKey(keys_, {"b", 0, now_ + hours(1)}, now_, entropy_).value();
  ASSERT_TRUE(RevokeKey(keys_, "a", now_).ok());
  EXPECT_EQ(RevokeKey(keys_, "a", now_).error().code(), Code::kNotFound);
  const KeySet set(keys_);
  EXPECT_EQ(set.Find(a.secret.Reveal(), now_), nullptr);
  EXPECT_NE(set.Find(b.secret.Reveal(), now_), nullptr);
  EXPECT_EQ(set.Find(b.secret.Reveal(), now_ + hours(1)), nullptr);
  EXPECT_TRUE(CreateKey(keys_, {"a"}, now_, entropy_).ok());
}

TEST_F(KeysTest, RotationLeavesTheOldSecretItsGrace) {
  const NewKey old = CreateKey(keys_, {"a", 30}, now_, entropy_).value();
  const NewKey fresh = RotateKey(keys_, "a", hours(1), now_, entropy_).value();
  const KeySet set(keys_);
  EXPECT_NE(set.Find(old.secret.Reveal(), now_), nullptr);
  EXPECT_EQ(set.Find(old.secret.Reveal(), now_ + hours(1)), nullptr);
  EXPECT_EQ(set.Find(fresh.secret.Reveal(), now_ + hours(1))->rate_limit_rpm, 30);
  ASSERT_TRUE(RevokeKey(keys_, "a", now_).ok());
  EXPECT_EQ(KeySet(keys_).Find(old.secret.Reveal(), now_), nullptr);
  EXPECT_EQ(KeySet(keys_).Find(fresh.secret.Reveal(), now_), nullptr);
  EXPECT_FALSE(RotateKey(keys_, "nobody", hours(1), now_, entropy_).ok());
}

TEST_F(KeysTest, TheFileKeepsEverything) {
  FakeClock clock(now_);
  MemFiles files(clock);
  EXPECT_TRUE(ReadKeys(files, "state/api_keys.json").value().empty());
  ASSERT_TRUE(CreateKey(keys_, {"a", 5, now_ + hours(2)}, now_, entropy_).ok());
  ASSERT_TRUE(CreateKey(keys_, {"b"}, now_, entropy_).ok());
  ASSERT_TRUE(RevokeKey(keys_, "b", now_).ok());
  ASSERT_TRUE(WriteKeys(files, "state/api_keys.json", keys_).ok());
  EXPECT_EQ(FormatKeys(ReadKeys(files, "state/api_keys.json").value()), FormatKeys(keys_));
  for (const char* bad : {"", "{}", "{\"keys\":[{}]}", R"({"keys":[{"name":"a","sha256":"12"}]})"}) {
    EXPECT_FALSE(ParseKeys(bad).ok()) << bad;
  }
}

TEST(KeysFromListTest, ReadsACommaList) {
  const std::vector<ApiKey> keys = KeysFromList(" one, two,,three ");
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[1].name, "env-2");
  EXPECT_EQ(keys[1].sha256, Sha256Hex("two"));
  EXPECT_TRUE(KeysFromList("").empty());
}

}  // namespace
}  // namespace vigia::auth
