#include "escalation/directory_load.h"

#include "base/text.h"

namespace vigia::escalation {
namespace {

using config::MapReader;
using config::Problem;
using config::YamlNode;

// Reads the sections into one directory, and collects problems.
class Loader {
 public:
  Loader(const std::string& file, const DirectoryWorld& world, std::vector<Problem>& problems)
      : file_(file), world_(world), problems_(problems) {}

  Directory Load(const YamlNode& node, const std::vector<std::string>& other_sections) {
    MapReader reader(node, file_, "the directory", problems_);
    Each(reader.Map("people"),
         [this](const std::string& name, const YamlNode& one, int line) { ReadPerson(name, one, line); });
    Each(reader.Map("teams"), [this](const std::string& name, const YamlNode& one, int line) {
      directory_.teams[name] = Names(one);
      directory_.sources["team:" + name] = {file_, line};
    });
    Each(reader.Map("schedules"),
         [this](const std::string& name, const YamlNode& one, int line) { ReadSchedule(name, one, line); });
    Each(reader.Map("policies"),
         [this](const std::string& name, const YamlNode& one, int line) { ReadPolicy(name, one, line); });
    Each(reader.Map("windows"),
         [this](const std::string& name, const YamlNode& one, int line) { ReadWindow(name, one, line); });
    if (const YamlNode* routes = reader.List("routes")) {
      for (const YamlNode& one : routes->items) ReadRoute(one);
    }
    for (const std::string& section : other_sections) static_cast<void>(reader.Child(section));
    reader.Finish();
    return std::move(directory_);
  }

 private:
  template <typename Function>
  static void Each(const YamlNode* map, Function function) {
    for (size_t i = 0; map != nullptr && i < map->map.size(); ++i) {
      function(map->map[i].first, map->map[i].second, map->key_lines[i]);
    }
  }

  // A name, or a list of them.
  std::vector<std::string> Names(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kScalar) return {node.scalar};
    std::vector<std::string> names;
    for (const YamlNode& item : node.items) {
      if (item.kind == YamlNode::Kind::kScalar) names.push_back(item.scalar);
    }
    if (node.kind != YamlNode::Kind::kSequence || names.size() != node.items.size()) {
      problems_.push_back({file_, node.line, "here must be a name or a list of names"});
    }
    return names;
  }

  std::optional<checks::Severity> ReadSeverity(const std::string& text, int line) {
    const auto severity = checks::ParseSeverity(text);
    if (!severity) problems_.push_back({file_, line, "'" + text + "' is no severity: critical, high, medium or low"});
    return severity;
  }

  void ReadPerson(const std::string& name, const YamlNode& node, int line) {
    Person person;
    person.name = name;
    person.source = {file_, line};
    MapReader reader(node, file_, "person '" + name + "'", problems_);
    person.full_name = reader.Text("full_name");
    if (const YamlNode* addresses = reader.Map("addresses")) {
      for (const auto& [channel, address] : addresses->map) {
        if (address.kind != YamlNode::Kind::kScalar || address.scalar.empty()) {
          reader.Add(address.line, "the address for '" + channel + "' must be a text");
        } else {
          person.addresses.push_back({channel, address.scalar});
        }
      }
    }
    if (const YamlNode* rules = reader.Map("rules")) {
      Each(rules, [&](const std::string& severity, const YamlNode& channels, int at) {
        if (const auto parsed = ReadSeverity(severity, at)) person.rules[*parsed] = Names(channels);
      });
    }
    person.roles = reader.Texts("roles");
    reader.Finish();
    directory_.people[name] = std::move(person);
  }

  calendar::TimeZone ReadZone(MapReader& reader) {
    auto zone = world_.zones.Find(reader.Text("time_zone", "UTC"));
    if (zone.ok()) return *std::move(zone);
    reader.Add(reader.Line("time_zone"), zone.error().message());
    return {};
  }

  // A time with an offset, or of the zone's wall clock.
  std::optional<WallTime> ReadMoment(MapReader& reader, std::string_view key, const calendar::TimeZone& zone) {
    const std::string text = reader.RequiredText(key);
    if (text.empty()) return std::nullopt;
    if (const auto absolute = ParseTime(text); absolute.ok()) return *absolute;
    const auto local = calendar::ParseLocalTime(text);
    if (local.ok()) return zone.ToUtc(*local);
    reader.Add(reader.Line(key), "'" + std::string(key) + "': " + local.error().message());
    return std::nullopt;
  }

  // Finishes the reader's from and to.
  std::optional<Interval> ReadInterval(MapReader& reader, const calendar::TimeZone& zone) {
    const auto from = ReadMoment(reader, "from", zone);
    const auto to = ReadMoment(reader, "to", zone);
    if (!from || !to) return std::nullopt;
    if (*to <= *from) reader.Add(reader.line(), "'to' must be later than 'from'");
    return Interval{*from, *to};
  }

  void ReadSchedule(const std::string& name, const YamlNode& node, int line) {
    Schedule schedule;
    schedule.name = name;
    schedule.source = {file_, line};
    const std::string where = "schedule '" + name + "'";
    MapReader reader(node, file_, where, problems_);
    schedule.zone = ReadZone(reader);
    if (const YamlNode* layers = reader.List("layers")) {
      for (const YamlNode& one : layers->items) schedule.layers.push_back(ReadLayer(one, where));
    }
    if (const YamlNode* overrides = reader.List("overrides")) {
      for (const YamlNode& one : overrides->items) {
        MapReader change(one, file_, "an override of " + where, problems_);
        const auto when = ReadInterval(change, schedule.zone);
        const YamlNode* people = change.Child("people");
        if (people == nullptr) change.Add(change.line(), "'people' is missing");
        if (when && people != nullptr) schedule.overrides.push_back({*when, Names(*people)});
        change.Finish();
      }
    }
    if (reader.Has("ical")) ReadIcal(reader, schedule);
    if (schedule.layers.empty() && !schedule.ical) reader.Add(line, "it needs layers or an ical");
    reader.Finish();
    directory_.schedules[name] = std::move(schedule);
  }

  Layer ReadLayer(const YamlNode& node, const std::string& where) {
    Layer layer;
    MapReader reader(node, file_, "a layer of " + where, problems_);
    if (const YamlNode* rotation = reader.Child("rotation"); rotation == nullptr) {
      reader.Add(reader.line(), "'rotation' is missing: whose turn it is, in order");
    } else if (rotation->kind == YamlNode::Kind::kSequence) {
      for (const YamlNode& group : rotation->items) layer.rotation.push_back(Names(group));
    } else {
      layer.rotation.push_back(Names(*rotation));
    }
    layer.turn = reader.Time("turn", layer.turn);
    if (layer.turn < std::chrono::minutes(1)) {
      reader.Add(reader.Line("turn"), "'turn' must be at least a minute");
      layer.turn = std::chrono::hours(24 * 7);
    }
    const std::string start = reader.Text("start");
    if (const auto local = calendar::ParseLocalTime(start); local.ok()) {
      layer.start = *local;
    } else if (!start.empty() || layer.rotation.size() > 1) {
      reader.Add(reader.Line("start"), "'start' must say when the first turn begins: " + local.error().message());
    }
    if (reader.Has("hours")) {
      auto hours = calendar::WeekHours::Parse(Join(reader.Texts("hours"), ";"));
      if (hours.ok()) {
        layer.hours = *std::move(hours);
      } else {
        reader.Add(reader.Line("hours"), hours.error().message());
      }
    }
    reader.Finish();
    return layer;
  }

  void ReadIcal(MapReader& reader, Schedule& schedule) {
    const std::string path = JoinPath(world_.folder, reader.Text("ical"));
    const auto bytes = world_.files.Read(path);
    if (!bytes.ok()) return reader.Add(reader.Line("ical"), bytes.error().message());
    auto ical = calendar::Ical::Parse(*bytes, world_.zones, schedule.zone);
    if (!ical.ok()) return reader.Add(reader.Line("ical"), path + ": " + ical.error().message());
    for (const auto& [name, person] : directory_.people) {
      schedule.ical_names[ToLowerAscii(name)] = name;
      if (!person.full_name.empty()) schedule.ical_names[ToLowerAscii(person.full_name)] = name;
    }
    schedule.ical = *std::move(ical);
  }

  std::vector<Recipient> ReadRecipients(MapReader& reader, std::string_view key) {
    std::vector<Recipient> recipients;
    for (const std::string& text : reader.Texts(key)) {
      auto recipient = ParseRecipient(text);
      if (recipient.ok()) {
        recipients.push_back(*std::move(recipient));
      } else {
        reader.Add(reader.Line(key), recipient.error().message());
      }
    }
    return recipients;
  }

  void ReadPolicy(const std::string& name, const YamlNode& node, int line) {
    Policy policy;
    policy.name = name;
    directory_.sources["policy:" + name] = {file_, line};
    MapReader reader(node, file_, "policy '" + name + "'", problems_);
    if (const YamlNode* levels = reader.List("levels")) {
      for (const YamlNode& one : levels->items) policy.levels.push_back(ReadLevel(one, policy));
    }
    policy.repeat = static_cast<int>(reader.Integer("repeat", policy.repeat));
    if (policy.repeat < 0 || policy.repeat > 100) reader.Add(reader.Line("repeat"), "'repeat' must be from 0 to 100");
    policy.repeat_after = reader.Time("repeat_after", policy.repeat_after);
    policy.acknowledge_timeout = reader.Time("acknowledge_timeout", policy.acknowledge_timeout);
    policy.fallback = ReadRecipients(reader, "fallback");
    reader.Finish();
    directory_.policies[name] = std::move(policy);
  }

  Level ReadLevel(const YamlNode& node, const Policy& policy) {
    Level level;
    MapReader reader(node, file_, "a level of policy '" + policy.name + "'", problems_);
    level.name = reader.Text("name", "L" + std::to_string(policy.levels.size() + 1));
    directory_.sources["policy:" + policy.name + "/" + level.name] = {file_, node.line};
    level.after = reader.Time("after", level.after);
    if (!policy.levels.empty() && level.after < policy.levels.back().after) {
      reader.Add(reader.Line("after"), "'after' must not be earlier than that of the level before");
    }
    for (const Level& other : policy.levels) {
      if (other.name == level.name) reader.Add(node.line, "level '" + level.name + "' is defined twice");
    }
    level.notify = ReadRecipients(reader, "notify");
    if (level.notify.empty()) reader.Add(node.line, "'notify' must name a person, a schedule or a team");
    level.via = reader.Texts("via");
    level.on = reader.Texts("on");
    reader.Finish();
    return level;
  }

  void ReadWindow(const std::string& name, const YamlNode& node, int line) {
    TimeWindow window;
    window.name = name;
    window.source = {file_, line};
    MapReader reader(node, file_, "window '" + name + "'", problems_);
    window.zone = ReadZone(reader);
    if (reader.Has("hours")) {
      auto hours = calendar::WeekHours::Parse(Join(reader.Texts("hours"), ";"));
      if (hours.ok()) {
        window.hours = *std::move(hours);
      } else {
        reader.Add(reader.Line("hours"), hours.error().message());
      }
    }
    if (const YamlNode* dates = reader.List("dates")) {
      for (const YamlNode& one : dates->items) {
        MapReader date(one, file_, "a date of window '" + name + "'", problems_);
        if (const auto interval = ReadInterval(date, window.zone)) window.dates.push_back(*interval);
        date.Finish();
      }
    }
    if (!reader.Has("hours") && !reader.Has("dates")) reader.Add(line, "it needs hours or dates");
    reader.Finish();
    directory_.windows[name] = std::move(window);
  }

  void ReadRoute(const YamlNode& node) {
    Route route;
    route.source = {file_, node.line};
    MapReader reader(node, file_, "a route", problems_);
    route.channel = reader.RequiredText("channel");
    route.to = reader.Texts("to");
    if (route.to.empty()) route.to.push_back("");  // the channel's own address
    for (const std::string& text : reader.Texts("severity")) {
      if (const auto severity = ReadSeverity(text, reader.Line("severity"))) route.severities.push_back(*severity);
    }
    if (!reader.Has("severity")) {
      route.severities = {checks::Severity::kP1, checks::Severity::kP2, checks::Severity::kP3, checks::Severity::kP4};
    }
    reader.Finish();
    directory_.routes.push_back(std::move(route));
  }

  const std::string& file_;
  const DirectoryWorld& world_;
  std::vector<Problem>& problems_;
  Directory directory_;
};

}  // namespace

Directory LoadDirectory(const YamlNode& node, const std::string& file, const DirectoryWorld& world,
                        const std::vector<std::string>& other_sections, std::vector<Problem>& problems) {
  return Loader(file, world, problems).Load(node, other_sections);
}

}  // namespace vigia::escalation
