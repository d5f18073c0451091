// What others send about alerts: Prometheus' and Alertmanager's JSON, silences, matchers and schedules.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "alerting/alertmanager.h"
#include "alerting/foreign.h"
#include "calendar/cron.h"

namespace {

using namespace vigia;  // NOLINT: a fuzz target is a program of its own

constexpr WallTime kNow{std::chrono::hours(24 * 20'000)};

void Check(const Result<alerting::Received>& received) {
  if (!received.ok()) {
    if (received.error().message().empty()) std::abort();
    return;
  }
  for (const checks::Alert& alert : received->alerts) {
    if (alert.labels.empty() || !alert.ends_at || alert.since > kNow) std::abort();
    if ((alert.state == checks::AlertState::kFiring) == alerting::IsOver(alert, kNow)) std::abort();
    const auto again = checks::Alert::FromJson(alert.ToJson());
    if (!again.ok() || again->fingerprint() != alert.fingerprint()) std::abort();
    static_cast<void>(alerting::AlertsToApi({{alert, {}, "", "sre"}}, {}, kNow));
  }
}

void AsSilence(const Json& document) {
  const auto silence = alerting::SilenceFromApi(document);
  if (!silence.ok()) return;
  const auto set = alerting::SetSilence({}, *silence, kNow);
  if (!set.ok()) return;
  for (const alerting::Silence& one : set->silences) {
    if (!alerting::Silence::FromJson(one.ToJson()).ok()) std::abort();
    static_cast<void>(alerting::Silenced(one, {{"a", "b"}}, kNow));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto matcher = signals::Matcher::Parse(bytes.substr(0, 200)); matcher.ok()) {
    static_cast<void>(matcher->Matches({{"a", "b"}}));
  }
  if (const auto cron = calendar::Cron::Parse(bytes); cron.ok()) {
    const auto next = cron->Next(kNow, calendar::TimeZone());
    if (next && *next <= kNow) std::abort();
  }
  const auto document = ParseJson(bytes);
  if (!document.ok()) return 0;
  Check(alerting::ReadAlerts(*document, {}, kNow));
  Check(alerting::ReadWebhook(*document, {}, kNow));
  AsSilence(*document);
  return 0;
}
