#include "training/artifacts.h"

#include <fmt/format.h>

#include <cmath>

#include "base/digest.h"
#include "base/locked.h"
#include "training/artifact_json.h"
#include "training/report.h"

namespace vigia::training {
namespace {

constexpr const char* kMetadataFile = "model_metadata.json";

Status Stage(Files& files, const std::string& staging, const std::map<std::string, std::string>& artifacts) {
  TRY(files.RemoveTree(staging));
  for (const auto& [name, bytes] : artifacts) TRY(files.Write(JoinPath(staging, name), bytes));
  return {};
}

}  // namespace

std::map<std::string, std::string> RenderArtifacts(const TrainedModel& model, const ArtifactInfo& info) {
  std::map<std::string, std::string> artifacts;
  artifacts["model.json"] = CompactJson(ModelJson(model)) + "\n";
  artifacts["model_signature.json"] = PrettyJson(SignatureJson(model, info));
  artifacts["metrics.json"] = PrettyJson(MetricsJson(model, info));
  artifacts["model_comparison.json"] = PrettyJson(ComparisonJson(model, info));
  artifacts["golden_rows.json"] = PrettyJson(GoldenJson(model));
  artifacts["model_report.md"] = MarkdownReport(model, info);
  artifacts["model_report.html"] = HtmlReport(model, info);
  Json metadata = MetadataJson(model, info);
  for (const auto& [name, bytes] : artifacts) metadata["artifacts_sha256"][name] = Sha256Hex(bytes);
  artifacts[kMetadataFile] = PrettyJson(metadata);
  return artifacts;
}

Status WriteArtifacts(Files& files, const std::string& folder, const std::map<std::string, std::string>& artifacts) {
  TRY(files.MakeFolders(folder));
  const auto lock = TRY(LockOrBusy(files, folder + ".lock", "another training writes to " + folder));
  const std::string staging = folder + ".staging";
  const Status staged = Stage(files, staging, artifacts);
  if (!staged.ok()) {
    const Status ignored = files.RemoveTree(staging);  // the first error is the one to tell
    (void)ignored;
    return staged.error();
  }
  for (const auto& [name, bytes] : artifacts) {
    if (name != kMetadataFile) TRY(files.Rename(JoinPath(staging, name), JoinPath(folder, name)));
  }
  // Last: its hashes are right only when everything else is there.
  TRY(files.Rename(JoinPath(staging, kMetadataFile), JoinPath(folder, kMetadataFile)));
  return files.RemoveTree(staging);
}

}  // namespace vigia::training
