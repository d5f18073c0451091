#include "auth/stages.h"

#include <gtest/gtest.h>

namespace vigia::auth {
namespace {

using std::chrono::seconds;

class StagesTest : public testing::Test {
 protected:
  void SetPolicy(AccessPolicy policy) { access_.Set(std::make_shared<const AccessPolicy>(std::move(policy))); }
  static AccessPolicy WithKeys(const char* list, double rpm) {
    AccessPolicy policy;
    policy.keys = KeySet(KeysFromList(list));
    policy.rate = Rate{rpm, rpm};
    return policy;
  }

  http::Response Run(http::Method method, std::string_view path, std::vector<http::HeaderField> headers = {},
                     const char* peer = "127.0.0.1") {
    if (pipeline_ == nullptr) {
      std::vector<http::Route> routes;
      routes.push_back({http::Method::kPost, "/predict", http::Access::kKey, http::Limited::kYes,
                        http::ErrorShape::kVigia, [](http::Exchange&) {}});
      routes.push_back({http::Method::kHead, "/predict", http::Access::kKey, http::Limited::kYes,
                        http::ErrorShape::kVigia, [](http::Exchange&) {}});
      routes.push_back({http::Method::kGet, "/health", http::Access::kPublic, http::Limited::kNo,
                        http::ErrorShape::kVigia, [](http::Exchange&) {}});
      std::vector<std::unique_ptr<http::Stage>> stages;
      stages.push_back(http::MakeTimeStage(clock_));
      stages.push_back(http::MakeRouteStage(std::move(routes)));
      stages.push_back(MakeKeyStage(access_, limiter_, clock_));
      stages.push_back(MakeLimitStage(access_, limiter_, clock_));
      stages.push_back(http::MakeActionStage());
      pipeline_ = std::make_unique<http::Pipeline>(std::move(stages));
    }
    http::Request request;
    request.method = method;
    request.path = path;
    request.headers = headers;
    request.peer = *http::ParsePeer(peer);
    http::Response response;
    pipeline_->Handle(request, response, {});
    return response;
  }
  int Post(const char* key, const char* peer = "127.0.0.1") {
    return Run(http::Method::kPost, "/predict", {{"X-API-Key", key}}, peer).status;
  }

  FakeClock clock_{WallTime(seconds(1'800'000'000))};
  AccessHolder access_;
  RateLimiter limiter_;
  std::unique_ptr<http::Pipeline> pipeline_;
};

TEST_F(StagesTest, WithoutKeysOnlyLoopbackIsServed) {
  SetPolicy({});
  EXPECT_EQ(Run(http::Method::kPost, "/predict").status, 200);
  EXPECT_EQ(Run(http::Method::kPost, "/predict", {}, "::1").status, 200);
  EXPECT_EQ(Run(http::Method::kPost, "/predict", {}, "10.0.0.1").status, 401);
  EXPECT_EQ(Run(http::Method::kGet, "/health", {}, "10.0.0.1").status, 200);
}

TEST_F(StagesTest, AKeyIsWantedWhereKeysAreConfigured) {
  SetPolicy(WithKeys("one,two", 100));
  EXPECT_EQ(Post("one"), 200);
  EXPECT_EQ(Post("two", "10.0.0.1"), 200);
  EXPECT_EQ(Post("three"), 401);
  EXPECT_EQ(Post(""), 401);
  EXPECT_EQ(Run(http::Method::kPost, "/predict", {{"Authorization", "bearer one"}}).status, 200);
  EXPECT_EQ(Run(http::Method::kGet, "/health").status, 200);
  SetPolicy(WithKeys("two", 100));  // "one" was revoked: also for whoever used it last
  EXPECT_EQ(Post("one"), 401);
}

TEST_F(StagesTest, LimitsAreSaidAndTrue) {
  SetPolicy(WithKeys("one,two", 2));
  const http::Response first = Run(http::Method::kPost, "/predict", {{"X-API-Key", "one"}});
  EXPECT_NE(first.headers.find("X-RateLimit-Limit: 2\r\nX-RateLimit-Remaining: 1\r\n"), std::string::npos);
  EXPECT_EQ(Post("one"), 200);
  const http::Response head = Run(http::Method::kHead, "/predict", {{"X-API-Key", "one"}});
  EXPECT_EQ(head.status, 200);
  EXPECT_NE(head.headers.find("X-RateLimit-Remaining: 0\r\n"), std::string::npos);
  const http::Response denied = Run(http::Method::kPost, "/predict", {{"X-API-Key", "one"}});
  EXPECT_EQ(denied.status, 429);
  EXPECT_NE(denied.headers.find("Retry-After: 30\r\n"), std::string::npos);
  EXPECT_NE(denied.body.find("RATE_LIMITED"), std::string::npos);
  EXPECT_EQ(Post("two"), 200);
  clock_.Advance(seconds(30));
  EXPECT_EQ(Post("one"), 200);
  EXPECT_EQ(Post("one"), 429);
}

TEST_F(StagesTest, AKeyMayHaveARateOfItsOwn) {
  FakeEntropy entropy(1);
  std::vector<ApiKey> keys;
  const NewKey made = CreateKey(keys, {"slow", 1}, clock_.Now(), entropy).value();
  AccessPolicy policy;
  policy.keys = KeySet(keys);
  policy.rate = Rate{100, 100};
  SetPolicy(std::move(policy));
  EXPECT_EQ(Post(made.secret.Reveal().c_str()), 200);
  EXPECT_EQ(Post(made.secret.Reveal().c_str()), 429);
}

TEST_F(StagesTest, GuessingIsLimitedPerAddress) {
  SetPolicy(WithKeys("one", 1000));
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += Post("guess", "10.0.0.1") == 429 ? 1 : 0;
  EXPECT_EQ(refused, 40);
  EXPECT_EQ(Post("guess", "10.0.0.2"), 401);
  EXPECT_EQ(Post("one", "10.0.0.1"), 200);
}

TEST_F(StagesTest, BlockedAddressesGetNothing) {
  AccessPolicy policy = WithKeys("one", 100);
  policy.blocked.push_back({*http::ParsePeer("10.0.0.1"), clock_.Now() + seconds(60), ""});
  SetPolicy(std::move(policy));
  EXPECT_EQ(Post("one", "10.0.0.1"), 403);
  EXPECT_EQ(Run(http::Method::kGet, "/health", {}, "10.0.0.1").status, 403);
  clock_.Advance(seconds(60));
  EXPECT_EQ(Post("one", "10.0.0.1"), 200);
}

TEST_F(StagesTest, WithoutALimitHeadSaysSo) {
  SetPolicy({});
  EXPECT_NE(Run(http::Method::kHead, "/predict").headers.find("X-RateLimit-Remaining: unlimited"), std::string::npos);
  EXPECT_EQ(Run(http::Method::kPost, "/predict").headers.find("X-RateLimit"), std::string::npos);
}

}  // namespace
}  // namespace vigia::auth
