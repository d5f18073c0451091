#include "http/chunked_body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vigia::http {
namespace {

using ChunkNext = ChunkedBody::Next;

struct Outcome {
  ChunkNext next = ChunkNext::kNeedMore;
  std::string body;
  size_t used = 0;  // raw bytes
};

// As a connection does it: raw bytes arrive in pieces behind what has been joined.
Outcome Join(const std::string& raw, size_t piece, size_t most = 64) {
  std::vector<char> buffer(raw.size() + 1);
  ChunkedBody body(0, most, 4096);
  Outcome outcome;
  for (size_t at = 0; at < raw.size() && outcome.next == ChunkNext::kNeedMore; at += piece) {
    const size_t count = std::min(piece, raw.size() - at);
    std::copy_n(raw.begin() + static_cast<ptrdiff_t>(at), count, buffer.begin() + static_cast<ptrdiff_t>(body.end()));
    outcome.next = body.Read(buffer.data(), body.end() + count);
    outcome.used += body.raw_taken();
  }
  outcome.body.assign(buffer.data(), body.end());
  return outcome;
}

TEST(ChunkedBodyTest, JoinsHoweverTheBytesArrive) {
  const std::pair<std::string, std::string> cases[] = {
      {"0\r\n\r\n", ""},
      {"3\r\nabc\r\n0\r\n\r\n", "abc"},
      {"3\r\nabc\r\n00A;name=\"v\"\r\n0123456789\r\n0\r\nX-Trailer: 1\r\nY: 2\r\n\r\n", "abc0123456789"},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
  };
  for (const auto& [raw, want] : cases) {
    for (size_t piece = 1; piece <= raw.size() + 4; ++piece) {
      const Outcome outcome = Join(raw + "GET", piece);
      EXPECT_EQ(outcome.next, ChunkNext::kComplete) << raw << piece;
      EXPECT_EQ(outcome.body, want);
      EXPECT_EQ(outcome.used, raw.size()) << "what follows is the next request";
    }
  }
}

TEST(ChunkedBodyTest, RefusesWhatTheGrammarDoesNotHave) {
  for (const std::string raw : {"\r\n",
                                "xyz\r\n",
                                "-1\r\n",
                                "+1\r\n",
                                "0x3\r\nabc",
                                " 3\r\n",
                                "3 \r\nabc",
                                "3\nabc\n",
                                "3\r\rabc",
                                "3;a\nb\r\n",
                                "3\r\nabcdef\r\n0\r\n\r\n",
                                "3\r\nabc\n0\r\n\r\n",
                                "3\r\nabc\r0\r\n\r\n",
                                "0\r\n \r\n\r\n",
                                "0\r\nX: 1\n\r\n",
                                "0\r\n\rx",
                                "0\r\nX Y: 1\r\n\r\n",
                                "0\r\nX\r\n\r\n",
                                "0\r\n: 1\r\n\r\n",
                                "1111111111111111\r\n",
                                "ffffffffffffffffff\r\n"}) {
    for (const size_t piece : {1U, 3U, 100U}) EXPECT_EQ(Join(raw, piece).next, ChunkNext::kMalformed) << raw;
  }
}

TEST(ChunkedBodyTest, RefusesWhatIsTooLargeBeforeItArrives) {
  EXPECT_EQ(Join("41\r\n", 100, 64).next, ChunkNext::kTooLarge);
  EXPECT_EQ(Join("40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n", 100, 64).next, ChunkNext::kComplete);
  EXPECT_EQ(Join("40\r\n" + std::string(64, 'x') + "\r\n1\r\n", 100, 64).next, ChunkNext::kTooLarge);
  EXPECT_EQ(Join("fffffffffffffff\r\n", 1, 64).next, ChunkNext::kTooLarge);
  EXPECT_EQ(Join("1;" + std::string(10'000, 'x'), 100, 64).next, ChunkNext::kTooLarge);
}

}  // namespace
}  // namespace vigia::http
