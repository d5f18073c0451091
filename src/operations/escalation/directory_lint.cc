// What is wrong with a directory: above all, who cannot be reached, and when nobody is.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "escalation/directory.h"

namespace vigia::escalation {
namespace {

constexpr Duration kStep = std::chrono::minutes(15);
constexpr int kSteps = 5 * 7 * 24 * 4;  // five weeks

bool Among(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string RecipientText(const Recipient& recipient) {
  switch (recipient.kind) {
    case Recipient::Kind::kPerson: return "person '" + recipient.name + "'";
    case Recipient::Kind::kSchedule: return "schedule '" + recipient.name + "'";
    case Recipient::Kind::kTeam: return "team '" + recipient.name + "'";
  }
  return "";
}

class Linter {
 public:
  Linter(const Directory& directory, const std::vector<std::string>& channels, WallTime now)
      : directory_(directory),
        channels_(channels),
        // On the quarter of an hour, where shifts begin and end.
        start_(std::chrono::ceil<std::chrono::minutes>(now) -
               std::chrono::minutes(std::chrono::ceil<std::chrono::minutes>(now).time_since_epoch().count() % 15)) {}

  std::vector<config::Problem> Run() {
    for (const auto& [name, person] : directory_.people) LintPerson(person);
    for (const auto& [name, people] : directory_.teams) {
      if (people.empty()) Add(SourceOf("team:" + name), "team '" + name + "' has nobody in it");
      LintNames(people, SourceOf("team:" + name), "team '" + name + "'");
    }
    for (const auto& [name, schedule] : directory_.schedules) LintSchedule(schedule);
    for (const auto& [name, policy] : directory_.policies) LintPolicy(policy);
    for (const Route& route : directory_.routes) {
      if (!Among(channels_, route.channel)) Add(route.source, "there is no channel '" + route.channel + "'");
    }
    return std::move(problems_);
  }

 private:
  void Add(const Source& source, std::string message) {
    problems_.push_back({source.file, source.line, std::move(message)});
  }
  Source SourceOf(const std::string& key) const {
    const auto at = directory_.sources.find(key);
    return at == directory_.sources.end() ? Source() : at->second;
  }

  bool HasAddress(const Person& person, const std::string& channel) const {
    return std::any_of(person.addresses.begin(), person.addresses.end(),
                       [&](const Address& address) { return address.channel == channel; });
  }

  void LintPerson(const Person& person) {
    bool reachable = false;
    for (const Address& address : person.addresses) {
      const bool known = Among(channels_, address.channel);
      if (!known) Add(person.source, "person '" + person.name + "': there is no channel '" + address.channel + "'");
      reachable = reachable || known;
    }
    if (!reachable)
      Add(person.source, "person '" + person.name + "' cannot be reached: no address of a channel that exists");
    for (const auto& [severity, wanted] : person.rules) {
      for (const std::string& channel : wanted) {
        if (HasAddress(person, channel)) continue;
        Add(person.source, "person '" + person.name + "' wants " + std::string(checks::SeverityWord(severity)) +
                               " incidents by '" + channel + "' but has no address for it");
      }
    }
  }

  void LintNames(const std::vector<std::string>& people, const Source& source, const std::string& where) {
    for (const std::string& name : people) {
      if (directory_.people.count(name) == 0) Add(source, where + " names '" + name + "', who is not among the people");
    }
  }

  void LintSchedule(const Schedule& schedule) {
    const std::string where = "schedule '" + schedule.name + "'";
    for (const Layer& layer : schedule.layers) {
      for (const auto& group : layer.rotation) LintNames(group, schedule.source, where);
    }
    for (const Override& change : schedule.overrides) LintNames(change.people, schedule.source, where);
    const std::vector<bool>& covered = Coverage(schedule.name);
    if (std::none_of(covered.begin(), covered.end(), [](bool on) { return on; })) {
      Add(schedule.source, where + " has nobody on in the next five weeks");
    }
  }

  // For each quarter of an hour from the start: whether somebody who exists is on.
  const std::vector<bool>& Coverage(const std::string& name) {
    const auto known = coverage_.find(name);
    if (known != coverage_.end()) return known->second;
    std::vector<bool>& covered = coverage_[name];
    covered.resize(kSteps);
    const Schedule& schedule = directory_.schedules.at(name);
    for (int i = 0; i < kSteps; ++i) {
      const std::vector<std::string> on = OnShift(schedule, start_ + kStep * i);
      covered[static_cast<size_t>(i)] =
          std::any_of(on.begin(), on.end(), [&](const std::string& person) { return Reachable(person); });
    }
    return covered;
  }

  bool Reachable(const std::string& person) const {
    const auto at = directory_.people.find(person);
    return at != directory_.people.end() &&
           std::any_of(at->second.addresses.begin(), at->second.addresses.end(),
                       [&](const Address& address) { return Among(channels_, address.channel); });
  }

  // Whether somebody of these is reached, step by step.
  std::vector<bool> Covered(const std::vector<Recipient>& recipients) {
    std::vector<bool> covered(kSteps);
    for (const Recipient& recipient : recipients) {
      if (recipient.kind == Recipient::Kind::kSchedule) {
        if (directory_.schedules.count(recipient.name) == 0) continue;
        const std::vector<bool>& schedule = Coverage(recipient.name);
        for (size_t i = 0; i < covered.size(); ++i) covered[i] = covered[i] || schedule[i];
        continue;
      }
      const std::vector<std::string> people = PeopleOf(directory_, recipient, start_);
      if (std::any_of(people.begin(), people.end(), [&](const std::string& one) { return Reachable(one); })) {
        covered.assign(kSteps, true);
      }
    }
    return covered;
  }

  void LintRecipients(const std::vector<Recipient>& recipients, const Source& source, const std::string& where) {
    for (const Recipient& recipient : recipients) {
      const bool known = recipient.kind == Recipient::Kind::kPerson ? directory_.people.count(recipient.name) > 0
                         : recipient.kind == Recipient::Kind::kTeam ? directory_.teams.count(recipient.name) > 0
                                                                    : directory_.schedules.count(recipient.name) > 0;
      if (!known) Add(source, where + " notifies " + RecipientText(recipient) + ", which does not exist");
    }
  }

  // Everybody whom a recipient may mean, at any time.
  std::set<std::string> Everybody(const Recipient& recipient) const {
    std::set<std::string> people;
    const auto add = [&](const std::vector<std::string>& some) { people.insert(some.begin(), some.end()); };
    if (recipient.kind != Recipient::Kind::kSchedule) {
      add(PeopleOf(directory_, recipient, start_));
      return people;
    }
    const auto at = directory_.schedules.find(recipient.name);
    if (at == directory_.schedules.end()) return people;
    for (const Layer& layer : at->second.layers) {
      for (const auto& group : layer.rotation) add(group);
    }
    for (const Override& change : at->second.overrides) add(change.people);
    for (int i = 0; at->second.ical && i < kSteps; ++i) add(OnShift(at->second, start_ + kStep * i));
    return people;
  }

  void LintVia(const Level& level, const Source& source, const std::string& where) {
    for (const std::string& channel : level.via) {
      if (!Among(channels_, channel)) Add(source, where + ": there is no channel '" + channel + "'");
    }
    if (level.via.empty()) return;
    std::set<std::string> people;
    for (const Recipient& recipient : level.notify) people.merge(Everybody(recipient));
    for (const std::string& name : people) {
      const auto person = directory_.people.find(name);
      if (person == directory_.people.end()) continue;
      const bool has = std::any_of(level.via.begin(), level.via.end(),
                                   [&](const std::string& channel) { return HasAddress(person->second, channel); });
      if (!has)
        Add(source, where + " calls person '" + name + "' by " + Join(level.via, ", ") + ", who has no such address");
    }
  }

  void LintPolicy(const Policy& policy) {
    const Source source = SourceOf("policy:" + policy.name);
    if (policy.levels.empty()) Add(source, "policy '" + policy.name + "' has no levels");
    LintRecipients(policy.fallback, source, "the fallback of policy '" + policy.name + "'");
    const std::vector<bool> fallback = Covered(policy.fallback);
    for (const Level& level : policy.levels) {
      const std::string where = "level '" + level.name + "' of policy '" + policy.name + "'";
      const Source at = SourceOf("policy:" + policy.name + "/" + level.name);
      LintRecipients(level.notify, at, where);
      LintVia(level, at, where);
      const std::vector<bool> covered = Covered(level.notify);
      for (size_t i = 0; i < covered.size(); ++i) {
        if (covered[i] || fallback[i]) continue;
        Add(at, where + " reaches nobody at " + When(level, start_ + kStep * static_cast<int>(i)) +
                    (policy.fallback.empty() ? ", and the policy has no fallback" : ", nor does the fallback"));
        break;
      }
    }
  }

  // As the first schedule's wall clock shows it.
  std::string When(const Level& level, WallTime time) const {
    calendar::TimeZone zone;
    for (const Recipient& recipient : level.notify) {
      const auto schedule = directory_.schedules.find(recipient.name);
      if (recipient.kind != Recipient::Kind::kSchedule || schedule == directory_.schedules.end()) continue;
      zone = schedule->second.zone;
      break;
    }
    return calendar::FormatLocalTime(zone.ToLocal(time)) + " (" + zone.name() + ")";
  }

  const Directory& directory_;
  const std::vector<std::string>& channels_;
  const WallTime start_;
  std::map<std::string, std::vector<bool>> coverage_;
  std::vector<config::Problem> problems_;
};

}  // namespace

std::vector<config::Problem> LintDirectory(const Directory& directory, const std::vector<std::string>& channels,
                                           WallTime now) {
  return Linter(directory, channels, now).Run();
}

}  // namespace vigia::escalation
