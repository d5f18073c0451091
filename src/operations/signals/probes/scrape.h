// Scrapes /metrics: Prometheus text or OpenMetrics.
#pragma once

#include "signals/exposition.h"
#include "signals/probe.h"

namespace vigia::signals {

// A header's value: as it stands, from the environment, or from a file (read at every call).
struct HeaderValue {
  enum class From { kText, kEnvironment, kFile };
  From from = From::kText;
  std::string text;
};
using HeaderValues = std::vector<std::pair<std::string, HeaderValue>>;

// headers: {Accept: text/plain, X-API-Key: {environment: RISK_KEY}, Authorization: {file: run/token}}
HeaderValues LoadHeaders(config::MapReader& reader);
net::Headers ResolveHeaders(const HeaderValues& values, const ProbeWorld& world);
std::string RequiredUrl(config::MapReader& reader);  // http:// or https://

struct ScrapeSettings {
  std::string url;
  HeaderValues headers;
  std::string ca_file;
  Timestamps timestamps = Timestamps::kIgnore;
  size_t max_samples = 20'000;
};

// Series get the source's labels and job="NAME"; the source's win. A series that is no longer there,
// or whose scrape failed, ends with a NaN. Also: scrape_samples, scrape_bad_lines.
class Scrape final : public Probe {
 public:
  Scrape(ProbeCommon common, const ProbeWorld& world, ScrapeSettings settings);

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  void EndSeries(std::vector<std::pair<std::string, LabelSet>> seen, WallTime now, Findings& findings);

  const ScrapeSettings settings_;
  LabelSet labels_;
  std::vector<std::pair<std::string, LabelSet>> seen_;  // sorted; of the last scrape
};

SourceMaker LoadScrape(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
