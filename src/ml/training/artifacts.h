// The files of a trained model: what registering, serving, monitoring and people read.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "training/trainer.h"

namespace vigia::training {

struct ArtifactInfo {
  std::string model_version = "v1.0.0";
  WallTime created_at{};
};

// File name to bytes: model.json, model_metadata.json, model_signature.json, metrics.json,
// model_comparison.json, golden_rows.json, model_report.md, model_report.html. No row of a pupil is in any.
// model_metadata.json carries the SHA-256 of all others, so that a mixture of two trainings shows.
std::map<std::string, std::string> RenderArtifacts(const TrainedModel& model, const ArtifactInfo& info);

// Writes all of them beside `folder` first, and moves them into it when all are safe on disk: a full disk
// or a crash before that leaves `folder` as it was. kUnavailable while another training writes there.
Status WriteArtifacts(Files& files, const std::string& folder, const std::map<std::string, std::string>& artifacts);

// The parts, for tests and for who wants one.
Json MetadataJson(const TrainedModel& model, const ArtifactInfo& info);
Json SignatureJson(const TrainedModel& model, const ArtifactInfo& info);
Json MetricsJson(const TrainedModel& model, const ArtifactInfo& info);
Json ComparisonJson(const TrainedModel& model, const ArtifactInfo& info);
// {"tolerance":1e-6,"rows":[{"instance":{"fase":3,…},"year":2022,"risk_score":0.71},…]}
Json GoldenJson(const TrainedModel& model);

}  // namespace vigia::training
