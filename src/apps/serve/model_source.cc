#include "serve/model_source.h"

#include "base/json.h"
#include "registry/bundle.h"

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
  if (settings_.version == "champion") return StampOf(files_, JoinPath(settings_.registry, "champion.json"));
  return StampOf(files_, JoinPath(JoinPath(settings_.registry, settings_.version), "manifest.json"));
}

Result<risk::ModelBundle> ModelSource::Load() const {
  if (!settings_.model_path.empty()) return LoadFiles();
  registry::Bundle loaded = TRY(registry::LoadBundle(files_, settings_.registry, settings_.version));
  return risk::ModelBundle{loaded.version, std::move(loaded.model), std::move(loaded.metadata), "registry"};
}

Result<risk::ModelBundle> ModelSource::LoadFiles() const {
  risk::ModelBundle bundle;
  bundle.model = TRY(ReadModel(TRY(files_.Read(settings_.model_path)), settings_.model_path));
  const std::string metadata = settings_.metadata_path.empty()
                                   ? JoinPath(ParentPath(settings_.model_path), "model_metadata.json")
                                   : settings_.metadata_path;
  bundle.metadata = TRY_CONTEXT(ParseJson(TRY(files_.Read(metadata))), metadata);
  bundle.version = TRY_CONTEXT(GetString(bundle.metadata, "model_version"), metadata);
  bundle.origin = "files";
  return bundle;
}

}  // namespace vigia::serve
