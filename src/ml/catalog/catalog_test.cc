#include "catalog/catalog.h"

#include <set>

namespace vigia::catalog {
namespace {

TEST(Catalog, EveryFeatureIsWellFormedAndFound) {
  std::set<std::string_view> names{kTarget, kYear, kPupil};
  for (const RawFeature& feature : RawFeatures()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    EXPECT_EQ(FindRaw(feature.name), &feature);
    EXPECT_FALSE(feature.title_pt.empty() || feature.title_en.empty()) << feature.name;
    EXPECT_EQ(feature.kind == Kind::kCategory, !feature.levels.empty()) << feature.name;
    EXPECT_TRUE(feature.kind == Kind::kCategory || feature.min < feature.max) << feature.name;
  }
  EXPECT_EQ(RawFeatures().size(), 19U);
  EXPECT_EQ(FindRaw("em_risco"), nullptr);
  EXPECT_EQ(FindRaw("fase_2023"), nullptr);
}

}  // namespace
}  // namespace vigia::catalog
