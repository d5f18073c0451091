#include "training/catalogue.h"

#include "catalog/catalog.h"

namespace vigia::training {
namespace {

features::FeatureType TypeOf(catalog::Kind kind) {
  switch (kind) {
    case catalog::Kind::kNumber: return features::FeatureType::kNumber;
    case catalog::Kind::kInteger: return features::FeatureType::kInteger;
    case catalog::Kind::kCategory: return features::FeatureType::kCategory;
  }
  return features::FeatureType::kNumber;
}

}  // namespace

std::vector<features::RawFeature> RawCatalogue() {
  std::vector<features::RawFeature> raw;
  for (const catalog::RawFeature& known : catalog::RawFeatures()) {
    const bool is_category = known.kind == catalog::Kind::kCategory;
    const double min = is_category ? 0 : known.min, max = is_category ? 0 : known.max;
    raw.push_back({std::string(known.name), TypeOf(known.kind), min, max, min, max, {}});
  }
  return raw;
}

}  // namespace vigia::training
