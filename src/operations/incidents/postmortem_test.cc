#include "incidents/postmortem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "incidents/kinds.h"
#include "incidents/words.h"

namespace vigia::incidents {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

WallTime At(const char* text) { return ParseTime(text).value(); }

Incident OpenedAt(const char* id, const char* title, const char* at) {
  Opening opening;
  opening.id = id;
  opening.title = title;
  return Open(opening, At(at)).incident;
}

// A service that was restarted in vain and then rolled back at 3 in the morning.
PostmortemFacts Facts() {
  PostmortemFacts facts;
  const WallTime start = At("2026-11-20T06:00:00Z");
  Opening opening;
  opening.id = "INC-000007";
  opening.runbook = "service-down";
  opening.key = "service=risk";
  opening.title = "Service is down";
  opening.severity = Severity::kP1;
  opening.labels = {{"service", "risk"}};
  facts.incident = Open(opening, start).incident;
  facts.incident.acknowledge_late = true;
  facts.incident.escalated_at = start + minutes(2);
  facts.incident.acknowledged_at = start + minutes(6);
  facts.incident.acknowledged_by = "ana";
  facts.incident.mitigated_at = start + minutes(8);
  facts.incident.resolved_at = start + minutes(9);
  facts.incident.resolved_by = "verify";
  facts.incident.checklist = {{Item::kAcknowledged, start + minutes(6)}, {Item::kMitigated, start + minutes(8)}};
  const auto say = [&](int after, const char* kind, std::string text, std::string ref = "", Json evidence = Json()) {
    facts.timeline.push_back(
        {start + seconds(after), Actor::kSystem, "", kind, std::move(text), std::move(ref), std::move(evidence)});
  };
  say(0, kinds::kAlertFired, "service_down: probe_success is 0 | below 1");
  say(1, kinds::kStepIntent, "vigia service logs risk", "logs",
      {{"command", "vigia service logs risk"}, {"effect", "read"}});
  say(2, kinds::kStepOutcome, "step 'logs': done", "logs", {{"exit", 0}, {"text", "line 1\n# not a heading\n"}});
  say(3, kinds::kStepIntent, "vigia service restart risk", "restart",
      {{"command", "vigia service restart risk"}, {"effect", "write"}});
  say(9, kinds::kStepOutcome, "step 'restart': failed", "restart", {{"exit", 1}, {"text", "no model"}});
  say(120, kinds::kReceipt, "bia could not be reached by sms: answered 500", "m1");
  say(300, kinds::kAcknowledgeLate, "nobody acknowledged within 5 minutes");
  say(360, kinds::kAcknowledged, "ana acknowledged after 6m");
  say(400, kinds::kStepIntent, "vigia registry rollback", "rollback",
      {{"command", "vigia registry rollback"}, {"effect", "write"}});
  say(401, kinds::kStepOutcome, "step 'rollback': done", "rollback", {{"exit", 0}, {"out", {{"champion", "v1.0.0"}}}});
  say(540, kinds::kVerify, "passed 3 times in a row");
  say(540, kinds::kResolved, "verified");
  facts.requests_hit = 0.1234;
  facts.budget_burned = 0.5;
  facts.began_at = start - seconds(30);
  facts.owner = "ml";
  facts.due = At("2026-11-25T12:00:00Z");
  facts.zone = calendar::TimeZones(SystemFiles()).Find("America/Sao_Paulo").value();
  return facts;
}

TEST(PostmortemTest, EnglishHasTheSeedsSectionsAndWhatIsMeasured) {
  const std::string text = DraftPostmortem(Facts(), Language::kEnglish);
  size_t at = 0;
  for (const char* part : {"# Incident Report: Service is down\n",
                           "## Summary",
                           "- **Date:** 2026-11-20 02:59 (America/Sao_Paulo)\n",
                           "- **Duration:** 9m30s\n",
                           "- **Impact:** 12.34% of the requests affected\n",
                           "- **Severity:** P1 (critical)\n",
                           "- **Status:** Resolved\n",
                           "| Began | 02:59:30 | 0s |\n",
                           "| Detected | 03:00:00 | 30s |\n",
                           "| Acknowledged (ana) | 03:06:00 | 6m30s |\n",
                           "| Mitigated | 03:08:00 | 8m30s |\n",
                           "| Resolved (verify) | 03:09:00 | 9m30s |\n",
                           "## Symptoms",
                           "- 03:00:00 service_down: probe_success is 0 \\| below 1\n",
                           "## Timeline",
                           "- 03:06:00 - On-call acknowledged: ana acknowledged after 6m\n",
                           "## Root Cause",
                           "What the diagnosis showed:",
                           "`vigia service logs risk`: step 'logs': done\n",
                           "      # not a heading\n",
                           "## Impact",
                           "- 50.00% of the error budget burned\n",
                           "## Resolution",
                           "`vigia service restart risk`: step 'restart': failed\n",
                           "      no model\n",
                           "`vigia registry rollback`: step 'rollback': done\n",
                           "{\"champion\":\"v1.0.0\"}",
                           "Verification: passed 3 times in a row\n",
                           "Healed by: `vigia registry rollback`\n",
                           "## Action Items",
                           "- [ ] Nobody acknowledged within 5 minutes: review shifts and channels (ml, 2026-11-25)\n",
                           "- [ ] A page could not be delivered",
                           "- [ ] The runbook needed people",
                           "## Lessons Learned",
                           "## Incident Checklist",
                           "- [ ] Incident acknowledged in < 5 min – 03:06:00 (late)\n",
                           "- [x] Resolution/mitigation applied – 03:08:00\n"}) {
    const size_t found = text.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << "\nafter\n" << text.substr(at, 300);
    at = found;
  }
  EXPECT_THAT(text, Not(HasSubstr("\n# not")));
  EXPECT_EQ(text, DraftPostmortem(Facts(), Language::kEnglish));
}

// The templates of seeds 000 and 004, by their own words.
TEST(PostmortemTest, PortugueseHasTheSeedsSections) {
  const std::string text = DraftPostmortem(Facts(), Language::kPortuguese);
  for (const char* part :
       {"# Relatório de Incidente: ", "- **Severidade:** P1 (crítica)\n", "- **Status:** Resolvido\n", "## Sintomas",
        "## Timeline", " - Alerta recebido: ", "## Causa Raiz", "## Impacto", "12.34% das requisições afetadas",
        "## Resolução", "Resolvido por: `vigia registry rollback`", "## Ações Preventivas", "## Lições Aprendidas",
        "- [ ] Incidente reconhecido em < 5 min – 03:06:00 (atrasado)\n"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(PostmortemTest, WhatIsNotKnownIsNotInvented) {
  PostmortemFacts facts;
  facts.incident = OpenedAt("INC-1", "Odd\n# thing", "2026-11-20T06:00:00Z");
  const std::string text = DraftPostmortem(facts, Language::kEnglish);
  for (const char* part :
       {"# Incident Report: Odd # thing\n", "- **Duration:** not over yet\n", "requests affected: not measured",
        "- **Status:** Investigating\n", "| Acknowledged | – | – |\n", "no step that changes anything",
        "No runbook took this alert: write one", "Measure how many requests were affected"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("Healed by")));
}

TEST(PostmortemTest, LongOutputsAreCut) {
  PostmortemFacts facts = Facts();
  std::string output;
  for (int i = 0; i < 2000; ++i) output += "é";
  facts.timeline[2].evidence["text"] = output;
  EXPECT_LT(DraftPostmortem(facts, Language::kEnglish).size(), 6000U);
}

// Nothing is left out of a language, and every kind has a word.
TEST(WordsTest, AreComplete) {
  for (const Language language : {Language::kPortuguese, Language::kEnglish}) {
    const Words& words = WordsOf(language);
    for (const auto& [kind, name] : words.kinds) EXPECT_FALSE(kind.empty() || name.empty());
    for (const std::string_view item : words.items) EXPECT_FALSE(item.empty());
    for (const std::string_view word : {words.report, words.measure_impact, words.acknowledged_late, words.weekly,
                                        words.incidents_reviewed, words.open, words.too_late, words.late}) {
      EXPECT_FALSE(word.empty());
    }
  }
}

TEST(WeeklyReviewTest, FillsTheSeedsChecklist) {
  WeekFacts facts;
  facts.from = At("2026-11-16T00:00:00Z");
  facts.to = At("2026-11-23T00:00:00Z");
  facts.incidents = {Facts().incident, OpenedAt("INC-000008", "Drift", "2026-11-21T00:00:00Z")};
  facts.slo = {{"latency_p95", {{"target", "≤ 300 ms"}, {"value", 45.25}, {"met", true}}},
               {"availability", {{"target", "99.5%"}, {"value", "98.1%"}, {"met", false}}}};
  facts.drift = {{"v1.0.0", "green"}};
  const std::string english = WeeklyReview(facts, Language::kEnglish);
  size_t at = 0;
  for (const char* part :
       {"# Weekly Review: 2026-11-16 – 2026-11-22\n", "## [x] SLO compliance verified",
        "| latency_p95 | ≤ 300 ms | 45.25 | yes |\n", "| availability | 99.5% | 98.1% | **no** |\n",
        "## [x] Alerts reviewed", "- Drift: 1\n- Service is down: 1\n", "## [x] Drift monitoring verified",
        "- v1.0.0: green\n", "## [ ] Capacity planning updated", "no data", "## [x] Incidents of the week reviewed",
        "- Count: 2\n- Mean time to acknowledge: 6m\n- Mean time to resolve: 9m\n",
        "- Healed without people: 0\n- Acknowledged late: 1\n",
        "| INC-000007 | P1 | Service is down | 2026-11-20 | 9m |\n",
        "| INC-000008 | P3 | Drift | 2026-11-21 | open |\n"}) {
    const size_t found = english.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << "\nin\n" << english;
    at = found;
  }
  EXPECT_THAT(WeeklyReview(facts, Language::kPortuguese), HasSubstr("## [x] Incidentes da semana revisados"));
  EXPECT_THAT(WeeklyReview({facts.from, facts.to, {}, {}, {}, {}}, Language::kPortuguese),
              HasSubstr("## [ ] SLO compliance verificado"));
}

}  // namespace
}  // namespace vigia::incidents
