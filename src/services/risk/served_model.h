// A model as it is served: compiled, named, with the threshold in force. Immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/live.h"
#include "base/result.h"
#include "features/spec.h"
#include "scoring/model.h"

namespace vigia::risk {

// The files of one version, read and verified by whoever loaded them.
struct ModelBundle {
  std::string version;
  std::shared_ptr<const scoring::Model> model;
  Json metadata;       // model_metadata.json
  std::string origin;  // "registry" or "files", for people
  std::string digest;  // of the registration; empty for files
};

enum class ThresholdSource { kMetadata, kEnvironment, kLive };
std::string_view ThresholdSourceName(ThresholdSource source);  // "metadata", "environment", "live"

struct Threshold {
  double value = 0;
  ThresholdSource source = ThresholdSource::kMetadata;
  bool operator==(const Threshold&) const = default;
};

// Who answers: the champion, or the challenger that has a share of the requests.
enum class Role { kChampion, kCanary };

// What a key of an instance means to a model.
struct FeatureName {
  enum class Kind { kUnknown, kFeature, kYear, kTolerated };
  Kind kind = Kind::kUnknown;
  uint16_t feature = 0;  // kFeature: index into the spec's raw features
  int year = 0;          // from a suffix like _2023; 0: none
};

class ServedModel {
 public:
  ServedModel(ModelBundle bundle, Threshold threshold, WallTime loaded_at);

  const std::string& version() const { return bundle_.version; }
  const std::string& version_json() const { return version_json_; }  // in quotes, escaped
  const scoring::Model& model() const { return *bundle_.model; }
  const features::FeatureSpec& spec() const { return bundle_.model->pipeline().spec(); }
  const ModelBundle& bundle() const { return bundle_; }
  const Threshold& threshold() const { return threshold_; }
  WallTime loaded_at() const { return loaded_at_; }
  const std::string& metadata_body() const { return metadata_body_; }  // of GET /metadata

  // "fase", "fase_2023", "ano", or a tolerated identifier (ra, id, nome, estudante_id, student_id).
  FeatureName Resolve(std::string_view key) const;
  // A category's code, features::kUnseenLevel for a level that exists and training never saw, NaN for no level.
  double LevelCode(size_t feature, std::string_view level) const;

 private:
  std::string MakeMetadataBody() const;

  ModelBundle bundle_;
  Threshold threshold_;
  WallTime loaded_at_;
  std::unordered_map<std::string_view, FeatureName> names_;  // views into the spec and static names
  std::string metadata_body_;
  std::string version_json_;
};

// The model of the moment, read by every loop and replaced by one thread.
using ModelHolder = Live<ServedModel>;
using ModelView = LiveView<ServedModel>;

}  // namespace vigia::risk
