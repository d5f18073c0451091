#include "serve/model_source.h"

#include <algorithm>

#include "base/json.h"
#include "registry/bundle.h"
#include "registry/layout.h"

namespace vigia::serve {

std::string StampOf(const Files& files, const std::string& path) {
  const Result<FileInfo> info = files.Info(path);
  if (!info.ok()) return {};
  return FormatTime(info->modified) + "/" + std::to_string(info->size);
}

namespace {

Result<std::shared_ptr<const scoring::Model>> ReadModel(const std::string& text, const std::string& path) {
  return TRY_CONTEXT(scoring::Model::FromText(text), path);
}

// A signature names each raw feature of its model in `input_schema`, and no other.
Status CheckSignature(const Json& signature, const features::FeatureSpec& spec) {
  if (!signature.is_object() || !signature.contains("input_schema") || !signature["input_schema"].is_object()) {
    return Error(Code::kInvalidArgument, "has no input_schema");
  }
  const Json& schema = signature["input_schema"];
  const auto known = [&](const auto& raw) { return schema.contains(raw.name); };
  if (schema.size() == spec.raw.size() && std::all_of(spec.raw.begin(), spec.raw.end(), known)) return {};
  return Error(Code::kInvalidArgument, "is the signature of another model: its features differ");
}

}  // namespace

std::string ModelSource::Fingerprint() const {
  if (!settings_.model_path.empty()) {
    std::string stamp = StampOf(files_, settings_.model_path);
    if (stamp.empty()) return stamp;
    for (const std::string& path : {settings_.metadata_path, settings_.signature_path}) {
      if (!path.empty()) stamp += " " + StampOf(files_, path);
    }
    return stamp;
  }
  // The text and not the time of change: two promotions may fall into one tick of the file system's clock.
  const std::string path = settings_.version == "champion"
                               ? JoinPath(settings_.registry, registry::kChampionFile)
                               : JoinPath(JoinPath(settings_.registry, settings_.version), registry::kManifestFile);
  const Result<std::string> text = files_.Read(path);
  return text.ok() ? *text : "";
}

std::string ModelSource::TrialsFingerprint() const {
  if (!ServesChampion()) return "";
  const Result<std::string> text = files_.Read(JoinPath(settings_.registry, registry::kTrialsFile));
  return text.ok() ? *text + Fingerprint() : "";
}

Result<registry::Trials> ModelSource::Trials() const {
  if (!ServesChampion()) return registry::Trials{};
  return registry::ReadTrials(files_, settings_.registry);
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
  risk::ModelBundle bundle = TRY(ReadFiles());
  const std::string& path = settings_.signature_path;
  if (path.empty()) return bundle;
  const Json signature = TRY_CONTEXT(ParseJson(TRY(files_.Read(path))), path);
  TRY_CONTEXT(CheckSignature(signature, bundle.model->pipeline().spec()), path);
  return bundle;
}

Result<risk::ModelBundle> ModelSource::ReadFiles() const {
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
