#include "serve/model_source.h"

#include "base/json.h"
#include "registry/bundle.h"
#include "registry/layout.h"

namespace vigia::serve {

namespace {

std::string StampOf(const Files& files, const std::string& path) {
  const Result<FileInfo> info = files.Info(path);
  if (!info.ok()) return {};
  return FormatTime(info->modified) + "/" + std::to_string(info->size);
}

Result<std::shared_ptr<const scoring::Model>> ReadModel(const std::string& text, const std::string& path) {
  return TRY_CONTEXT(scoring::Model::FromText(text), path);
}

}  // namespace

std::string ModelSource::Fingerprint() const {
  if (!settings_.model_path.empty()) return StampOf(files_, settings_.model_path);
  // The text and not the time of change: two promotions may fall into one tick of the file system's clock.
  const std::string path = settings_.version == "champion"
                               ? JoinPath(settings_.registry, registry::kChampionFile)
                               : JoinPath(JoinPath(settings_.registry, settings_.version), registry::kManifestFile);
  const Result<std::string> text = files_.Read(path);
  return text.ok() ? *text : "";
}

Result<risk::ModelBundle> ModelSource::Load() const {
  if (!settings_.model_path.empty()) return LoadFiles();
  return LoadVersion(settings_.version);
}

Result<risk::ModelBundle> ModelSource::LoadVersion(const std::string& version) const {
  registry::Bundle loaded = TRY(registry::LoadBundle(files_, settings_.registry, version));
  return risk::ModelBundle{loaded.version, std::move(loaded.model), std::move(loaded.metadata), "registry",
                           loaded.digest};
}

Result<risk::ModelBundle> ModelSource::LoadFiles() const {
  risk::ModelBundle bundle;
  bundle.origin = "files";
  const std::string folder = ParentPath(settings_.model_path);
  if (BaseName(settings_.model_path) == "model.json" && settings_.metadata_path.empty()) {
    registry::Bundle loaded = TRY(registry::LoadArtifacts(files_, folder));  // with its golden rows
    bundle.model = std::move(loaded.model);
    bundle.version = TRY_CONTEXT(GetString(loaded.metadata, "model_version"), JoinPath(folder, "model_metadata.json"));
    bundle.metadata = std::move(loaded.metadata);
    return bundle;
  }
  bundle.model = TRY(ReadModel(TRY(files_.Read(settings_.model_path)), settings_.model_path));
  const std::string metadata =
      settings_.metadata_path.empty() ? JoinPath(folder, "model_metadata.json") : settings_.metadata_path;
  bundle.metadata = TRY_CONTEXT(ParseJson(TRY(files_.Read(metadata))), metadata);
  bundle.version = TRY_CONTEXT(GetString(bundle.metadata, "model_version"), metadata);
  return bundle;
}

}  // namespace vigia::serve
