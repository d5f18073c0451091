#include "alerting/silence.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <regex>

#include "alerting/testing/moments.h"

namespace vigia::alerting {
namespace {

using signals::LabelSet;
using signals::Matcher;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Silence Make(const char* matcher, Duration from, Duration to) {
  Silence silence;
  silence.matchers = {Matcher::Parse(matcher).value()};
  silence.starts_at = kNow + from;
  silence.ends_at = kNow + to;
  silence.created_by = "ana";
  silence.comment = "upgrade";
  return silence;
}

Silences Known(const SilenceChange& change) {
  Silences known;
  for (const Silence& silence : change.silences) known[silence.id] = silence;
  return known;
}

TEST(SilenceTest, IsPendingThenActiveThenExpired) {
  const Silence silence = Make("service=risk", minutes(1), minutes(2));
  EXPECT_EQ(StateOf(silence, kNow), SilenceState::kPending);
  EXPECT_EQ(StateOf(silence, kNow + minutes(1)), SilenceState::kActive);
  EXPECT_EQ(StateOf(silence, kNow + minutes(2)), SilenceState::kExpired);
  const LabelSet risk{{"service", "risk"}};
  EXPECT_FALSE(Silenced(silence, risk, kNow));
  EXPECT_TRUE(Silenced(silence, risk, kNow + minutes(1)));
  EXPECT_FALSE(Silenced(silence, {{"service", "faces"}}, kNow + minutes(1)));
  EXPECT_FALSE(Silenced(silence, risk, kNow + minutes(2)));
}

TEST(SilenceTest, ANewOneHasAUuidAndDoesNotBeginInThePast) {
  const SilenceChange change = SetSilence({}, Make("a=b", -hours(1), hours(1)), kNow).value();
  ASSERT_EQ(change.silences.size(), 1U);
  const Silence& made = change.silences.front();
  EXPECT_EQ(made.id, change.id);
  EXPECT_EQ(made.starts_at, kNow);
  EXPECT_EQ(made.updated_at, kNow);
  EXPECT_TRUE(
      std::regex_match(made.id, std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
      << made.id;
  const SilenceChange second = SetSilence(Known(change), Make("a=b", -hours(1), hours(1)), kNow).value();
  EXPECT_NE(second.id, change.id);
}

// One line for each edit: the silence as it was, the edit, and whether it stays the same silence.
TEST(SilenceTest, AnEditKeepsTheIdWhenThePastStaysWhatItWas) {
  struct Case {
    const char* name;
    Silence before;
    Silence after;
    size_t stored;  // 1: in place, or a new one for an expired one; 2: the old one expires
    bool same_id;
  };
  const Case cases[] = {
      {"longer", Make("a=b", -hours(1), hours(1)), Make("a=b", -hours(1), hours(2)), 1, true},
      {"other matchers", Make("a=b", -hours(1), hours(1)), Make("a=c", -hours(1), hours(1)), 2, false},
      {"other operator", Make("a=b", -hours(1), hours(1)), Make("a=~b", -hours(1), hours(1)), 2, false},
      {"other start", Make("a=b", -hours(1), hours(1)), Make("a=b", -minutes(30), hours(1)), 2, false},
      {"pending, later", Make("a=b", hours(1), hours(2)), Make("a=b", minutes(90), hours(2)), 1, true},
      {"pending, at once", Make("a=b", hours(1), hours(2)), Make("a=b", -minutes(1), hours(2)), 2, false},
      {"expired", Make("a=b", -hours(2), -hours(1)), Make("a=b", -hours(2), hours(1)), 1, false},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    Silence before = one.before;
    before.id = "old";
    Silence after = one.after;
    after.id = "old";
    const SilenceChange change = SetSilence({{"old", before}}, after, kNow).value();
    EXPECT_EQ(change.silences.size(), one.stored);
    EXPECT_EQ(change.id == "old", one.same_id);
    if (one.stored == 2) {
      EXPECT_EQ(StateOf(change.silences.front(), kNow), SilenceState::kExpired);
    }
    EXPECT_EQ(change.silences.back().ends_at, after.ends_at);
  }
}

TEST(SilenceTest, RefusesWhatMakesNoSense) {
  Silence none = Make("a=b", -hours(1), hours(1));
  none.matchers.clear();
  Silence unknown = Make("a=b", -hours(1), hours(1));
  unknown.id = "nobody";
  const std::pair<Silence, std::string> cases[] = {
      {none, "a silence needs at least one matcher"},
      {Make("a=~.*", -hours(1), hours(1)), "at least one matcher of a silence must not match the empty text"},
      {Make("a!=b", -hours(1), hours(1)), "at least one matcher of a silence must not match the empty text"},
      {Make("a=b", hours(1), hours(1)), "a silence must start before it ends"},
      {Make("a=b", -hours(2), -hours(1)), "a silence must end in the future"},
      {unknown, "there is no silence with this id"},
  };
  for (const auto& [silence, message] : cases) {
    const auto set = SetSilence({}, silence, kNow);
    ASSERT_FALSE(set.ok()) << message;
    EXPECT_EQ(set.error().message(), message);
  }
}

TEST(SilenceTest, ExpiresOnce) {
  Silence active = ExpireSilence(Make("a=b", -hours(1), hours(1)), kNow).value();
  EXPECT_EQ(active.ends_at, kNow);
  EXPECT_EQ(active.starts_at, kNow - hours(1));
  EXPECT_FALSE(ExpireSilence(active, kNow).ok());
  const Silence pending = ExpireSilence(Make("a=b", hours(1), hours(2)), kNow).value();
  EXPECT_EQ(pending.starts_at, kNow);
  EXPECT_EQ(StateOf(pending, kNow), SilenceState::kExpired);
}

TEST(SilenceTest, ReadsBackWhatItWrote) {
  for (const char* matcher : {"a=b", "a!=b", "a=~b|c", "a!~b.*"}) {
    const Silence silence = SetSilence(
                                {},
                                [&] {
                                  Silence one = Make("x=y", -hours(1), hours(1));
                                  one.matchers.push_back(Matcher::Parse(matcher).value());
                                  return one;
                                }(),
                                kNow)
                                .value()
                                .silences.front();
    EXPECT_EQ(Silence::FromJson(silence.ToJson()).value().ToJson(), silence.ToJson());
  }
  EXPECT_FALSE(Silence::FromJson({{"id", "x"}}).ok());
  EXPECT_FALSE(MatcherFromJson({{"name", "a"}, {"value", "("}, {"isRegex", true}}).ok());
}

// Whatever was known before and whatever is asked: at most one silence of the change is not expired, and
// it is the one that the change names.
TEST(SilenceTest, AChangeLeavesOneSilence) {
  EXPECT_TRUE(rc::check([] {
    const auto minute = [] { return minutes(*rc::gen::inRange(-100, 100)); };
    Silence before = Make("a=b", minute(), minute());
    before.id = "old";
    RC_PRE(before.starts_at < before.ends_at);
    Silence after = Make(*rc::gen::element("a=b", "a=c"), minute(), minute());
    if (*rc::gen::arbitrary<bool>()) after.id = "old";
    const auto change = SetSilence({{"old", before}}, after, kNow);
    if (!change.ok()) return;
    Silences known{{"old", before}};
    for (const Silence& silence : change->silences) known[silence.id] = silence;
    int alive = 0;
    for (const Silence& silence : change->silences) alive += StateOf(silence, kNow) != SilenceState::kExpired ? 1 : 0;
    RC_ASSERT(alive == 1);
    RC_ASSERT(known.count(change->id) == 1);
    RC_ASSERT(known.at(change->id).ends_at == after.ends_at);
  }));
}

}  // namespace
}  // namespace vigia::alerting
