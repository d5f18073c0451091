#include "drill/sink.h"

#include <gtest/gtest.h>

#include "net/http_client.h"

namespace vigia::drill {
namespace {

TEST(SinkTest, KeepsWhoWasCalled) {
  const SystemClock clock;
  const auto sink = Sink::Start(clock).value();
  const auto http = net::MakeHttpClient();
  net::HttpRequest request;
  request.method = "POST";
  request.url = sink->url();
  request.body = "Body=%5BP1%5D+The%20service&To=sre-L1&Other=1";
  ASSERT_EQ(http->Send(request).value().status, 200);
  const std::vector<Page> pages = sink->pages();
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].to, "sre-L1");
  EXPECT_EQ(pages[0].text, "[P1] The service");
}

}  // namespace
}  // namespace vigia::drill
