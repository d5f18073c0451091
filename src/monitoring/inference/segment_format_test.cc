#include "inference/segment_format.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "inference/segment_reader.h"

namespace vigia::inference {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const WallTime kWritten = WallTime(std::chrono::microseconds(1'795'174'613'123'456));

RecordSchema TwoFeatures(ValueDetail detail = ValueDetail::kExact) {
  return {"v1.1.0",
          detail,
          {{"idade", ValueType::kNumber, {}, {5, 10, 15}},
           {"instituicao", ValueType::kCategory, {"Publica", "Privada"}, {}}}};
}

SegmentHeader SomeHeader(uint64_t seed = 1) {
  FakeEntropy entropy(seed);
  return {SegmentId::Make(entropy), kWritten};
}

// A segment as the writer makes it: header, schema 1, one frame per record.
class SegmentBytes {
 public:
  explicit SegmentBytes(const RecordSchema& schema) : header_(SomeHeader()), schema_(schema) {
    bytes_ = EncodeHeader(header_);
    std::string payload(4, '\0');
    payload[0] = static_cast<char>(kSchemaKind);
    payload[2] = 1;
    Append(payload + SchemaToText(schema));
  }
  void Add(const Record& record) {
    const RecordSchema* schema = record.schema == kNoSchema ? nullptr : &schema_;
    std::string payload(RecordPayloadBytes(record, schema), '\0');
    EncodeRecord(record, schema, payload.data());
    Append(payload);
  }
  void Append(const std::string& payload) {
    std::string frame(kFrameBytes, '\0');
    frame += payload;
    SealFrame(frame.data(), SegmentSeed(header_.id), bytes_.size(), payload.size());
    bytes_ += frame;
    ends_.push_back(bytes_.size());
  }
  const std::string& bytes() const { return bytes_; }
  const std::vector<size_t>& ends() const { return ends_; }

 private:
  SegmentHeader header_;
  RecordSchema schema_;
  std::string bytes_;
  std::vector<size_t> ends_;  // of the frames, the schema's first
};

struct Plain {
  RecordKind kind;
  std::string request_id, error_code;
  uint32_t index, occurrences;
  int64_t time_us, latency_us;
  std::vector<double> features;
  std::vector<bool> imputed;
  double score;
  bool label;
  uint16_t status;
};

bool Same(double a, double b) { return std::isnan(a) ? std::isnan(b) : a == b; }

bool Same(const Plain& want, const StoredRecord& got) {
  if (want.features.size() != got.features.size() || want.imputed != got.imputed) return false;
  for (size_t i = 0; i < want.features.size(); ++i) {
    if (!Same(want.features[i], got.features[i])) return false;
  }
  return want.kind == got.kind && want.request_id == got.request_id && want.error_code == got.error_code &&
         want.index == got.instance_index && want.occurrences == got.occurrences &&
         want.time_us == got.time.time_since_epoch().count() && want.latency_us == got.latency.count() &&
         Same(want.score, got.score) && want.label == got.label && want.status == got.status;
}

Plain AnyPlain() {
  Plain plain;
  plain.kind = *rc::gen::element(RecordKind::kPrediction, RecordKind::kRejected, RecordKind::kShadow);
  const auto text = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  plain.request_id = (*text).substr(0, kMaxRequestId);
  plain.error_code = (*text).substr(0, kMaxErrorCode);
  plain.index = *rc::gen::arbitrary<uint32_t>();
  plain.occurrences = *rc::gen::arbitrary<uint32_t>();
  plain.time_us = *rc::gen::inRange<int64_t>(0, 4'000'000'000'000'000);
  plain.latency_us = *rc::gen::inRange<int64_t>(0, UINT32_MAX);
  plain.score = *rc::gen::arbitrary<double>();
  plain.label = *rc::gen::arbitrary<bool>();
  plain.status = *rc::gen::arbitrary<uint16_t>();
  if (plain.kind != RecordKind::kRejected) {
    plain.features = {*rc::gen::arbitrary<double>(), *rc::gen::element(kNan, -1.0, 0.0, 1.0)};
    plain.imputed = {*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
  }
  return plain;
}

void AddTo(SegmentBytes& segment, const Plain& plain) {
  const uint64_t word = plain.imputed.empty() ? 0 : (plain.imputed[0] ? 1U : 0U) | (plain.imputed[1] ? 2U : 0U);
  Record record;
  record.kind = plain.kind;
  record.schema = plain.features.empty() ? kNoSchema : SchemaHandle{1};
  record.request_id = plain.request_id;
  record.instance_index = plain.index;
  record.time = WallTime(Duration(plain.time_us));
  record.features = plain.features;
  if (!plain.features.empty()) record.imputed = {&word, 1};
  record.score = plain.score;
  record.label = plain.label;
  record.latency = Duration(plain.latency_us);
  record.status = plain.status;
  record.error_code = plain.error_code;
  record.occurrences = plain.occurrences;
  segment.Add(record);
}

TEST(SegmentFormatTest, AnyRecordsComeBackAsTheyWere) {
  EXPECT_TRUE(rc::check([] {
    SegmentBytes segment(TwoFeatures());
    std::vector<Plain> wanted(*rc::gen::inRange<size_t>(0, 12));
    for (Plain& plain : wanted) {
      plain = AnyPlain();
      AddTo(segment, plain);
    }
    auto reader = SegmentReader::Open(segment.bytes());
    RC_ASSERT(reader.ok());
    for (const Plain& plain : wanted) {
      const StoredRecord* got = reader->Next();
      RC_ASSERT(got != nullptr);
      RC_ASSERT(Same(plain, *got));
    }
    RC_ASSERT(reader->Next() == nullptr);
    RC_ASSERT(reader->summary().records == wanted.size());
    RC_ASSERT(reader->summary().torn_bytes + reader->summary().damaged_bytes == 0U);
  }));
}

TEST(SegmentFormatTest, ACutLosesOnlyWhatWasCut) {
  EXPECT_TRUE(rc::check([] {
    SegmentBytes segment(TwoFeatures());
    std::vector<Plain> wanted(*rc::gen::inRange<size_t>(1, 8));
    for (Plain& plain : wanted) {
      plain = AnyPlain();
      AddTo(segment, plain);
    }
    const size_t cut = *rc::gen::inRange<size_t>(0, segment.bytes().size());
    const std::string bytes = segment.bytes().substr(0, cut);
    auto reader = SegmentReader::Open(bytes);
    RC_ASSERT(reader.ok() == (cut >= kHeaderBytes));
    if (!reader.ok()) return;
    size_t whole = 0;
    for (size_t i = 1; i < segment.ends().size(); ++i) whole += segment.ends()[i] <= cut ? 1 : 0;
    for (size_t i = 0; i < whole; ++i) {
      const StoredRecord* got = reader->Next();
      RC_ASSERT(got != nullptr && Same(wanted[i], *got));
    }
    RC_ASSERT(reader->Next() == nullptr);
    RC_ASSERT(reader->summary().damaged_bytes == 0U);
  }));
}

TEST(SegmentFormatTest, AFlippedBitNeverMakesAWrongRecord) {
  EXPECT_TRUE(rc::check([] {
    SegmentBytes segment(TwoFeatures());
    std::vector<Plain> wanted(*rc::gen::inRange<size_t>(1, 6));
    for (Plain& plain : wanted) {
      plain = AnyPlain();
      AddTo(segment, plain);
    }
    std::string bytes = segment.bytes();
    const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << *rc::gen::inRange(0, 8)));
    auto reader = SegmentReader::Open(bytes);
    if (!reader.ok()) {
      RC_ASSERT(at < kHeaderBytes);
      return;
    }
    size_t next = 0, got_count = 0;
    while (const StoredRecord* got = reader->Next()) {
      while (next < wanted.size() && !Same(wanted[next], *got)) ++next;
      RC_ASSERT(next < wanted.size());  // each record is one of ours, in order
      ++next;
      ++got_count;
    }
    // One record at most is lost, unless the schema itself was hit.
    if (at >= segment.ends()[0]) RC_ASSERT(got_count + 1 >= wanted.size());
  }));
}

TEST(SegmentFormatTest, AFrameFromElsewhereIsNotARecord) {
  SegmentBytes segment(TwoFeatures());
  AddTo(segment, {RecordKind::kRejected, "a", "RATE_LIMITED", 0, 1, 5, 6, {}, {}, 0.5, false, 429});
  const std::string frame = segment.bytes().substr(segment.ends()[0]);
  // The same bytes at another place of the same file, and after another file's header.
  const std::string moved = segment.bytes() + frame;
  auto reader = SegmentReader::Open(moved);
  ASSERT_TRUE(reader.ok());
  EXPECT_NE(reader->Next(), nullptr);
  EXPECT_EQ(reader->Next(), nullptr);
  EXPECT_EQ(reader->summary().torn_bytes, frame.size());

  const std::string other = EncodeHeader(SomeHeader(2)) + segment.bytes().substr(kHeaderBytes);
  auto stranger = SegmentReader::Open(other);
  ASSERT_TRUE(stranger.ok());
  EXPECT_EQ(stranger->Next(), nullptr);
}

TEST(SegmentFormatTest, NamesCarryTimeAndId) {
  const SegmentHeader header = SomeHeader();
  const std::string name = SegmentName(header);
  EXPECT_EQ(name, "20261120T113653123456Z-" + header.id.Hex() + ".seg");
  EXPECT_EQ(*SegmentNameTime(name), header.created);
  for (const std::string bad : {"", "x.seg", "rotate.request", "20261120T113653123456Z-00.seg"}) {
    EXPECT_FALSE(SegmentNameTime(bad).ok()) << bad;
  }
}

TEST(SegmentFormatTest, BadHeadersAreRefused) {
  const std::string good = EncodeHeader(SomeHeader());
  ASSERT_TRUE(DecodeHeader(good).ok());
  EXPECT_EQ(DecodeHeader(good.substr(0, 47)).error().code(), Code::kDataLoss);
  std::string flipped = good;
  flipped[20] = static_cast<char>(flipped[20] ^ 1);
  EXPECT_EQ(DecodeHeader(flipped).error().code(), Code::kDataLoss);
  EXPECT_EQ(DecodeHeader(std::string(48, 'x')).error().code(), Code::kDataLoss);
}

TEST(SegmentFormatTest, BinsKeepTheBinAndNotTheValue) {
  const RecordSchema schema = TwoFeatures(ValueDetail::kBins);
  SegmentBytes segment(schema);
  const std::vector<std::vector<double>> rows = {{7, 0}, {15, 1}, {3, -1}, {99, kNan}, {kNan, 1}};
  for (const auto& row : rows) {
    Record record;
    record.schema = 1;
    record.features = row;
    segment.Add(record);
  }
  auto reader = SegmentReader::Open(segment.bytes());
  ASSERT_TRUE(reader.ok());
  const std::vector<std::vector<double>> wanted = {{7.5, 0}, {12.5, 1}, {2.5, -1}, {17.5, kNan}, {kNan, 1}};
  for (const auto& want : wanted) {
    const StoredRecord* got = reader->Next();
    ASSERT_NE(got, nullptr);
    for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(Same(want[i], got->features[i])) << want[i] << " " << got->features[i];
  }
}

TEST(SchemaTest, AValueStaysInItsBin) {
  EXPECT_TRUE(rc::check([] {
    const auto steps = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 50)));
    std::vector<double> edges = {-10};
    for (const int step : steps) edges.push_back(edges.back() + step);
    const double value = *rc::gen::inRange(-100, 200) / 2.0;
    const int16_t bin = BinOf(value, edges);
    RC_ASSERT(BinOf(BinMiddle(bin, edges), edges) == bin);
  }));
}

TEST(SchemaTest, RoundTripsAsText) {
  for (const ValueDetail detail : {ValueDetail::kExact, ValueDetail::kBins}) {
    const auto back = SchemaFromText(SchemaToText(TwoFeatures(detail)));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, TwoFeatures(detail));
  }
}

TEST(SchemaTest, RefusesWhatCannotBeStored) {
  RecordSchema twice = TwoFeatures();
  twice.features.push_back(twice.features[0]);
  RecordSchema unnamed = TwoFeatures();
  unnamed.features[0].name = "";
  RecordSchema edgeless = TwoFeatures(ValueDetail::kBins);
  edgeless.features[0].bin_edges = {};
  RecordSchema falling = TwoFeatures();
  falling.features[0].bin_edges = {2, 1};
  for (const RecordSchema& bad : {twice, unnamed, edgeless, falling}) EXPECT_FALSE(CheckSchema(bad).ok());
  for (const std::string bad : {"", "[]", "{}", R"({"model_version":"v","detail":"some","features":[]})",
                                R"({"model_version":"v","detail":"exact","features":[{"name":"a","type":"x"}]})"}) {
    EXPECT_FALSE(SchemaFromText(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace vigia::inference
