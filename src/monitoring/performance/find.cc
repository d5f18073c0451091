#include "performance/find.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace vigia::performance {

namespace {

constexpr const char* kTable = "vigia_labelled_requests";
// A canary's or a shadow's predictions count for that version like a champion's.
constexpr const char* kScored = "kind <> 'rejected' AND risk_score IS NOT NULL";

}  // namespace

Result<Found> FindLabelled(const columnar::Database& database, const drift::Relation& relation,
                           const std::string& version, const std::vector<Label>& labels) {
  Found found;
  if (labels.empty()) return found;
  columnar::Frame requests;
  requests.Add("labelled_request", columnar::Type::kText);
  std::set<std::string_view> ids;
  for (const Label& label : labels) ids.insert(label.request_id);
  for (const std::string_view id : ids) requests.columns[0].AppendText(id);
  TRY(database.Execute(std::string("DROP TABLE IF EXISTS ") + kTable));
  TRY(database.AddTable(kTable, requests));
  const std::string sql = fmt::format(
      "SELECT request_id, CAST(instance_index AS BIGINT), timestamp, CAST(risk_score AS DOUBLE), risk_label = 1, "
      "model_version FROM {} SEMI JOIN {} ON request_id = labelled_request WHERE {}",
      relation.sql, kTable, kScored);
  columnar::Rows rows = TRY(database.Query(sql, relation.parameters));
  const columnar::Frame frame = TRY(rows.ReadAll());
  std::map<std::string_view, uint32_t> sizes;
  for (size_t row = 0; row < frame.rows(); ++row) {
    uint32_t& size = sizes[frame.columns[0].texts[row]];
    size = std::max(size, static_cast<uint32_t>(frame.columns[1].integers[row]) + 1);
  }
  for (size_t row = 0; row < frame.rows(); ++row) {
    if (frame.columns[5].texts[row] != version) continue;
    Prediction prediction;
    prediction.request_id = frame.columns[0].texts[row];
    prediction.instance = static_cast<uint32_t>(frame.columns[1].integers[row]);
    prediction.time = WallTime(Duration(frame.columns[2].integers[row]));
    prediction.score = std::clamp(frame.columns[3].numbers[row], 0.0, 1.0);
    prediction.flagged = !frame.columns[4].IsNull(row) && frame.columns[4].integers[row] != 0;
    found.batch_sizes.push_back(sizes[prediction.request_id]);
    found.predictions.push_back(std::move(prediction));
  }
  return found;
}

Result<std::vector<ScoreGroup>> GroupScores(const columnar::Database& database, const drift::Relation& relation,
                                            const std::string& version, WallTime start, WallTime end) {
  std::vector<columnar::Value> parameters = relation.parameters;
  parameters.emplace_back(start);
  parameters.emplace_back(end);
  parameters.emplace_back(version);
  const size_t next = relation.parameters.size() + 1;
  const std::string sql = fmt::format(
      "SELECT floor(risk_score * 1000), risk_label = 1, count(*), CAST(sum(risk_score) AS DOUBLE), "
      "CAST(sum(risk_score * risk_score) AS DOUBLE) FROM {} WHERE timestamp >= ${} AND timestamp < ${} "
      "AND model_version = ${} AND {} GROUP BY 1, 2 ORDER BY 1, 2",
      relation.sql, next, next + 1, next + 2, kScored);
  columnar::Rows rows = TRY(database.Query(sql, parameters));
  const columnar::Frame frame = TRY(rows.ReadAll());
  std::vector<ScoreGroup> groups;
  for (size_t row = 0; row < frame.rows(); ++row) {
    groups.push_back({!frame.columns[1].IsNull(row) && frame.columns[1].integers[row] != 0,
                      static_cast<uint64_t>(frame.columns[2].integers[row]), frame.columns[3].numbers[row],
                      frame.columns[4].numbers[row]});
  }
  return groups;
}

}  // namespace vigia::performance
