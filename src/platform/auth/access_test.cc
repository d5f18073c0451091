#include "auth/access.h"

#include <gtest/gtest.h>

#include "auth/testing/now.h"

namespace vigia::auth {
namespace {

TEST(AccessTest, TheFileKeepsEverything) {
  AccessChanges changes;
  changes.rate_limit_rpm = 120;
  changes.rate_limit_until = kNow;
  changes.blocked.push_back({*http::ParsePeer("203.0.113.9"), std::nullopt, "abuse"});
  const AccessChanges read = ParseAccess(FormatAccess(changes)).value();
  EXPECT_EQ(FormatAccess(read), FormatAccess(changes));
  EXPECT_TRUE(ParseAccess(FormatAccess({})).value().blocked.empty());
}

TEST(AccessTest, RefusesWhatItCannotMean) {
  for (const char* bad : {"", "[]", R"({"rate_limit_rpm":{"value":0}})", R"({"blocked":[{"address":"x"}]})",
                          R"({"blocked":[{"address":"1.2.3.4","until":"soon"}]})"}) {
    EXPECT_FALSE(ParseAccess(bad).ok()) << bad;
  }
}

TEST(AccessTest, BlocksEndAndProtectedAddressesAreNeverBlocked) {
  AccessPolicy policy;
  const http::Peer a = *http::ParsePeer("10.0.0.1");
  policy.blocked.push_back({a, kNow + std::chrono::hours(1), ""});
  EXPECT_TRUE(policy.IsBlocked(a, kNow));
  EXPECT_FALSE(policy.IsBlocked(a, kNow + std::chrono::hours(1)));
  EXPECT_FALSE(policy.IsBlocked(*http::ParsePeer("10.0.0.2"), kNow));
  policy.protected_peers.push_back(a);
  EXPECT_FALSE(policy.IsBlocked(a, kNow));
}

TEST(AccessTest, AChangedRateHoldsForItsTime) {
  AccessPolicy policy;
  EXPECT_FALSE(policy.RateAt(kNow).has_value());
  policy.rate = Rate{60, 60};
  policy.rate_until_changed = Rate{120, 120};
  policy.rate_until = kNow + std::chrono::hours(1);
  EXPECT_EQ(policy.RateAt(kNow)->per_minute, 120);
  EXPECT_EQ(policy.RateAt(kNow + std::chrono::hours(1))->per_minute, 60);
}

}  // namespace
}  // namespace vigia::auth
