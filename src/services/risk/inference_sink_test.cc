#include "risk/inference_sink.h"

#include <gtest/gtest.h>

#include "inference/fake_segment_folder.h"
#include "inference/segment_reader.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

using inference::RecordKind;
using inference::ValueDetail;

// What the segments hold, with what the reader's views point to copied out.
struct Stored {
  RecordKind kind{};
  std::string version, request_id, error_code;
  uint32_t index = 0, occurrences = 0;
  std::vector<double> features;
  std::vector<bool> imputed;
  double score = 0;
  bool label = false;
  int status = 0;
};

class InferenceSinkTest : public testing::Test {
 protected:
  InferenceSinkTest() {
    inference::StoreSettings settings;
    settings.maintenance_every = Duration(0);
    store_ = std::make_unique<inference::InferenceStore>(
        settings, std::make_unique<inference::FakeSegmentFolder>(disk_), clock_, entropy_);
  }

  InferenceSink MakeSink(ValueDetail detail = ValueDetail::kExact) { return {store_->NewWriter(), detail, clock_}; }

  // Two instances: the first without `iaa` and `ipp`, the second without anything.
  static Rows TwoRows() {
    Rows rows;
    rows.Begin(5);
    rows.AddRow();
    rows.AddRow();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    rows.values = {3, 15, nan, 1, nan, nan, nan, nan, nan, nan};
    rows.missing = {0b10100, 0b11111};
    return rows;
  }

  http::Exchange MakeExchange(std::string_view id, int status = 200, std::string_view code = {}) {
    response_.Clear();
    response_.status = status;
    http::Exchange exchange{request_, response_, loop_};
    exchange.request_id = id;
    exchange.error_code = code;
    exchange.started = MonoTime(std::chrono::seconds(1));
    exchange.finished = exchange.started + std::chrono::microseconds(70);
    return exchange;
  }

  void Predict(InferenceSink& sink, const ServedModel& model, uint64_t generation, std::string_view id,
               Role role = Role::kChampion) {
    sink.AddPredictions(model, role, generation, TwoRows(), {0.25, 0.75}, MakeExchange(id));
  }

  std::vector<Stored> Read() {
    std::vector<Stored> all;
    const std::lock_guard lock(disk_->mutex);
    for (const auto& [name, bytes] : disk_->files) {
      auto reader = inference::SegmentReader::Open(*bytes);
      EXPECT_TRUE(reader.ok()) << name;
      while (const inference::StoredRecord* record = reader->Next()) {
        all.push_back({record->kind, record->schema == nullptr ? "" : record->schema->model_version,
                       std::string(record->request_id), std::string(record->error_code), record->instance_index,
                       record->occurrences, record->features, record->imputed, record->score, record->label,
                       record->status});
      }
      EXPECT_EQ(reader->summary().torn_bytes + reader->summary().damaged_bytes, 0U);
    }
    return all;
  }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  FakeEntropy entropy_{1};
  std::shared_ptr<inference::FakeSegmentFolder::State> disk_ = std::make_shared<inference::FakeSegmentFolder::State>();
  std::unique_ptr<inference::InferenceStore> store_;
  http::Request request_;
  http::Response response_;
  http::LoopState loop_;
};

TEST_F(InferenceSinkTest, EachInstanceIsOneRecordAndATurnIsOneWrite) {
  const auto model = TestServed();
  InferenceSink sink = MakeSink();
  Predict(sink, *model, 1, "r-1");
  Predict(sink, *model, 1, "r-2");
  EXPECT_TRUE(Read().empty());  // nothing before the turn ends
  const int writes = disk_->writes;
  sink.Commit();
  EXPECT_EQ(disk_->writes, writes + 1);
  sink.Commit();
  EXPECT_EQ(disk_->writes, writes + 1) << "a turn without requests writes nothing";
  const std::vector<Stored> stored = Read();
  ASSERT_EQ(stored.size(), 4U);
  EXPECT_EQ(stored[0].request_id, "r-1");
  EXPECT_EQ(stored[3].request_id, "r-2");
  EXPECT_EQ(stored[1].index, 1U);
  EXPECT_EQ(stored[0].version, "v1.0.0");
  EXPECT_EQ(stored[0].features[1], 15);
  EXPECT_TRUE(std::isnan(stored[0].features[2]));
  EXPECT_EQ(stored[0].imputed, (std::vector<bool>{false, false, true, false, true}));
  EXPECT_EQ(stored[0].score, 0.25);
  EXPECT_FALSE(stored[0].label);
  EXPECT_TRUE(stored[1].label);
}

TEST_F(InferenceSinkTest, AnotherModelIsAnotherSchema) {
  const auto first = TestServed("v1.0.0"), second = TestServed("v1.1.0");
  InferenceSink sink = MakeSink();
  Predict(sink, *first, 1, "a");
  Predict(sink, *second, 2, "b");
  sink.Commit();
  const std::vector<Stored> stored = Read();
  ASSERT_EQ(stored.size(), 4U);
  EXPECT_EQ(stored[1].version, "v1.0.0");
  EXPECT_EQ(stored[2].version, "v1.1.0");
}

TEST_F(InferenceSinkTest, AChampionAndACanaryTakeTurnsWithOneSchemaEach) {
  const auto champion = TestServed("v1.0.0"), canary = TestServed("v1.1.0");
  InferenceSink sink = MakeSink();
  for (int i = 0; i < 50; ++i) {
    Predict(sink, *champion, 1, "a");
    Predict(sink, *canary, 1, "b", Role::kCanary);
  }
  sink.Commit();
  const std::vector<Stored> stored = Read();
  ASSERT_EQ(stored.size(), 200U);
  EXPECT_EQ(stored[196].version, "v1.0.0");
  EXPECT_EQ(stored[198].version, "v1.1.0");
  const std::lock_guard lock(disk_->mutex);
  size_t schemas = 0;
  for (const auto& [name, bytes] : disk_->files) {
    for (size_t at = 0; (at = bytes->find("genero", at)) != std::string::npos; ++at) ++schemas;
  }
  EXPECT_EQ(schemas, 2U);
}

TEST_F(InferenceSinkTest, BinsKeepNoExactNumber) {
  const auto model = TestServed();
  const inference::RecordSchema schema = SchemaOf(*model, ValueDetail::kBins);
  ASSERT_EQ(schema.features[1].bin_edges.size(), 11U);
  EXPECT_EQ(schema.features[1].bin_edges.front(), 7);  // idade, as training saw it
  EXPECT_EQ(schema.features[1].bin_edges.back(), 26);
  EXPECT_TRUE(schema.features[3].bin_edges.empty());  // genero: its levels
  InferenceSink sink = MakeSink(ValueDetail::kBins);
  Predict(sink, *model, 1, "a");
  sink.Commit();
  const std::vector<Stored> stored = Read();
  EXPECT_NE(stored[0].features[1], 15);
  EXPECT_NEAR(stored[0].features[1], 15, 1.9);
}

TEST_F(InferenceSinkTest, EqualRefusalsOfATurnAreOneRecordWithACount) {
  InferenceSink sink = MakeSink();
  for (int i = 0; i < 1000; ++i) sink.AddRefusal(MakeExchange("r-" + std::to_string(i), 429, "RATE_LIMITED"));
  sink.AddRefusal(MakeExchange("x", 422, "INVALID_ARGUMENT"));
  sink.Commit();
  std::vector<Stored> stored = Read();
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].kind, RecordKind::kRejected);
  EXPECT_EQ(stored[0].status, 429);
  EXPECT_EQ(stored[0].error_code, "RATE_LIMITED");
  EXPECT_EQ(stored[0].request_id, "r-0");
  EXPECT_EQ(stored[0].occurrences, 1000U);
  EXPECT_EQ(stored[1].occurrences, 1U);
  EXPECT_TRUE(stored[0].features.empty());
  sink.AddRefusal(MakeExchange("y", 429, "RATE_LIMITED"));
  sink.Commit();
  stored = Read();
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_EQ(stored[2].occurrences, 1U) << "each turn counts from nothing";
}

TEST_F(InferenceSinkTest, ManyKindsOfRefusalsAreAllCounted) {
  InferenceSink sink = MakeSink();
  for (int status = 400; status < 450; ++status) sink.AddRefusal(MakeExchange("r", status, "CODE"));
  sink.Commit();
  uint32_t total = 0;
  for (const Stored& one : Read()) total += one.occurrences;
  EXPECT_EQ(total, 50U);
  EXPECT_EQ(Read().size(), 16U);
}

TEST_F(InferenceSinkTest, AFullDiskCostsRecordsAndNothingElse) {
  const auto model = TestServed();
  InferenceSink sink = MakeSink();
  Predict(sink, *model, 1, "before");
  sink.Commit();
  disk_->room = 0;
  Predict(sink, *model, 1, "lost");
  sink.Commit();
  EXPECT_EQ(store_->Status().lost_records, 2U);
  EXPECT_EQ(store_->Status().stored_records, 2U);
  EXPECT_EQ(Read().size(), 2U);
}

TEST_F(InferenceSinkTest, WithoutAStoreItDoesNothing) {
  const auto model = TestServed();
  InferenceSink sink({nullptr, {nullptr}}, ValueDetail::kExact, clock_);
  Predict(sink, *model, 1, "a");
  sink.AddRefusal(MakeExchange("b", 429, "RATE_LIMITED"));
  sink.Commit();
  EXPECT_TRUE(Read().empty());
}

TEST_F(InferenceSinkTest, TheStageRecordsWhatIsRefusedOnLimitedRoutes) {
  InferenceSink sink = MakeSink();
  const auto stage = MakeInferenceStage(sink);
  http::Route limited, free;
  limited.limited = http::Limited::kYes;
  struct Case {
    const http::Route* route;
    http::Method method;
    int status;
    bool recorded;
  };
  const Case cases[] = {{&limited, http::Method::kPost, 422, true},  {&limited, http::Method::kPost, 503, true},
                        {&limited, http::Method::kPost, 200, false},  // the predictor records it
                        {&limited, http::Method::kHead, 429, false}, {&free, http::Method::kPost, 404, false},
                        {nullptr, http::Method::kPost, 404, false}};
  size_t wanted = 0;
  for (const Case& c : cases) {
    http::Exchange exchange = MakeExchange("r", c.status, "CODE");
    request_.method = c.method;
    exchange.route = c.route;
    stage->After(exchange);
    stage->EndTurn();
    wanted += c.recorded ? 1 : 0;
    EXPECT_EQ(Read().size(), wanted) << c.status;
  }
}

}  // namespace
}  // namespace vigia::risk
