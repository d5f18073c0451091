#include "http/message.h"

#include <gtest/gtest.h>

namespace vigia::http {
namespace {

TEST(PeerTest, ReadsAndWritesAddresses) {
  for (const char* text : {"127.0.0.1", "10.1.2.3", "::1", "2001:db8::7"}) {
    ASSERT_TRUE(ParsePeer(text).has_value()) << text;
    EXPECT_EQ(ParsePeer(text)->ToString(), text);
  }
  for (const char* text : {"", "localhost", "1.2.3", "300.1.1.1", "::g"}) EXPECT_FALSE(ParsePeer(text)) << text;
  EXPECT_TRUE(ParsePeer("127.9.9.9")->IsLoopback());
  EXPECT_TRUE(ParsePeer("::1")->IsLoopback());
  EXPECT_FALSE(ParsePeer("128.0.0.1")->IsLoopback());
  EXPECT_FALSE(ParsePeer("::2")->IsLoopback());
}

TEST(RequestTest, FindsQueryParameters) {
  Request request;
  request.query = "a=1&format=open%20metrics&flag&b=x+y";
  EXPECT_EQ(request.QueryParameter("format"), "open metrics");
  EXPECT_EQ(request.QueryParameter("flag"), "");
  EXPECT_EQ(request.QueryParameter("b"), "x y");
  EXPECT_EQ(request.QueryParameter("c"), std::nullopt);
}

TEST(ResponseTest, IsFramedByItsLength) {
  Response response;
  response.body = "{}";
  response.AddHeader("X-A", "1");
  std::string out;
  AppendResponse(out, response, {false, true, "Sun, 06 Nov 1994 08:49:37 GMT"});
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\nConnection: keep-alive\r\nX-A: 1\r\n\r\n{}");
  out.clear();
  response.status = 404;
  AppendResponse(out, response, {true, false, "d"});
  EXPECT_NE(out.find("HTTP/1.1 404 Not Found\r\n"), std::string::npos);
  EXPECT_NE(out.find("Content-Length: 2\r\nConnection: close"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(HttpDateTest, IsTheFixedFormat) {
  EXPECT_EQ(FormatHttpDate(WallTime(std::chrono::seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(PercentDecodeTest, LeavesWhatIsNotAnEscape) {
  EXPECT_EQ(PercentDecode("a%2Fb%zz%4", false), "a/b%zz%4");
  EXPECT_EQ(PercentDecode("a+b", false), "a+b");
}

}  // namespace
}  // namespace vigia::http
