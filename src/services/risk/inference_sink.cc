#include "risk/inference_sink.h"

#include <algorithm>

namespace vigia::risk {

namespace {
constexpr int kBins = 10;
constexpr size_t kChampion = 0, kCanary = 1, kShadow = 2;  // slots
constexpr size_t kRefusalKinds = 16;                       // per turn; more kinds than that are counted with the last
}  // namespace

inference::RecordSchema SchemaOf(const ServedModel& model, inference::ValueDetail detail) {
  inference::RecordSchema schema;
  schema.model_version = model.version();
  schema.detail = detail;
  for (const features::RawFeature& raw : model.spec().raw) {
    inference::FeatureColumn column;
    column.name = raw.name;
    if (raw.type == features::FeatureType::kCategory) {
      column.type = inference::ValueType::kCategory;
      column.levels = raw.levels;
    } else if (detail == inference::ValueDetail::kBins) {
      const bool seen = raw.seen_max > raw.seen_min;
      const double low = seen ? raw.seen_min : raw.min;
      const double high = seen ? raw.seen_max : std::max(raw.max, raw.min + 1);
      for (int i = 0; i <= kBins; ++i) column.bin_edges.push_back(low + (high - low) * i / kBins);
    }
    schema.features.push_back(std::move(column));
  }
  return schema;
}

InferenceSink::InferenceSink(inference::InferenceStore::WriterPtr writer, inference::ValueDetail detail,
                             const Clock& clock)
    : writer_(std::move(writer)), detail_(detail), clock_(clock), refusals_(kRefusalKinds) {}

const InferenceSink::Slot& InferenceSink::UseModel(const ServedModel& model, size_t at, uint64_t generation) {
  Slot& slot = slots_[at];
  if (slot.generation == generation) return slot;
  const Result<inference::SchemaHandle> used = writer_->UseSchema(SchemaOf(model, detail_));
  slot = {generation, used.ok() ? *used : inference::kNoSchema, used.ok()};
  return slot;
}

void InferenceSink::AddPredictions(const ServedModel& model, Role role, uint64_t generation, const Rows& rows,
                                   const std::vector<double>& scores, const http::Exchange& exchange) {
  if (writer_ == nullptr) return;
  const Slot& slot = UseModel(model, role == Role::kCanary ? kCanary : kChampion, generation);
  inference::Record record;
  record.schema = slot.schema;
  record.request_id = exchange.request_id;
  record.time = clock_.Now();
  record.latency = std::chrono::duration_cast<Duration>(exchange.finished - exchange.started);
  for (size_t i = 0; i < rows.count; ++i) {
    record.instance_index = static_cast<uint32_t>(i);
    if (slot.known) {
      record.features = rows.row(i);
      record.imputed = rows.missing_of(i);
    }
    record.score = scores[i];
    record.label = scores[i] >= model.threshold().value;
    writer_->Add(record);
  }
  pending_ = true;
}

void InferenceSink::AddShadow(const ServedModel& challenger, uint64_t generation, inference::Record record) {
  if (writer_ == nullptr) return;
  const Slot& slot = UseModel(challenger, kShadow, generation);
  record.kind = inference::RecordKind::kShadow;
  record.schema = slot.schema;
  if (!slot.known) {
    record.features = {};
    record.imputed = {};
  }
  writer_->Add(record);
  pending_ = true;
}

void InferenceSink::AddRefusal(const http::Exchange& exchange) {
  if (writer_ == nullptr) return;
  size_t i = 0;
  while (i < refusal_count_ &&
         (refusals_[i].status != exchange.response.status || refusals_[i].error_code != exchange.error_code)) {
    ++i;
  }
  if (i == refusal_count_) {
    i = std::min(i, kRefusalKinds - 1);
    if (refusal_count_ < kRefusalKinds) ++refusal_count_;
    refusals_[i].status = exchange.response.status;
    refusals_[i].error_code = exchange.error_code;
    refusals_[i].request_id = exchange.request_id;
  }
  ++refusals_[i].occurrences;
}

void InferenceSink::Commit() {
  if (writer_ == nullptr || (!pending_ && refusal_count_ == 0)) return;
  for (size_t i = 0; i < refusal_count_; ++i) {
    Refusal& refusal = refusals_[i];
    inference::Record record;
    record.kind = inference::RecordKind::kRejected;
    record.schema = slots_[kChampion].schema;
    record.request_id = refusal.request_id;
    record.time = clock_.Now();
    record.status = static_cast<uint16_t>(refusal.status);
    record.error_code = refusal.error_code;
    record.occurrences = refusal.occurrences;
    writer_->Add(record);
    refusal.occurrences = 0;
  }
  refusal_count_ = 0;
  pending_ = false;
  writer_->Commit(clock_.Mono());
}

namespace {

class InferenceStage final : public http::Stage {
 public:
  explicit InferenceStage(InferenceSink& sink) : sink_(sink) {}
  void After(http::Exchange& exchange) override {
    const bool limited = exchange.route != nullptr && exchange.route->limited == http::Limited::kYes &&
                         exchange.request.method == http::Method::kPost;
    if (limited && exchange.response.status >= 400) sink_.AddRefusal(exchange);
  }
  void EndTurn() override { sink_.Commit(); }

 private:
  InferenceSink& sink_;
};

}  // namespace

std::unique_ptr<http::Stage> MakeInferenceStage(InferenceSink& sink) { return std::make_unique<InferenceStage>(sink); }

}  // namespace vigia::risk
