// Hands what one loop answered to the inference store, before the answers leave.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/stage.h"
#include "inference/inference_store.h"
#include "risk/row_builder.h"
#include "risk/served_model.h"

namespace vigia::risk {

// The features of a model as the store keeps them. With kBins, numbers are kept as one of ten equal
// bins between what training saw.
inference::RecordSchema SchemaOf(const ServedModel& model, inference::ValueDetail detail);

// Not thread-safe; one per loop. Does nothing without a writer.
class InferenceSink {
 public:
  InferenceSink(inference::InferenceStore::WriterPtr writer, inference::ValueDetail detail, const Clock& clock);

  // `scores` has one score per row. `generation` tells the models of a role apart.
  void AddPredictions(const ServedModel& model, Role role, uint64_t generation, const Rows& rows,
                      const std::vector<double>& scores, const http::Exchange& exchange);
  // What a challenger makes of an instance: `record` has all but kind and schema. Its features are of the challenger.
  void AddShadow(const ServedModel& challenger, uint64_t generation, inference::Record record);
  // Equal refusals of one turn become one record with a count.
  void AddRefusal(const http::Exchange& exchange);
  // At the end of a turn: one write.
  void Commit();

 private:
  struct Refusal {
    int status = 0;
    std::string_view error_code;  // static storage
    std::string request_id;
    uint32_t occurrences = 0;
  };
  // The schemas of the champion, a canary and a shadow, which take turns.
  struct Slot {
    uint64_t generation = 0;
    inference::SchemaHandle schema = inference::kNoSchema;
    bool known = false;
  };
  const Slot& UseModel(const ServedModel& model, size_t slot, uint64_t generation);

  inference::InferenceStore::WriterPtr writer_;
  const inference::ValueDetail detail_;
  const Clock& clock_;
  std::array<Slot, 3> slots_;
  bool pending_ = false;
  std::vector<Refusal> refusals_;
  size_t refusal_count_ = 0;
};

// Records refused requests of limited routes, and commits at the end of each turn.
std::unique_ptr<http::Stage> MakeInferenceStage(InferenceSink& sink);

}  // namespace vigia::risk
