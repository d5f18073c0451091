#include "drill/catalogue.h"

#include <gtest/gtest.h>

#include <set>

#include "control/builtin_runbooks.h"

namespace vigia::drill {
namespace {

TEST(DrillsTest, EveryBuiltInRunbookHasOne) {
  std::set<std::string> drilled, names;
  for (const Drill& drill : Drills()) {
    drilled.insert(std::string(drill.runbook) + ".yaml");
    EXPECT_TRUE(names.insert(std::string(drill.name)).second) << drill.name;
    EXPECT_NE(drill.break_it, nullptr) << drill.name;
    EXPECT_EQ(FindDrill(drill.name), &drill);
  }
  std::set<std::string> known;
  for (const control::BuiltInRunbook& runbook : control::BuiltInRunbooks()) known.insert(std::string(runbook.file));
  EXPECT_EQ(drilled, known);
  EXPECT_EQ(FindDrill("weather"), nullptr);
}

}  // namespace
}  // namespace vigia::drill
