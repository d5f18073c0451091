// Reads what performance needs from the stored predictions.
#pragma once

#include <string>
#include <vector>

#include "columnar/database.h"
#include "drift/count.h"
#include "performance/assess.h"

namespace vigia::performance {

struct Found {
  std::vector<Prediction> predictions;  // of this version, that some label names
  std::vector<uint32_t> batch_sizes;    // one each
};

// `relation` as drift::CountWindow takes it. Holds as many rows in memory as labels match.
Result<Found> FindLabelled(const columnar::Database& database, const drift::Relation& relation,
                           const std::string& version, const std::vector<Label>& labels);

// All scores of this version in [start, end), in groups of a thousandth, by rising score.
Result<std::vector<ScoreGroup>> GroupScores(const columnar::Database& database, const drift::Relation& relation,
                                            const std::string& version, WallTime start, WallTime end);

}  // namespace vigia::performance
