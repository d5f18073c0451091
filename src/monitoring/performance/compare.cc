#include "performance/compare.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace vigia::performance {

namespace {

// One row per instance: the champion's score and label, and the shadow's.
std::string PairsOf(const drift::Relation& relation) {
  const size_t next = relation.parameters.size() + 1;
  return fmt::format(
      "SELECT request_id, instance_index, "
      "count(*) FILTER (kind = 'prediction') AS answers, count(*) FILTER (kind = 'shadow') AS shadows, "
      "any_value(model_version) FILTER (kind = 'prediction') AS champion, "
      "any_value(CAST(risk_score AS DOUBLE)) FILTER (kind = 'prediction') AS c, "
      "any_value(risk_label) FILTER (kind = 'prediction') AS cl, "
      "any_value(CAST(risk_score AS DOUBLE)) FILTER (kind = 'shadow') AS s, "
      "any_value(risk_label) FILTER (kind = 'shadow') AS sl, min(timestamp) AS seen "
      "FROM {} WHERE timestamp >= ${} AND timestamp < ${} AND risk_score IS NOT NULL AND "
      "(kind = 'prediction' OR (kind = 'shadow' AND model_version = ${})) GROUP BY 1, 2",
      relation.sql, next, next + 1, next + 2);
}

constexpr const char* kSides =
    "SELECT champion, count(*), count(*) FILTER (cl = 1 AND sl = 1), count(*) FILTER (cl = 0 AND sl = 0), "
    "count(*) FILTER (cl = 1 AND sl = 0), count(*) FILTER (cl = 0 AND sl = 1), avg(s - c), avg(abs(s - c)), "
    "quantile_cont(abs(s - c), 0.5), quantile_cont(abs(s - c), 0.95), max(abs(s - c)), "
    "CASE WHEN stddev_pop(c) > 0 AND stddev_pop(s) > 0 THEN corr(c, s) END, avg(c), avg(s) "
    "FROM ({}) WHERE answers = 1 AND shadows = 1 GROUP BY champion ORDER BY 2 DESC, 1";

constexpr const char* kRest =
    "WITH pairs AS ({}) SELECT count(*) FILTER (shadows > 0 AND NOT (answers = 1 AND shadows = 1)), "
    "count(*) FILTER (answers > 0 AND shadows = 0 AND seen >= (SELECT min(seen) FROM pairs WHERE shadows > 0)) FROM "
    "pairs";

Json NumberOrNull(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

}  // namespace

double SideBySide::Agreement() const {
  return compared == 0 ? 0 : static_cast<double>(both + neither) / static_cast<double>(compared);
}

Result<Comparison> CompareWithShadow(const columnar::Database& database, const drift::Relation& relation,
                                     const std::string& shadow_version, WallTime start, WallTime end) {
  std::vector<columnar::Value> parameters = relation.parameters;
  parameters.emplace_back(start);
  parameters.emplace_back(end);
  parameters.emplace_back(shadow_version);
  const std::string pairs = PairsOf(relation);
  Comparison comparison{shadow_version, start, end, {}, 0, 0};
  columnar::Rows sides = TRY(database.Query(fmt::format(fmt::runtime(kSides), pairs), parameters));
  const columnar::Frame frame = TRY(sides.ReadAll());
  for (size_t row = 0; row < frame.rows(); ++row) {
    const auto count = [&](size_t column) { return static_cast<uint64_t>(frame.columns[column].integers[row]); };
    const auto number = [&](size_t column) {
      return frame.columns[column].IsNull(row) ? std::nan("") : frame.columns[column].numbers[row];
    };
    comparison.sides.push_back({frame.columns[0].texts[row], count(1), count(2), count(3), count(4), count(5),
                                number(6), number(7), number(8), number(9), number(10), number(11), number(12),
                                number(13)});
  }
  columnar::Rows rest = TRY(database.Query(fmt::format(fmt::runtime(kRest), pairs), parameters));
  const columnar::Frame counts = TRY(rest.ReadAll());
  comparison.shadow_only = static_cast<uint64_t>(counts.columns[0].integers[0]);
  comparison.not_scored = static_cast<uint64_t>(counts.columns[1].integers[0]);
  return comparison;
}

void KeepCommon(Found& one, Found& other) {
  using Key = std::pair<std::string, uint32_t>;
  const auto keys_of = [](const Found& found) {
    std::set<Key> keys;
    for (const Prediction& prediction : found.predictions) keys.emplace(prediction.request_id, prediction.instance);
    return keys;
  };
  const auto keep = [](Found& found, const std::set<Key>& keys) {
    Found kept;
    for (size_t i = 0; i < found.predictions.size(); ++i) {
      if (keys.count({found.predictions[i].request_id, found.predictions[i].instance}) == 0) continue;
      kept.predictions.push_back(std::move(found.predictions[i]));
      kept.batch_sizes.push_back(found.batch_sizes[i]);
    }
    found = std::move(kept);
  };
  const std::set<Key> in_one = keys_of(one), in_other = keys_of(other);
  keep(one, in_other);
  keep(other, in_one);
}

Json ToJson(const Comparison& comparison) {
  Json sides = Json::array();
  for (const SideBySide& side : comparison.sides) {
    sides.push_back({{"champion", side.champion},
                     {"compared", side.compared},
                     {"agreement", side.Agreement()},
                     {"flagged_by_both", side.both},
                     {"flagged_by_neither", side.neither},
                     {"flagged_by_champion_only", side.only_champion},
                     {"flagged_by_shadow_only", side.only_shadow},
                     {"score_difference",
                      {{"mean", side.mean_difference},
                       {"mean_absolute", side.mean_distance},
                       {"p50", side.p50},
                       {"p95", side.p95},
                       {"largest", side.largest},
                       {"correlation", NumberOrNull(side.correlation)}}},
                     {"champion_mean_score", side.champion_mean},
                     {"shadow_mean_score", side.shadow_mean}});
  }
  return {
      {"shadow", comparison.shadow}, {"from", FormatTime(comparison.start)},     {"to", FormatTime(comparison.end)},
      {"champions", sides},          {"not_comparable", comparison.shadow_only}, {"not_scored", comparison.not_scored}};
}

}  // namespace vigia::performance
