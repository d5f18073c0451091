#include "calendar/ical.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"

namespace vigia::calendar {
namespace {

constexpr size_t kMostBytes = 4 * 1024 * 1024;
constexpr size_t kMostEvents = 10'000;

struct Line {
  int number = 0;
  std::string name;                                             // upper case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in upper case
  std::string value;

  std::string Parameter(std::string_view wanted) const {
    for (const auto& [name_, value_] : parameters) {
      if (name_ == wanted) return value_;
    }
    return "";
  }
};

Error At(int line, const std::string& what) {
  return Error(Code::kInvalidArgument, "line " + std::to_string(line) + ": " + what);
}

// NAME;PARAMETER=VALUE;PARAMETER="VALUE":value
std::optional<Line> ParseLine(std::string_view text, int number) {
  Line line;
  line.number = number;
  std::vector<std::string> parts(1);
  size_t at = 0;
  bool quoted = false;
  for (; at < text.size() && (quoted || text[at] != ':'); ++at) {
    if (text[at] == '"') {
      quoted = !quoted;
    } else if (text[at] == ';' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[at];
    }
  }
  if (at == text.size()) return std::nullopt;
  line.value = std::string(text.substr(at + 1));
  line.name = ToUpperAscii(parts.front());
  for (size_t i = 1; i < parts.size(); ++i) {
    const size_t equals = std::min(parts[i].find('='), parts[i].size() - 1);
    if (!parts[i].empty())
      line.parameters.emplace_back(ToUpperAscii(parts[i].substr(0, equals)), parts[i].substr(equals + 1));
  }
  return line;
}

// A line that begins with a blank continues the one before.
Result<std::vector<Line>> Unfold(std::string_view text) {
  std::vector<std::pair<int, std::string>> whole;
  int number = 0;
  for (std::string_view raw : Split(text, '\n')) {
    ++number;
    if (!raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
    if (!raw.empty() && (raw.front() == ' ' || raw.front() == '\t') && !whole.empty()) {
      whole.back().second += raw.substr(1);
    } else if (!raw.empty()) {
      whole.emplace_back(number, raw);
    }
  }
  std::vector<Line> lines;
  for (const auto& [at, content] : whole) {
    auto line = ParseLine(content, at);
    if (!line) return At(at, "this is not a line of a calendar");
    lines.push_back(*std::move(line));
  }
  return lines;
}

std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      plain += text[i] == 'n' || text[i] == 'N' ? '\n' : text[i];
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// Outlook names zones in its own way. From CLDR's windowsZones, the main territory of each.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kWindowsZones = {
    {{"E. South America Standard Time", "America/Sao_Paulo"},
     {"SA Eastern Standard Time", "America/Cayenne"},
     {"GMT Standard Time", "Europe/London"},
     {"W. Europe Standard Time", "Europe/Berlin"},
     {"Romance Standard Time", "Europe/Paris"},
     {"Central Europe Standard Time", "Europe/Budapest"},
     {"Central European Standard Time", "Europe/Warsaw"},
     {"Eastern Standard Time", "America/New_York"},
     {"Central Standard Time", "America/Chicago"},
     {"Mountain Standard Time", "America/Denver"},
     {"Pacific Standard Time", "America/Los_Angeles"}}};

Result<TimeZone> FindZone(const TimeZones& zones, std::string_view id) {
  for (const auto& [windows, name] : kWindowsZones) {
    if (id == windows) return zones.Find(std::string(name));
  }
  // "/example.org/20260101/Europe/Berlin": the name is what is left when prefixes are taken off.
  Result<TimeZone> found = zones.Find(std::string(id));
  while (!found.ok() && id.find('/') != std::string_view::npos) {
    id.remove_prefix(id.find('/') + 1);
    if (auto shorter = zones.Find(std::string(id)); shorter.ok()) found = std::move(shorter);
  }
  return found;
}

// P1W, P7D, PT12H, P1DT2H30M.
std::optional<Duration> ParseLength(std::string_view text) {
  if (text.empty() || text.front() != 'P') return std::nullopt;
  text.remove_prefix(1);
  Duration total{};
  while (!text.empty()) {
    if (text.front() == 'T') text.remove_prefix(1);
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = ParseInteger(text.substr(0, digits));
    if (digits == text.size() || !number || *number > 1'000'000) return std::nullopt;
    switch (text[digits]) {
      case 'W': total += std::chrono::weeks(*number); break;
      case 'D': total += std::chrono::days(*number); break;
      case 'H': total += std::chrono::hours(*number); break;
      case 'M': total += std::chrono::minutes(*number); break;
      case 'S': total += std::chrono::seconds(*number); break;
      default: return std::nullopt;
    }
    text.remove_prefix(digits + 1);
  }
  return total;
}

// One VEVENT, line by line.
class EventReader {
 public:
  EventReader(const TimeZones& zones, const TimeZone& floating, int line) : zones_(zones), floating_(floating) {
    event_.line = line;
  }

  Status Read(const Line& line) {
    if (line.name == "UID") event_.uid = line.value;
    if (line.name == "SUMMARY") event_.summary = Unescape(line.value);
    if (line.name == "STATUS") event_.cancelled = line.value == "CANCELLED";
    if (line.name == "DTSTART") start_ = TRY(ReadMoment(line, line.value));
    if (line.name == "DTEND") end_ = TRY(ReadMoment(line, line.value));
    if (line.name == "RECURRENCE-ID") event_.replaces = TRY(ReadMoment(line, line.value))
    .Utc();
    if (line.name == "EXDATE" || line.name == "RDATE") {
      for (const std::string_view one : Split(line.value, ',')) {
        (line.name == "EXDATE" ? event_.except : event_.also).push_back(TRY(ReadMoment(line, one)).Utc());
      }
    }
    if (line.name == "RRULE") {
      auto rule = ParseRecurrence(line.value);
      if (!rule.ok()) return At(line.number, rule.error().message());
      event_.repeats = *std::move(rule);
    }
    if (line.name == "DURATION") {
      length_ = ParseLength(line.value);
      if (!length_) return At(line.number, "a DURATION is written P7D or PT12H");
    }
    return {};
  }

  Result<Event> Finish() {
    if (!start_) return At(event_.line, "an event has no DTSTART");
    event_.start = start_->time;
    event_.zone = start_->zone;
    if (end_) {
      event_.length = event_.zone.ToLocal(end_->Utc()) - event_.start;
      if (event_.length < Duration::zero()) return At(event_.line, "an event ends before it starts");
    } else {
      event_.length = length_.value_or(start_->date ? Duration(std::chrono::days(1)) : Duration::zero());
    }
    return std::move(event_);
  }

 private:
  struct Moment {
    LocalTime time{};
    TimeZone zone;
    bool date = false;
    WallTime Utc() const { return zone.ToUtc(time); }
  };

  Result<Moment> ReadMoment(const Line& line, std::string_view value) const {
    const auto parsed = ParseIcalTime(value);
    if (!parsed.ok()) return At(line.number, parsed.error().message());
    Moment moment{parsed->time, floating_, parsed->date};
    const std::string id = line.Parameter("TZID");
    if (parsed->utc) {
      moment.zone = TimeZone();
    } else if (!id.empty() && !parsed->date) {
      auto zone = FindZone(zones_, id);
      if (!zone.ok()) return At(line.number, zone.error().message());
      moment.zone = *std::move(zone);
    }
    return moment;
  }

  const TimeZones& zones_;
  const TimeZone& floating_;
  Event event_;
  std::optional<Moment> start_;
  std::optional<Moment> end_;
  std::optional<Duration> length_;
};

bool Holds(const std::vector<WallTime>& times, WallTime time) {
  return std::find(times.begin(), times.end(), time) != times.end();
}

// The start of the event's occurrence that is on at `now`, if any.
std::optional<WallTime> OnSince(const Event& event, const std::vector<WallTime>& replaced, WallTime now) {
  std::optional<WallTime> since;
  const auto consider = [&](LocalTime start) {
    const WallTime from = event.zone.ToUtc(start);
    if (from > now) return false;
    const bool happens = !Holds(event.except, from) && !Holds(replaced, from);
    if (happens && now < event.zone.ToUtc(start + event.length)) since = from;
    return true;
  };
  if (event.repeats) {
    VisitStarts(*event.repeats, event.start, event.zone, consider);
  } else {
    consider(event.start);
  }
  for (const WallTime also : event.also) consider(event.zone.ToLocal(also));
  return since;
}

}  // namespace

Result<Ical> Ical::Parse(std::string_view text, const TimeZones& zones, const TimeZone& floating) {
  if (text.size() > kMostBytes) return Error(Code::kResourceExhausted, "the calendar is larger than 4 MiB");
  const std::vector<Line> lines = TRY(Unfold(text));
  TimeZone own = floating;
  Ical ical;
  std::optional<EventReader> reader;
  std::vector<std::string> open;  // components, from the outside in
  for (const Line& line : lines) {
    if (line.name == "BEGIN") {
      open.push_back(ToUpperAscii(line.value));
      if (open.size() == 1 && open.front() != "VCALENDAR") break;
      if (open.back() == "VEVENT") reader.emplace(zones, own, line.number);
    } else if (line.name == "END") {
      if (open.empty() || open.back() != ToUpperAscii(line.value)) return At(line.number, "this END has no BEGIN");
      if (open.back() == "VEVENT") ical.events_.push_back(TRY(reader->Finish()));
      if (ical.events_.size() > kMostEvents) return Error(Code::kResourceExhausted, "more than 10,000 events");
      open.pop_back();
    } else if (!open.empty() && open.back() == "VEVENT") {
      TRY(reader->Read(line));
    } else if (open.size() == 1 && line.name == "X-WR-TIMEZONE") {
      auto zone = FindZone(zones, line.value);
      if (!zone.ok()) return At(line.number, zone.error().message());
      own = *std::move(zone);
    }
  }
  if (lines.empty() || lines.front().name != "BEGIN" || ToUpperAscii(lines.front().value) != "VCALENDAR") {
    return At(1, "this is not an iCalendar file: it must begin with BEGIN:VCALENDAR");
  }
  if (!open.empty()) return At(lines.back().number, "the calendar ends inside " + open.back());
  return ical;
}

std::vector<std::string> Ical::ActiveAt(WallTime now) const {
  std::map<std::string, std::vector<WallTime>> replaced;
  for (const Event& event : events_) {
    if (event.replaces) replaced[event.uid].push_back(*event.replaces);
  }
  std::vector<std::pair<WallTime, std::string>> on;
  for (const Event& event : events_) {
    if (event.cancelled) continue;
    const auto since = OnSince(event, event.replaces ? std::vector<WallTime>() : replaced[event.uid], now);
    if (since) on.emplace_back(*since, event.summary);
  }
  std::stable_sort(on.begin(), on.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> summaries;
  for (auto& [since, summary] : on) summaries.push_back(std::move(summary));
  return summaries;
}

}  // namespace vigia::calendar
