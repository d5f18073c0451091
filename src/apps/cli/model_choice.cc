#include "cli/model_choice.h"

#include "dataset/load.h"
#include "registry/registry.h"
#include "registry/version.h"

namespace vigia::cli {

namespace {
constexpr std::string_view kRegistry = "models/registry";
}

Result<std::string> ChooseVersion(const Context& context, const std::string& version) {
  if (!version.empty()) return TRY(registry::ParseVersion(version))
  .ToString();
  const auto champion = TRY(registry::ReadChampion(context.files, context.Home(kRegistry)));
  if (champion.has_value()) return champion->version;
  return Error(Code::kFailedPrecondition, "there is no champion: name a version with --model-version");
}

Result<std::shared_ptr<const scoring::Model>> LoadRegisteredModel(const Context& context, const std::string& version) {
  const std::string path = JoinPath(JoinPath(context.Home(kRegistry), version), "model.json");
  return TRY_CONTEXT(scoring::Model::FromText(TRY(context.files.Read(path))), path);
}

Result<Scored> ScoreSource(const Context& context, const scoring::Model& model, const std::string& path) {
  Scored scored;
  scored.table = TRY(dataset::LoadDataset(context.files, path));
  const std::vector<double> raw = TRY_CONTEXT(model.pipeline().RawRows(scored.table), path);
  const std::vector<int> years = model.pipeline().Years(scored.table);
  scored.scores.resize(scored.table.rows());
  model.ScoreBatch(raw, years, scored.scores);
  return scored;
}

std::vector<std::string> RawNames(const scoring::Model& model) {
  std::vector<std::string> names;
  for (const auto& feature : model.pipeline().spec().raw) names.push_back(feature.name);
  return names;
}

}  // namespace vigia::cli
