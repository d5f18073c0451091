#include "columnar/frame_io.h"

#include <sys/resource.h>

#include <cmath>
#include <csignal>

#include "base/files.h"
#include "base/temp_folder.h"

namespace vigia::columnar {
namespace {

using testing::HasSubstr;

Frame Sample() {
  Frame frame;
  Column& name = frame.Add("nome; \"estranho\"", Type::kText);
  name.AppendText("Ágata, \"x\"\nlinha");
  name.AppendNull();
  name.AppendText("");
  Column& score = frame.Add("score", Type::kNumber);
  score.AppendNumber(0.1);
  score.AppendNumber(std::nan(""));
  score.AppendNumber(-1e300);
  Column& count = frame.Add("n", Type::kInt64);
  count.AppendInteger(INT64_MIN);
  count.AppendInteger(INT64_MAX);
  count.AppendNull();
  Column& flag = frame.Add("ok", Type::kBool);
  flag.AppendBool(true);
  flag.AppendBool(false);
  flag.AppendNull();
  Column& at = frame.Add("at", Type::kTimestamp);
  at.AppendTimestamp(WallTime(Duration(1234567)));
  at.AppendNull();
  at.AppendTimestamp(WallTime(Duration(0)));
  return frame;
}

void ExpectEqual(const Frame& a, const Frame& b) {
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (size_t c = 0; c < a.columns.size(); ++c) {
    EXPECT_EQ(a.columns[c].name, b.columns[c].name);
    EXPECT_EQ(a.columns[c].type, b.columns[c].type) << a.columns[c].name;
    EXPECT_EQ(a.columns[c].nulls, b.columns[c].nulls) << a.columns[c].name;
    EXPECT_EQ(a.columns[c].integers, b.columns[c].integers) << a.columns[c].name;
    EXPECT_EQ(a.columns[c].numbers, b.columns[c].numbers) << a.columns[c].name;
    EXPECT_EQ(a.columns[c].texts, b.columns[c].texts) << a.columns[c].name;
  }
}

TEST(FrameIo, ParquetReadsBackWhatWasWritten) {
  const Frame frame = Sample();
  const auto bytes = EncodeParquet(frame);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message();
  ExpectEqual(DecodeParquet(*bytes).value(), frame);

  const TempFolder folder;
  const std::string path = folder.path() + "/a*b.parquet";
  ASSERT_TRUE(WriteParquet(path, frame).ok());
  ExpectEqual(ReadParquet(path).value(), frame);
  EXPECT_EQ(SystemFiles().List(folder.path()).value().size(), 1U);
}

TEST(FrameIo, CsvKeepsQuotesSeparatorsAndLines) {
  Frame frame;
  Column& text = frame.Add("a,b", Type::kText);
  text.AppendText("x,\"y\"\nz");
  text.AppendNull();
  Column& number = frame.Add("n", Type::kNumber);
  number.AppendNumber(1.5);
  number.AppendNumber(2);
  ExpectEqual(DecodeCsv(EncodeCsv(frame).value(), CsvTypes::kFind).value(), frame);
}

TEST(FrameIo, CsvOfEveryUsualKind) {
  const std::vector<std::string> same = {"a,b\n1,x\n2,\n",
                                         "a;b\n1;x\n2;\n",
                                         "a\tb\n1\tx\n2\t\n",
                                         "a,b\r\n1,x\r\n2,\r\n",
                                         "\xEF\xBB\xBF"
                                         "a,b\n1,x\n2,",
                                         "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\n"};
  for (const std::string& csv : same) {
    const auto frame = DecodeCsv(csv, CsvTypes::kAllText);
    ASSERT_TRUE(frame.ok()) << csv << frame.error().message();
    ASSERT_EQ(frame->rows(), 2U) << csv;
    ASSERT_NE(frame->Find("a"), nullptr) << csv;
    EXPECT_EQ(frame->Find("a")->texts[0], "1") << csv;
    EXPECT_TRUE(frame->Find("b")->IsNull(1)) << csv;
  }
}

TEST(FrameIo, BrokenFilesEndInOneLine) {
  const TempFolder folder;
  SystemFiles files;
  const std::string whole = EncodeParquet(Sample()).value();
  std::string flipped = whole;
  for (size_t i = whole.size() - 8; i < whole.size() - 4; ++i) flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
  const std::vector<std::pair<std::string, std::string>> cases = {{"", "empty"},
                                                                  {"hello", "not a parquet file"},
                                                                  {whole.substr(0, whole.size() / 2), "truncated"},
                                                                  {flipped, ""},
                                                                  {"PAR1\xff\xff\xff\x7fPAR1", ""}};
  for (const auto& [bytes, part] : cases) {
    const std::string path = folder.path() + "/broken.parquet";
    ASSERT_TRUE(files.Write(path, bytes).ok());
    for (const auto& read : {ReadParquet(path), DecodeParquet(bytes)}) {
      ASSERT_FALSE(read.ok()) << part;
      EXPECT_THAT(read.error().message(), HasSubstr(part));
      EXPECT_EQ(read.error().message().find('\n'), std::string::npos);
    }
    EXPECT_THAT(ReadParquet(path).error().message(), HasSubstr("broken.parquet"));
  }
  EXPECT_EQ(ReadParquet(folder.path() + "/none.parquet").error().code(), Code::kNotFound);
  EXPECT_FALSE(ReadParquet(folder.path()).ok());
  EXPECT_FALSE(DecodeCsv("", CsvTypes::kFind).ok());
  EXPECT_FALSE(DecodeCsv("a,b\n\xff\xfe,2\n", CsvTypes::kAllText).ok());
  EXPECT_FALSE(DecodeCsv("a,b\n1,2\n1,2,3,4\n", CsvTypes::kAllText).ok());
}

// A file size limit stands in for a full disk: the write fails in the middle.
TEST(FrameIo, AWriteThatFailsLeavesTheOldFile) {
  const TempFolder folder;
  SystemFiles files;
  const std::string path = folder.path() + "/x.parquet";
  ASSERT_TRUE(files.Write(path, "old").ok());
  Frame frame;
  Column& column = frame.Add("n", Type::kNumber);
  for (int i = 0; i < 100000; ++i) column.AppendNumber(std::sin(i));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{8192, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = WriteParquet(path, frame);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message(), HasSubstr("x.parquet"));
  EXPECT_EQ(files.Read(path).value(), "old");
  EXPECT_EQ(files.List(folder.path()).value().size(), 1U);
  EXPECT_FALSE(WriteParquet(folder.path() + "/no-folder/x.parquet", frame).ok());
}

}  // namespace
}  // namespace vigia::columnar
