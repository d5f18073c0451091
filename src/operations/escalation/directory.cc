#include "escalation/directory.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace vigia::escalation {
namespace {

bool Holds(const Interval& interval, WallTime time) { return interval.from <= time && time < interval.to; }

// Whose turn it is. Handovers are instants, so a clock that goes back does not hand back.
const std::vector<std::string>* Turn(const Layer& layer, const calendar::TimeZone& zone, WallTime now) {
  if (layer.rotation.empty() || now < zone.ToUtc(layer.start)) return nullptr;
  int64_t turn = (zone.ToLocal(now) - layer.start) / layer.turn;
  while (zone.ToUtc(layer.start + layer.turn * (turn + 1)) <= now) ++turn;
  while (turn > 0 && zone.ToUtc(layer.start + layer.turn * turn) > now) --turn;
  return &layer.rotation[static_cast<size_t>(turn) % layer.rotation.size()];
}

// "Ana Souza, bia e Caio" -> the people it names.
std::vector<std::string> Named(const Schedule& schedule, const std::string& summary) {
  std::string text = ToLowerAscii(summary);
  for (const std::string_view word : {" and ", " e ", ";", "&", "+", "/", "\n"}) {
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word)) {
      text = text.substr(0, at) + ',' + text.substr(at + word.size());
    }
  }
  std::vector<std::string> people;
  for (const std::string_view part : Split(text, ',')) {
    const auto person = schedule.ical_names.find(std::string(Trim(part)));
    if (person != schedule.ical_names.end()) people.push_back(person->second);
  }
  return people;
}

void AddOnce(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& one : more) {
    if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
  }
}

// The addresses of a person for these channels, in the channels' order.
std::vector<Address> ByChannels(const Person& person, const std::vector<std::string>& channels) {
  std::vector<Address> found;
  for (const std::string& channel : channels) {
    for (const Address& address : person.addresses) {
      if (address.channel == channel) found.push_back(address);
    }
  }
  return found;
}

std::vector<Address> Choose(const Person& person, const std::vector<std::string>& via, checks::Severity severity) {
  std::vector<Address> chosen = ByChannels(person, via);
  const auto rule = person.rules.find(severity);
  if (chosen.empty() && rule != person.rules.end()) chosen = ByChannels(person, rule->second);
  return chosen.empty() ? person.addresses : chosen;
}

std::vector<Reached> Reach(const Directory& directory, const std::vector<Recipient>& recipients,
                           const std::vector<std::string>& via, checks::Severity severity, WallTime now) {
  std::vector<std::string> people;
  for (const Recipient& recipient : recipients) AddOnce(people, PeopleOf(directory, recipient, now));
  std::vector<Reached> reached;
  std::set<std::pair<std::string, std::string>> seen;
  for (const std::string& name : people) {
    const auto person = directory.people.find(name);
    if (person == directory.people.end()) continue;
    for (Address& address : Choose(person->second, via, severity)) {
      if (seen.emplace(address.channel, address.address).second) reached.push_back({name, std::move(address)});
    }
  }
  return reached;
}

}  // namespace

std::vector<std::string> OnShift(const Schedule& schedule, WallTime now) {
  for (const Override& change : schedule.overrides) {
    if (Holds(change.when, now)) return change.people;
  }
  std::vector<std::string> people;
  if (schedule.ical) {
    for (const std::string& summary : schedule.ical->ActiveAt(now)) AddOnce(people, Named(schedule, summary));
  }
  if (!people.empty()) return people;
  const calendar::LocalTime local = schedule.zone.ToLocal(now);
  for (const Layer& layer : schedule.layers) {
    if (!layer.hours.Contains(local)) continue;
    const std::vector<std::string>* turn = Turn(layer, schedule.zone, now);
    if (turn != nullptr && !turn->empty()) return *turn;
  }
  return {};
}

bool Inside(const TimeWindow& window, WallTime now) {
  return window.hours.Contains(window.zone.ToLocal(now)) ||
         std::any_of(window.dates.begin(), window.dates.end(), [&](const Interval& date) { return Holds(date, now); });
}

std::vector<std::string> PeopleOf(const Directory& directory, const Recipient& recipient, WallTime now) {
  switch (recipient.kind) {
    case Recipient::Kind::kPerson: return {recipient.name};
    case Recipient::Kind::kTeam: {
      const auto team = directory.teams.find(recipient.name);
      return team == directory.teams.end() ? std::vector<std::string>() : team->second;
    }
    case Recipient::Kind::kSchedule: {
      const auto schedule = directory.schedules.find(recipient.name);
      return schedule == directory.schedules.end() ? std::vector<std::string>() : OnShift(schedule->second, now);
    }
  }
  return {};
}

std::vector<Reached> Resolve(const Directory& directory, const Call& call, const Policy& policy,
                             checks::Severity severity, WallTime now) {
  std::vector<Reached> reached = Reach(directory, call.recipients, call.via, severity, now);
  return reached.empty() ? Reach(directory, policy.fallback, {}, severity, now) : reached;
}

std::vector<Reached> Rooms(const Directory& directory, checks::Severity severity) {
  std::vector<Reached> rooms;
  for (const Route& route : directory.routes) {
    if (std::find(route.severities.begin(), route.severities.end(), severity) == route.severities.end()) continue;
    for (const std::string& to : route.to) rooms.push_back({"", {route.channel, to}});
  }
  return rooms;
}

}  // namespace vigia::escalation
