#include "http/request_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "http/connection.h"

namespace vigia::http {
namespace {

using Next = RequestReader::Next;

// What a run over some bytes saw, request by request.
struct Seen {
  std::vector<std::string> requests;  // "METHOD path?query body"
  Fault fault = Fault::kNone;
  bool operator==(const Seen&) const = default;
};

// Feeds the bytes in pieces that end at `cuts`.
Seen Feed(std::string_view bytes, const std::vector<size_t>& cuts = {}, ReadLimits limits = {}) {
  RequestReader reader;
  HeadTable table;
  InputBuffer input;
  Seen seen;
  size_t from = 0;
  std::vector<size_t> ends = cuts;
  ends.push_back(bytes.size());
  for (const size_t end : ends) {
    if (end < from || end > bytes.size()) continue;
    input.Append(bytes.substr(from, end - from));
    from = end;
    while (!input.empty()) {
      Request request;
      size_t size = input.size();
      const Next next = reader.Read(input.data(), size, limits, table, request);
      if (next == Next::kFault) {
        seen.fault = request.fault;
        return seen;
      }
      if (next == Next::kNeedMore) {
        input.Shrink(size);
        break;
      }
      seen.requests.push_back(std::string(MethodName(request.method)) + " " + std::string(request.path) + "?" +
                              std::string(request.query) + " " + std::string(request.body));
      input.DropFront(reader.consumed());
    }
  }
  return seen;
}

constexpr std::string_view kPost = "POST /p HTTP/1.1\r\nHost: h\r\n";

TEST(RequestReaderTest, ReadsWhatClientsSend) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n", {"GET /a?b=c "}},
      {"GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n", {"GET /a?b "}},
      {"GET /a HTTP/1.0\r\n\r\n", {"GET /a? "}},
      {std::string(kPost) + "Content-Length: 3\r\n\r\nabc", {"POST /p? abc"}},
      {std::string(kPost) + "content-length: 0\r\n\r\n", {"POST /p? "}},
      {std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n",
       {"POST /p? abcde"}},
      {std::string(kPost) + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n",
       {"POST /p? ", "GET /n? "}},
      {std::string(kPost) + "Content-Length: 1\r\n\r\nxGET /n HTTP/1.1\r\nHost: h\r\n\r\n", {"POST /p? x", "GET /n? "}},
      {"GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", {"GET /a? "}},
      {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {"OPTIONS *? "}},
  };
  for (const auto& [bytes, want] : cases) {
    const Seen seen = Feed(bytes);
    EXPECT_EQ(seen.fault, Fault::kNone) << bytes;
    EXPECT_EQ(seen.requests, want) << bytes;
  }
}

TEST(RequestReaderTest, RefusesWhatTwoPartiesMightReadDifferently) {
  const std::string p(kPost);
  const std::vector<std::pair<std::string, Fault>> cases = {
      {p + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Fault::kMalformed},
      {p + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", Fault::kMalformed},
      {p + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", Fault::kMalformed},
      {p + "Content-Length: 3, 3\r\n\r\nabc", Fault::kMalformed},
      {p + "Content-Length: +3\r\n\r\nabc", Fault::kMalformed},
      {p + "Content-Length: -3\r\n\r\nabc", Fault::kMalformed},
      {p + "Content-Length: 0x3\r\n\r\nabc", Fault::kMalformed},
      {p + "Content-Length: 99999999999999999999999\r\n\r\n", Fault::kMalformed},
      {p + "Content-Length : 3\r\n\r\nabc", Fault::kMalformed},
      {p + "Transfer-Encoding: gzip, chunked\r\n\r\n", Fault::kUnsupported},
      {p + "Transfer-Encoding: identity\r\n\r\n", Fault::kUnsupported},
      {p + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Fault::kMalformed},
      {p + "Transfer-Encoding: \x0b"
           "chunked\r\n\r\n0\r\n\r\n",
       Fault::kUnsupported},
      {p + "Transfer-Encoding: chunked\r\n\r\nz\r\n", Fault::kMalformed},
      {p + "Transfer-Encoding: chunked\r\n\r\n3\nabc", Fault::kMalformed},
      {p + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", Fault::kMalformed},
      {p + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", Fault::kMalformed},
      {"POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Fault::kMalformed},
      {p + "X: a\r\n b\r\n\r\n", Fault::kMalformed},
      {p + "X: a\nY: b\r\n\r\n", Fault::kMalformed},
      {p + "X: a\r\n\n", Fault::kMalformed},
      {p + std::string("X: a\0b\r\n\r\n", 10), Fault::kMalformed},
      {p + "Host: other\r\n\r\n", Fault::kMalformed},
      {p + ": v\r\n\r\n", Fault::kMalformed},
      {p + "no colon\r\n\r\n", Fault::kMalformed},
      {"GET /a HTTP/1.1\r\n\r\n", Fault::kMalformed},
      {"GET /a HTTP/2.0\r\nHost: h\r\n\r\n", Fault::kVersion},
      {"GET /a HTTP/1.9\r\nHost: h\r\n\r\n", Fault::kVersion},
      {"GET /a\r\n\r\n", Fault::kVersion},
      {"GET  /a HTTP/1.1\r\nHost: h\r\n\r\n", Fault::kMalformed},
      {"BREW /a HTTP/1.1\r\nHost: h\r\n\r\n", Fault::kMalformed},
      {"\x16\x03\x01\x02", Fault::kMalformed},
      {"get / HTTP/1.1\r\n", Fault::kMalformed},
      {p + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n", Fault::kExpectation},
  };
  for (const auto& [bytes, want] : cases) {
    const Seen seen = Feed(bytes);
    EXPECT_EQ(static_cast<int>(seen.fault), static_cast<int>(want)) << bytes;
    EXPECT_TRUE(seen.requests.empty()) << bytes;
  }
}

TEST(RequestReaderTest, LimitsHeadsAndBodiesAlike) {
  const ReadLimits limits{256, 8, 4};
  const std::string p(kPost);
  EXPECT_EQ(Feed(p + "Content-Length: 8\r\n\r\n12345678", {}, limits).requests.size(), 1U);
  EXPECT_EQ(Feed(p + "Content-Length: 9\r\n\r\n", {}, limits).fault, Fault::kBodyTooLarge);
  EXPECT_EQ(Feed(p + "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\n\r\n", {}, limits).requests.size(), 1U);
  EXPECT_EQ(Feed(p + "Transfer-Encoding: chunked\r\n\r\n9\r\n", {}, limits).fault, Fault::kBodyTooLarge);
  EXPECT_EQ(Feed(p + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n4\r\n1", {}, limits).fault, Fault::kBodyTooLarge);
  EXPECT_EQ(Feed("GET /" + std::string(300, 'a'), {}, limits).fault, Fault::kTargetTooLong);
  EXPECT_EQ(Feed(p + "X: " + std::string(300, 'a'), {}, limits).fault, Fault::kHeadTooLarge);
  EXPECT_EQ(Feed(p + "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n", {}, limits).fault, Fault::kHeadTooLarge);
}

TEST(RequestReaderTest, EndlessChunkFramingIsRefused) {
  std::string bytes = std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n";
  std::vector<size_t> cuts;
  for (int i = 0; i < 100; ++i) {
    bytes += "1;" + std::string(50, 'e') + "\r\nx\r\n";
    cuts.push_back(bytes.size());
  }
  EXPECT_EQ(Feed(bytes, cuts, {256, 200, 64}).fault, Fault::kBodyTooLarge);
}

TEST(RequestReaderTest, AsksForTheBodyOnce) {
  RequestReader reader;
  HeadTable table;
  InputBuffer input;
  input.Append(std::string(kPost) + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  Request request;
  size_t size = input.size();
  EXPECT_EQ(reader.Read(input.data(), size, {}, table, request), Next::kNeedMore);
  EXPECT_TRUE(reader.TakeContinue());
  EXPECT_FALSE(reader.TakeContinue());
}

// However the network cuts the bytes, the requests are the same.
TEST(RequestReaderTest, CutsDoNotMatter) {
  const std::string stream =
      "GET /a?x=1 HTTP/1.1\r\nHost: h\r\nX-Long: " + std::string(100, 'v') + "\r\n\r\n" + std::string(kPost) +
      "Content-Length: 11\r\n\r\nhello world" + std::string(kPost) +
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;e=1\r\n \r\n5\r\nworld\r\n0\r\nT: 1\r\n\r\n" +
      "HEAD /z HTTP/1.1\r\nHost: h\r\n\r\n";
  const Seen whole = Feed(stream);
  ASSERT_EQ(whole.requests.size(), 4U);
  EXPECT_TRUE(rc::check("the same requests for any cuts", [&] {
    auto cuts = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, stream.size()));
    std::sort(cuts.begin(), cuts.end());
    RC_ASSERT(Feed(stream, cuts) == whole);
  }));
  std::vector<size_t> every(stream.size());
  for (size_t i = 0; i < every.size(); ++i) every[i] = i;
  EXPECT_EQ(Feed(stream, every), whole);
}

}  // namespace
}  // namespace vigia::http
