// A silence: for a time, alerts with these labels wake nobody. States and edits are those of
// Alertmanager's API v2 (silence/silence.go). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "signals/labels.h"

namespace vigia::alerting {

enum class SilenceState { kPending, kActive, kExpired };
std::string_view SilenceStateName(SilenceState state);

struct Silence {
  std::string id;  // a UUID
  std::vector<signals::Matcher> matchers;
  WallTime starts_at{};
  WallTime ends_at{};
  WallTime updated_at{};
  std::string created_by;
  std::string comment;

  Json ToJson() const;  // as it is stored
  static Result<Silence> FromJson(const Json& json);
};
using Silences = std::map<std::string, Silence>;  // by id

SilenceState StateOf(const Silence& silence, WallTime now);
bool Silenced(const Silence& silence, const signals::LabelSet& labels, WallTime now);

// What is stored when a silence is made or edited, and the id under which it is known from then on.
struct SilenceChange {
  std::string id;
  std::vector<Silence> silences;
};
// `wanted.id` empty: a new one. Else an edit: in place when the past stays what it was (same matchers;
// an active one keeps its start); otherwise the old one expires and a new one takes its place.
// kInvalidArgument: no matcher, one that everything matches, or times that make no sense; kNotFound: the id.
Result<SilenceChange> SetSilence(const Silences& known, Silence wanted, WallTime now);
// kFailedPrecondition: it has expired already.
Result<Silence> ExpireSilence(Silence silence, WallTime now);

// {name, value, isRegex, isEqual}, as Alertmanager writes matchers.
Json MatcherToJson(const signals::Matcher& matcher);
Result<signals::Matcher> MatcherFromJson(const Json& json);

}  // namespace vigia::alerting
