#include "dashboard/assets.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "dashboard/embedded.h"

namespace vigia::dashboard {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

http::Response Get(const http::Route& route, std::vector<http::HeaderField> headers = {}) {
  http::Request request;
  request.method = http::Method::kGet;
  request.path = route.path;
  request.headers = headers;
  http::Response response;
  const http::LoopState loop;
  http::Exchange exchange{.request = request, .response = response, .loop = loop};
  route.action(exchange);
  return response;
}

http::Route Page() {
  for (http::Route& route : AssetRoutes()) {
    if (route.path == "/") return route;
  }
  ADD_FAILURE() << "no page";
  return {};
}

TEST(AssetsTest, PageLoadsItsScriptFromAnAssetThatIsServed) {
  const http::Response page = Get(Page());
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  const auto routes = AssetRoutes();
  const auto script = std::find_if(routes.begin(), routes.end(), [&](const http::Route& route) {
    return route.path.ends_with(".js") && page.body.find("." + route.path) != std::string::npos;
  });
  ASSERT_NE(script, routes.end());
  EXPECT_EQ(Get(*script).content_type, "text/javascript; charset=utf-8");
  EXPECT_THAT(Get(*script).headers, HasSubstr("immutable"));
  EXPECT_THAT(page.headers, HasSubstr("Cache-Control: no-cache\r\n"));
}

TEST(AssetsTest, PolicyAllowsNoInlineScriptAndThePageHasNone) {
  const http::Response page = Get(Page());
  EXPECT_THAT(page.headers, HasSubstr("script-src 'self';"));
  EXPECT_THAT(page.headers, Not(HasSubstr("unsafe")));
  EXPECT_THAT(page.headers, HasSubstr("X-Content-Type-Options: nosniff"));
  for (size_t at = page.body.find("<script"); at != std::string::npos; at = page.body.find("<script", at + 1)) {
    EXPECT_THAT(page.body.substr(at, page.body.find('>', at) - at), HasSubstr("src="));
  }
  EXPECT_THAT(page.body, Not(HasSubstr("<style")));
  EXPECT_THAT(page.body, Not(HasSubstr("http:")));
}

TEST(AssetsTest, GzipGoesOnlyToWhoTakesIt) {
  struct Case {
    const char* accept;
    bool gzip;
  };
  for (const Case& c :
       {Case{"gzip", true}, Case{"br, GZIP;q=0.5", true}, Case{"*", true}, Case{"", false}, Case{"br", false},
        Case{"gzip;q=0", false}, Case{"gzip;q=0.0, br", false}, Case{"xgzip", false}}) {
    const http::Response response = Get(Page(), {{"Accept-Encoding", c.accept}});
    EXPECT_EQ(response.headers.find("Content-Encoding: gzip") != std::string::npos, c.gzip) << c.accept;
    EXPECT_EQ(response.body.starts_with("\x1f\x8b"), c.gzip) << c.accept;
    EXPECT_THAT(response.headers, HasSubstr("Vary: Accept-Encoding"));
  }
}

TEST(AssetsTest, UnchangedIsAnsweredWithoutABody) {
  const std::string etag(EmbeddedFiles().front().etag);
  for (const http::Route& route : AssetRoutes()) {
    if (route.path != EmbeddedFiles().front().path) continue;
    for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
      const http::Response response = Get(route, {{"If-None-Match", known}});
      EXPECT_EQ(response.status, 304) << known;
      EXPECT_TRUE(response.body.empty());
      EXPECT_THAT(response.headers, HasSubstr("ETag: " + etag));
    }
    EXPECT_EQ(Get(route, {{"If-None-Match", "\"other\""}}).status, 200);
  }
}

TEST(AssetsTest, FirstLoadIsSmall) {
  // What the page names itself; other pages come when they are opened.
  const std::string page = Get(Page()).body;
  size_t bytes = 0;
  for (const Embedded& file : EmbeddedFiles()) {
    if (file.path == "/" || page.find("." + std::string(file.path)) != std::string::npos) bytes += file.gzip.size;
  }
  EXPECT_LT(bytes, 200u * 1024);
}

}  // namespace
}  // namespace vigia::dashboard
