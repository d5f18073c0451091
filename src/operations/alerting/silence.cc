#include "alerting/silence.h"

#include <algorithm>

#include "base/digest.h"

namespace vigia::alerting {
namespace {

using signals::Matcher;

constexpr size_t kMaxMatchers = 64;
constexpr size_t kMaxText = 4096;  // bytes of a comment, an author, a matcher's value

// A version 4 UUID from a digest: the same change at the same time has the same id, in a replay too.
std::string MakeId(const Silences& known, const Silence& silence, WallTime now) {
  for (int number = 0;; ++number) {
    std::string hex = Sha256Hex(silence.ToJson().dump() + FormatTime(now) + std::to_string(known.size() + 1) + "/" +
                                std::to_string(number));
    hex[12] = '4';
    hex[16] = "89ab"[static_cast<size_t>(hex[16]) % 4];
    const std::string id = hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
                           hex.substr(16, 4) + "-" + hex.substr(20, 12);
    if (known.count(id) == 0) return id;
  }
}

Status Check(const Silence& silence, WallTime now) {
  const auto refuse = [](const char* why) { return Error(Code::kInvalidArgument, why); };
  if (silence.matchers.empty()) return refuse("a silence needs at least one matcher");
  if (silence.matchers.size() > kMaxMatchers) return refuse("a silence has too many matchers");
  const signals::LabelSet nothing;
  if (signals::MatchesAll(silence.matchers, nothing)) {
    return refuse("at least one matcher of a silence must not match the empty text");
  }
  if (silence.comment.size() > kMaxText || silence.created_by.size() > kMaxText) return refuse("a text is too long");
  if (silence.starts_at >= silence.ends_at) return refuse("a silence must start before it ends");
  if (silence.ends_at <= now) return refuse("a silence must end in the future");
  return {};
}

bool SameMatchers(const Silence& a, const Silence& b) {
  return std::equal(a.matchers.begin(), a.matchers.end(), b.matchers.begin(), b.matchers.end(),
                    [](const Matcher& one, const Matcher& other) {
                      return one.name() == other.name() && one.op() == other.op() && one.value() == other.value();
                    });
}

bool CanEditInPlace(const Silence& before, const Silence& after, WallTime now) {
  if (!SameMatchers(before, after)) return false;
  const auto second = [](WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); };
  switch (StateOf(before, now)) {
    case SilenceState::kActive: return second(before.starts_at) == second(after.starts_at) && after.ends_at > now;
    case SilenceState::kPending: return after.starts_at >= now;
    case SilenceState::kExpired: return false;
  }
  return false;
}

Result<WallTime> GetTime(const Json& json, const std::string& key) { return ParseTime(TRY(GetString(json, key))); }

}  // namespace

std::string_view SilenceStateName(SilenceState state) {
  switch (state) {
    case SilenceState::kPending: return "pending";
    case SilenceState::kActive: return "active";
    case SilenceState::kExpired: return "expired";
  }
  return "expired";
}

SilenceState StateOf(const Silence& silence, WallTime now) {
  if (now < silence.starts_at) return SilenceState::kPending;
  return now < silence.ends_at ? SilenceState::kActive : SilenceState::kExpired;
}

bool Silenced(const Silence& silence, const signals::LabelSet& labels, WallTime now) {
  return StateOf(silence, now) == SilenceState::kActive && signals::MatchesAll(silence.matchers, labels);
}

Result<SilenceChange> SetSilence(const Silences& known, Silence wanted, WallTime now) {
  TRY(Check(wanted, now));
  SilenceChange change;
  wanted.updated_at = now;
  if (!wanted.id.empty()) {
    const auto before = known.find(wanted.id);
    if (before == known.end()) return Error(Code::kNotFound, "there is no silence with this id");
    if (CanEditInPlace(before->second, wanted, now)) {
      if (StateOf(before->second, now) == SilenceState::kActive) wanted.starts_at = before->second.starts_at;
      change.id = wanted.id;
      change.silences.push_back(std::move(wanted));
      return change;
    }
    if (StateOf(before->second, now) != SilenceState::kExpired) {
      change.silences.push_back(TRY(ExpireSilence(before->second, now)));
    }
  }
  wanted.starts_at = std::max(wanted.starts_at, now);
  wanted.id = MakeId(known, wanted, now);
  change.id = wanted.id;
  change.silences.push_back(std::move(wanted));
  return change;
}

Result<Silence> ExpireSilence(Silence silence, WallTime now) {
  switch (StateOf(silence, now)) {
    case SilenceState::kExpired:
      return Error(Code::kFailedPrecondition, "silence " + silence.id + " has already expired");
    case SilenceState::kPending: silence.starts_at = now; break;
    case SilenceState::kActive: break;
  }
  silence.ends_at = now;
  silence.updated_at = now;
  return silence;
}

Json MatcherToJson(const Matcher& matcher) {
  using Op = Matcher::Op;
  return {{"name", matcher.name()},
          {"value", matcher.value()},
          {"isRegex", matcher.op() == Op::kRegex || matcher.op() == Op::kNotRegex},
          {"isEqual", matcher.op() == Op::kEqual || matcher.op() == Op::kRegex}};
}

Result<Matcher> MatcherFromJson(const Json& json) {
  using Op = Matcher::Op;
  const bool regex = json.contains("isRegex") ? TRY(GetBool(json, "isRegex")) : false;
  const bool equal = json.contains("isEqual") ? TRY(GetBool(json, "isEqual")) : true;
  std::string value = TRY(GetString(json, "value"));
  if (value.size() > kMaxText) return Error(Code::kInvalidArgument, "a matcher's value is too long");
  const Op op = regex ? (equal ? Op::kRegex : Op::kNotRegex) : (equal ? Op::kEqual : Op::kNotEqual);
  return Matcher::Make(TRY(GetString(json, "name")), op, std::move(value));
}

Json Silence::ToJson() const {
  Json list = Json::array();
  for (const Matcher& matcher : matchers) list.push_back(MatcherToJson(matcher));
  return {{"id", id},
          {"matchers", list},
          {"starts_at", FormatTime(starts_at)},
          {"ends_at", FormatTime(ends_at)},
          {"updated_at", FormatTime(updated_at)},
          {"created_by", created_by},
          {"comment", comment}};
}

Result<Silence> Silence::FromJson(const Json& json) {
  Silence silence;
  silence.id = TRY(GetString(json, "id"));
  for (const Json& matcher : *TRY(GetArray(json, "matchers"))) {
    silence.matchers.push_back(TRY(MatcherFromJson(matcher)));
  }
  silence.starts_at = TRY(GetTime(json, "starts_at"));
  silence.ends_at = TRY(GetTime(json, "ends_at"));
  silence.updated_at = TRY(GetTime(json, "updated_at"));
  silence.created_by = TRY(GetString(json, "created_by"));
  silence.comment = TRY(GetString(json, "comment"));
  return silence;
}

}  // namespace vigia::alerting
