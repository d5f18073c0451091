#include "drill/faults.h"
#include "drill/rows.h"

namespace vigia::drill {
namespace {

// Rows enough that a small move is beyond what sampling noise would give.
constexpr size_t kBatches = 24, kSize = 120;

Status Send(Arena& arena, const Change& change) {
  const auto rows = TRY(arena.Rows());
  const std::vector<std::string> bodies = Bodies(rows, kBatches, kSize, change);
  arena.MarkBroken();
  for (const std::string& body : bodies) {
    const int status = TRY(arena.Predict(body));
    if (status != 200) return Error(Code::kInternal, "a prediction was answered with " + std::to_string(status));
  }
  return {};
}

}  // namespace

Status DriftFeature(Arena& arena) {
  return Send(arena, [](Json& instance, size_t number) {
    if (number % 10 < 6) instance["ips"] = 9.9;
  });
}

Status DriftFeatureALittle(Arena& arena) {
  return Send(arena, [](Json& instance, size_t number) {
    if (number % 100 < 4) instance["ips"] = 9.9;
  });
}

Status DriftScore(Arena& arena) {
  return Send(arena, [](Json& instance, size_t) {
    instance["idade"] = 18;
    instance["fase"] = 2;
  });
}

Status LoseValues(Arena& arena) {
  return Send(arena, [](Json& instance, size_t number) {
    if (number % 10 < 3) instance.erase("ips");
  });
}

// Labels come, and they are the opposite of what was said.
Status LabelsSayOtherwise(Arena& arena) {
  const auto rows = TRY(arena.Rows());
  std::string labels;
  net::HttpRequest request;
  request.method = "POST";
  request.url = "http://127.0.0.1:" + std::to_string(arena.port()) + "/predict";
  for (size_t i = 0; i < 120; ++i) {
    const std::string id = "drill-" + std::to_string(i);
    request.headers = {{"Content-Type", "application/json"}, {"X-Request-ID", id}};
    request.body = CompactJson({{"instances", {rows[i % rows.size()]}}});
    const Json answer = TRY(ParseJson(TRY(arena.world().http.Send(request)).body));
    const int said = answer.at("predictions").at(0).value("risk_label", 0);
    labels += CompactJson({{"request_id", id}, {"instance_index", 0}, {"label", 1 - said}}) + "\n";
  }
  TRY(arena.world().files.Write(arena.Path("data/raw/labels.jsonl"), labels));
  arena.MarkBroken();
  TRY(arena.Vigia({"labels", "import", "--file", arena.Path("data/raw/labels.jsonl")}));
  return {};
}

Status RemoveLabels(Arena& arena) {
  const std::string path = arena.Path("monitoring/labels_store.jsonl");
  if (arena.world().files.Exists(path)) TRY(arena.world().files.Remove(path));
  return {};
}

}  // namespace vigia::drill
