#include "serve/model_source.h"

#include "base/digest.h"
#include "base/json.h"

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

// One file of a version, checked against the manifest.
Result<std::string> ReadVerified(const Files& files, const std::string& folder, const Json& manifest,
                                 const std::string& name) {
  const std::string path = JoinPath(folder, name);
  std::string bytes = TRY(files.Read(path));
  const Json* hashes = TRY_CONTEXT(GetObject(manifest, "hashes"), JoinPath(folder, "manifest.json"));
  const std::string want = TRY_CONTEXT(GetString(*hashes, name), JoinPath(folder, "manifest.json"));
  if (!ConstantTimeEqual(Sha256Hex(bytes), want)) {
    return Error(Code::kDataLoss, path + ": is not the file that was registered");
  }
  return bytes;
}

}  // namespace

Result<std::string> ModelSource::ChampionVersion() const {
  const std::string path = JoinPath(settings_.registry, "champion.json");
  if (!files_.Exists(path)) return Error(Code::kNotFound, "no version was promoted yet");
  const Json champion = TRY_CONTEXT(ParseJson(TRY(files_.Read(path))), path);
  return GetString(champion, "version");
}

std::string ModelSource::Fingerprint() const {
  if (!settings_.model_path.empty()) return StampOf(files_, settings_.model_path);
  if (settings_.version == "champion") return StampOf(files_, JoinPath(settings_.registry, "champion.json"));
  return StampOf(files_, JoinPath(JoinPath(settings_.registry, settings_.version), "manifest.json"));
}

Result<risk::ModelBundle> ModelSource::Load() const {
  if (!settings_.model_path.empty()) return LoadFiles();
  if (settings_.version != "champion") return LoadVersion(settings_.version);
  return LoadVersion(TRY(ChampionVersion()));
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

Result<risk::ModelBundle> ModelSource::LoadVersion(const std::string& version) const {
  const std::string folder = TRY(ResolveInside(settings_.registry, version));
  const std::string manifest_path = JoinPath(folder, "manifest.json");
  const Json manifest = TRY_CONTEXT(ParseJson(TRY(files_.Read(manifest_path))), manifest_path);
  risk::ModelBundle bundle;
  bundle.version = version;
  bundle.origin = "registry";
  bundle.model = TRY(ReadModel(TRY(ReadVerified(files_, folder, manifest, "model.json")), folder));
  const std::string metadata = TRY(ReadVerified(files_, folder, manifest, "model_metadata.json"));
  bundle.metadata = TRY_CONTEXT(ParseJson(metadata), JoinPath(folder, "model_metadata.json"));
  return bundle;
}

}  // namespace vigia::serve
