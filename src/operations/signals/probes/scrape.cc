#include "signals/probes/scrape.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace vigia::signals {
namespace {

constexpr size_t kMaxBody = 16 * 1024 * 1024;
constexpr const char* kAccept =
    "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8,*/*;q=0.1";

std::string_view HeaderOf(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

HeaderValues LoadHeaders(config::MapReader& reader) {
  HeaderValues headers;
  const config::YamlNode* map = reader.Map("headers");
  if (map == nullptr) return headers;
  for (const auto& [name, node] : map->map) {
    HeaderValue value;
    const config::YamlNode* from = nullptr;
    if (node.kind == config::YamlNode::Kind::kScalar) {
      value.text = node.scalar;
    } else if ((from = node.Find("environment")) != nullptr && node.map.size() == 1) {
      value = {HeaderValue::From::kEnvironment, from->scalar};
    } else if ((from = node.Find("file")) != nullptr && node.map.size() == 1) {
      value = {HeaderValue::From::kFile, from->scalar};
    } else {
      reader.Add(node.line, "header '" + name + "' must be a text, {environment: NAME} or {file: PATH}");
    }
    headers.emplace_back(name, std::move(value));
  }
  return headers;
}

net::Headers ResolveHeaders(const HeaderValues& values, const ProbeWorld& world) {
  net::Headers headers;
  for (const auto& [name, value] : values) {
    std::string text = value.text;
    if (value.from == HeaderValue::From::kEnvironment) text = world.environment(value.text).value_or("");
    if (value.from == HeaderValue::From::kFile) {
      const bool absolute = !value.text.empty() && value.text.front() == '/';
      const auto read = world.files.Read(absolute ? value.text : JoinPath(world.home, value.text));
      text = read.ok() ? std::string(Trim(*read)) : "";
    }
    if (text.find_first_of("\r\n") == std::string::npos) headers.emplace_back(name, text);
  }
  return headers;
}

std::string RequiredUrl(config::MapReader& reader) {
  std::string url = reader.RequiredText("url");
  if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://")) {
    reader.Add(reader.Line("url"), "'url' must begin with http:// or https://");
  }
  return url;
}

Scrape::Scrape(ProbeCommon common, const ProbeWorld& world, ScrapeSettings settings)
    : Probe(std::move(common), world), settings_(std::move(settings)) {
  labels_ = LabelSet{{"job", this->common().name}}.With(this->common().labels.Without("probe"));
}

Probe::Outcome Scrape::Measure(WallTime now, Findings& findings) {
  net::HttpRequest request;
  request.url = settings_.url;
  request.headers = ResolveHeaders(settings_.headers, world_);
  request.headers.emplace_back("Accept", kAccept);
  request.timeout = common().timeout;
  request.max_body = kMaxBody;
  request.ca_file = settings_.ca_file;
  const auto response = world_.http.Send(request);
  if (!response.ok() || response->status != 200 || response->truncated) {
    EndSeries({}, now, findings);
    return Outcome::kBad;
  }
  const ExpositionFormat format = FormatOf(HeaderOf(*response, "content-type"));
  Exposition exposition = ParseExposition(response->body, now, {format, settings_.timestamps, settings_.max_samples});
  std::vector<std::pair<std::string, LabelSet>> seen;
  seen.reserve(exposition.samples.size());
  for (Sample& sample : exposition.samples) {
    sample.labels = sample.labels.With(labels_);
    seen.emplace_back(sample.name, sample.labels);
  }
  findings.Add("scrape_samples", static_cast<double>(exposition.samples.size()));
  findings.Add("scrape_bad_lines", static_cast<double>(exposition.bad_lines));
  findings.Add("scrape_dropped_samples", static_cast<double>(exposition.dropped));
  findings.samples().insert(findings.samples().end(), std::make_move_iterator(exposition.samples.begin()),
                            std::make_move_iterator(exposition.samples.end()));
  EndSeries(std::move(seen), now, findings);
  return Outcome::kGood;
}

void Scrape::EndSeries(std::vector<std::pair<std::string, LabelSet>> seen, WallTime now, Findings& findings) {
  std::sort(seen.begin(), seen.end());
  std::vector<std::pair<std::string, LabelSet>> gone;
  std::set_difference(seen_.begin(), seen_.end(), seen.begin(), seen.end(), std::back_inserter(gone));
  for (auto& [name, labels] : gone) {
    findings.samples().push_back({name, labels, std::numeric_limits<double>::quiet_NaN(), now});
  }
  seen_ = std::move(seen);
}

SourceMaker LoadScrape(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  ScrapeSettings settings;
  settings.url = RequiredUrl(reader);
  settings.headers = LoadHeaders(reader);
  settings.ca_file = reader.Text("ca_file");
  settings.timestamps = reader.Flag("honor_timestamps", false) ? Timestamps::kHonour : Timestamps::kIgnore;
  const int64_t most = reader.Integer("max_samples", static_cast<int64_t>(settings.max_samples));
  if (most < 1) reader.Add(reader.Line("max_samples"), "'max_samples' must be at least 1");
  settings.max_samples = static_cast<size_t>(std::max<int64_t>(most, 1));
  return MakerOf<Scrape>(common, std::move(settings));
}

}  // namespace vigia::signals
