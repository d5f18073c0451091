#include "base/progress_lines.h"

#include <gtest/gtest.h>

#include <array>

namespace vigia {
namespace {

using std::chrono::milliseconds;

// What was written since the last call.
class Written {
 public:
  Written() : file_(std::tmpfile()) {}
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  ~Written() { std::fclose(file_); }
  std::FILE* file() { return file_; }
  std::string Take() {
    std::string text;
    std::array<char, 4096> buffer{};
    std::fseek(file_, read_, SEEK_SET);
    while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), file_)) text.append(buffer.data(), count);
    read_ += static_cast<long>(text.size());
    return text;
  }

 private:
  std::FILE* file_;
  long read_ = 0;
};

TEST(ProgressLinesTest, WritesWhatItsReaderReads) {
  FakeClock clock(WallTime{});
  Written written;
  ProgressLines progress(written.file(), clock);
  progress.Begin("comparing \"models\"", 40);
  EXPECT_EQ(written.Take(), "{\"progress\":{\"phase\":\"comparing \\\"models\\\"\",\"done\":0,\"total\":40}}\n");
  progress.Advance(3);
  EXPECT_EQ(written.Take(), "");  // too soon after the last one
  clock.Advance(milliseconds(150));
  progress.Advance(2);
  std::string line = written.Take();
  line.pop_back();
  const auto mark = ParseProgressLine(line);
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->phase, "comparing \"models\"");
  EXPECT_EQ(mark->done, 5U);
  EXPECT_EQ(mark->total, 40U);
  progress.Begin("writing", 0);  // ends the phase before it, whole
  EXPECT_NE(written.Take().find("\"done\":40"), std::string::npos);
}

TEST(ProgressLinesTest, OtherLinesTellNoProgress) {
  for (const char* line :
       {"", "vigia: no model", "{", R"({"progress":)", R"({"progress":3})", R"({"progress":{}})",
        R"({"progress":{"phase":"x","done":-1,"total":2}})", R"({"progress":{"phase":7,"done":1,"total":2}})",
        R"({"progress":{"phase":"x","done":1.5,"total":2}})", R"({"error":{"progress":1}})"}) {
    EXPECT_FALSE(ParseProgressLine(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace vigia
