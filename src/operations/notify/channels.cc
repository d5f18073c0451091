#include "notify/channels.h"

#include <array>

#include "notify/email.h"
#include "notify/pagerduty.h"
#include "notify/slack.h"
#include "notify/sms.h"
#include "notify/webhook.h"

namespace vigia::notify {
namespace {

using Load = std::unique_ptr<Channel> (*)(std::string name, config::MapReader& reader, const ChannelWorld& world);

struct Kind {
  std::string_view name;
  Load load;
};

// A new kind is one file pair and one line here.
constexpr std::array<Kind, 5> kKinds = {
    {{"email", [](std::string name, config::MapReader& reader,
                  const ChannelWorld& world) { return MakeEmail(std::move(name), LoadEmail(reader, world), world); }},
     {"slack", [](std::string name, config::MapReader& reader,
                  const ChannelWorld& world) { return MakeSlack(std::move(name), LoadSlack(reader, world), world); }},
     {"sms", [](std::string name, config::MapReader& reader,
                const ChannelWorld& world) { return MakeSms(std::move(name), LoadSms(reader, world), world); }},
     {"webhook",
      [](std::string name, config::MapReader& reader, const ChannelWorld& world) {
        return MakeWebhook(std::move(name), LoadWebhook(reader, world), world);
      }},
     {"pagerduty", [](std::string name, config::MapReader& reader, const ChannelWorld& world) {
        return MakePagerDuty(std::move(name), LoadPagerDuty(reader, world), world);
      }}}};

ThrottleSettings LoadThrottle(const config::YamlNode& node, const std::string& file, const std::string& where,
                              std::vector<config::Problem>& problems) {
  ThrottleSettings throttle;
  config::MapReader reader(node, file, where, problems);
  throttle.most = static_cast<int>(reader.Integer("most", throttle.most));
  throttle.per = reader.Time("per", throttle.per);
  if (throttle.most < 1 || throttle.most > 10'000) reader.Add(reader.Line("most"), "'most' must be from 1 to 10000");
  if (throttle.per < std::chrono::seconds(1)) reader.Add(reader.Line("per"), "'per' must be at least 1s");
  reader.Finish();
  return throttle;
}

}  // namespace

std::vector<ConfiguredChannel> LoadChannels(const config::YamlNode& map, const std::string& file,
                                            const ChannelWorld& world, std::vector<config::Problem>& problems) {
  std::vector<ConfiguredChannel> channels;
  for (size_t i = 0; i < map.map.size(); ++i) {
    const auto& [name, node] = map.map[i];
    const size_t before = problems.size();
    config::MapReader reader(node, file, "channel '" + name + "'", problems);
    const std::string kind = reader.RequiredText("kind");
    ConfiguredChannel configured;
    configured.line = map.key_lines[i];
    if (const config::YamlNode* throttle = reader.Map("throttle")) {
      configured.throttle = LoadThrottle(*throttle, file, "throttle of channel '" + name + "'", problems);
    }
    std::string names;
    for (const Kind& known : kKinds) {
      names += (names.empty() ? "" : ", ") + std::string(known.name);
      if (kind == known.name) configured.channel = known.load(name, reader, world);
    }
    if (configured.channel != nullptr) {
      reader.Finish();
    } else if (!kind.empty()) {
      reader.Add(reader.Line("kind"), "'kind' must be one of " + names);
    }
    if (problems.size() == before) channels.push_back(std::move(configured));
  }
  return channels;
}

}  // namespace vigia::notify
