#include "cli/notify_command.h"

#include <ostream>

#include "base/random.h"
#include "net/http_client.h"
#include "net/mail.h"
#include "notify/oncall.h"

namespace vigia::cli {

namespace {

struct NotifyFlags {
  std::string file, channel, to;
};

Result<int> Test(const NotifyFlags& flags, Context& context) {
  const auto http = net::MakeHttpClient();
  const auto mail = net::MakeMailClient();
  const calendar::TimeZones zones(context.files);
  const std::string path = flags.file.empty() ? context.Home("oncall.yaml") : context.UserPath(flags.file);
  const notify::ChannelWorld world{*http, *mail, context.clock, context.files, context.environment};
  const WallTime now = context.clock.Now();
  notify::Oncall oncall = TRY(notify::LoadOncall(path, world, zones, now));
  if (flags.channel == notify::kHeartbeatChannel && oncall.heartbeat) {
    oncall.channels.push_back({notify::MakeHeartbeat(*oncall.heartbeat, world), {}, 0});
  }
  notify::Channel* channel = nullptr;
  for (const notify::ConfiguredChannel& configured : oncall.channels) {
    if (configured.channel->name() == flags.channel) channel = configured.channel.get();
  }
  if (channel == nullptr) {
    if (!oncall.channel_problems.empty())
      return Error(Code::kInvalidArgument, oncall.channel_problems.front().ToString());
    return Error(Code::kNotFound, "there is no channel '" + flags.channel + "' in " + path);
  }
  notify::Message message;
  message.id = "test/" + RandomHex(context.entropy, 8);
  message.kind = notify::MessageKind::kInform;
  message.severity = checks::Severity::kP4;
  message.channel = flags.channel;
  message.address = flags.to;
  message.subject = "Vigia: test of channel " + flags.channel;
  message.body =
      "This is a test. Nothing is wrong, and nothing has to be done.\n"
      "Isto é um teste. Está tudo bem, e não há nada a fazer.\n";
  message.created_at = now;
  const notify::Receipt receipt = channel->Send(message);
  if (context.json()) {
    context.PrintJson({{"channel", flags.channel}, {"delivered", receipt.delivered}, {"error", receipt.error}});
  } else if (receipt.delivered) {
    context.out << "delivered by " << flags.channel << "\n";
  }
  if (receipt.delivered) return 0;
  return Error(Code::kUnavailable, "channel '" + flags.channel + "': " + receipt.error);
}

}  // namespace

void AddNotifyCommands(Commands& commands) {
  commands.Describe("notify", "Channels by which people are told (oncall.yaml in the home)");
  auto flags = std::make_shared<NotifyFlags>();
  flags::Command test = commands.Add("notify test", "Send one harmless message, to see that it arrives",
                                     [flags](Context& context) { return Test(*flags, context); });
  test.Option("--channel", flags->channel, "The channel's name, or heartbeat").Required();
  test.Option("--to", flags->to, "The address: what the channel needs");
  test.Option("--file", flags->file, "Another on-call file");
}

}  // namespace vigia::cli
