#include "cli/set_command.h"

#include <gtest/gtest.h>

#include <sstream>

#include "audit/audit.h"
#include "auth/access.h"
#include "base/mem_files.h"
#include "cli/app.h"
#include "risk/live_threshold.h"

namespace vigia::cli {
namespace {

class SetCommandTest : public testing::Test {
 protected:
  int Vigia(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    words.insert(words.begin(), {"--home", "home"});
    return cli::Run(words, {files_, clock_, entropy_, executor_, progress_,
                            [](const std::string&) { return std::nullopt; }, out_, err_});
  }
  Json Shown() {
    EXPECT_EQ(Vigia({"set", "show", "--json"}), 0) << err_.str();
    return ParseJson(out_.str()).value();
  }
  Json Setting(const std::string& key) {
    EXPECT_EQ(Vigia({"config", "show", "--json"}), 0) << err_.str();
    const Json list = ParseJson(out_.str()).value();
    for (const Json& entry : list) {
      if (entry["key"] == key) return entry;
    }
    return nullptr;
  }
  auth::AccessChanges Access() { return auth::ReadAccess(files_, "home/state/access.json").value(); }
  uint64_t Audited() { return audit::Verify(files_, "home/logs/audit.log").value().entries; }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  MemFiles files_{clock_};
  FakeEntropy entropy_{3};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(SetCommandTest, AThresholdHoldsForItsTime) {
  ASSERT_EQ(Vigia({"set", "threshold", "0.05", "--for", "1h"}), 0) << err_.str();
  const auto live = risk::ReadLiveThreshold(files_, "home/state/threshold.json").value();
  ASSERT_TRUE(live);
  EXPECT_EQ(live->value, 0.05);
  EXPECT_EQ(live->until, clock_.Now() + std::chrono::hours(1));
  EXPECT_EQ(Shown()["threshold"]["value"], 0.05);
  EXPECT_EQ(Setting("risk.threshold")["value"], "0.05");
  EXPECT_EQ(Setting("risk.threshold")["origin"], "live");
  EXPECT_EQ(Setting("risk.threshold")["origin_detail"], "live until " + FormatTime(*live->until));
  clock_.Advance(std::chrono::hours(1));
  EXPECT_TRUE(Shown()["threshold"].is_null());
  EXPECT_EQ(Setting("risk.threshold")["origin"], "default");
  EXPECT_EQ(Audited(), 1U);
}

TEST_F(SetCommandTest, AResetTakesBackWhatWasSet) {
  ASSERT_EQ(Vigia({"set", "threshold", "0.3"}), 0);
  ASSERT_EQ(Vigia({"set", "rate-limit", "120"}), 0);
  EXPECT_EQ(Access().rate_limit_rpm, 120);
  EXPECT_EQ(Setting("risk.rate_limit_rpm")["value"], "120");
  ASSERT_EQ(Vigia({"set", "threshold", "--reset"}), 0);
  ASSERT_EQ(Vigia({"set", "rate-limit", "--reset"}), 0);
  EXPECT_FALSE(files_.Exists("home/state/threshold.json"));
  EXPECT_FALSE(Access().rate_limit_rpm);
  EXPECT_EQ(Vigia({"set", "threshold", "--reset"}), 0);  // nothing to take back is fine
  EXPECT_EQ(Audited(), 5U);
}

TEST_F(SetCommandTest, AddressesAreBlockedAndUnblocked) {
  ASSERT_EQ(Vigia({"block-ip", "203.0.113.9", "--for", "1h", "--reason", "scraping"}), 0) << err_.str();
  ASSERT_EQ(Vigia({"block-ip", "2001:db8::1"}), 0);
  ASSERT_EQ(Vigia({"block-ip", "203.0.113.9", "--for", "2h"}), 0);  // replaces its first entry
  ASSERT_EQ(Access().blocked.size(), 2U);
  EXPECT_EQ(Setting("risk.blocked_ips")["value"], "2001:db8::1,203.0.113.9");
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(Shown()["blocked"].size(), 1U);
  EXPECT_EQ(Vigia({"unblock-ip", "203.0.113.9"}), 1);  // it has ended
  EXPECT_EQ(Vigia({"unblock-ip", "2001:db8::1"}), 0);
  EXPECT_TRUE(Access().blocked.empty());
  EXPECT_EQ(Audited(), 4U);
}

TEST_F(SetCommandTest, RefusesWhatItCannotMeanAndChangesNothing) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  protected_addresses: [10.0.0.1]\n").ok());
  const std::vector<std::vector<std::string>> bad = {
      {"set", "threshold"},
      {"set", "threshold", "1.5"},
      {"set", "threshold", "-0.1"},
      {"set", "threshold", "nan"},
      {"set", "threshold", "0.5", "--reset"},
      {"set", "threshold", "--reset", "--for", "1h"},
      {"set", "threshold", "0.5", "--for", "soon"},
      {"set", "threshold", "0.5", "--for", "0"},
      {"set", "rate-limit", "0"},
      {"set", "rate-limit", "1.5"},
      {"block-ip", "example.org"},
      {"block-ip", "10.0.0.1"},
      {"block-ip", "10.0.0.2", "--reason", std::string(201, 'x')},
      {"unblock-ip", "10.0.0.3"},
  };
  for (const auto& words : bad) {
    EXPECT_NE(Vigia(words), 0) << testing::PrintToString(words);
    EXPECT_FALSE(err_.str().empty());
  }
  EXPECT_FALSE(files_.Exists("home/state/threshold.json"));
  EXPECT_FALSE(files_.Exists("home/state/access.json"));
  EXPECT_EQ(Audited(), 0U);
}

}  // namespace
}  // namespace vigia::cli
