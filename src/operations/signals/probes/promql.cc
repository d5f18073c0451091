#include "signals/probes/promql.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include "base/text.h"

namespace vigia::signals {
namespace {

constexpr size_t kMaxAnswer = 16 * 1024 * 1024;

std::string FormEncoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

Error Bad() { return Error(Code::kDataLoss, "the answer is not one of Prometheus"); }

// [unix time, "value"]: values are texts, for JSON has no NaN.
Result<double> ReadValue(const Json& pair) {
  if (!pair.is_array() || pair.size() != 2 || !pair[1].is_string()) return Bad();
  const auto& text = pair[1].get_ref<const std::string&>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  const auto number = ParseNumber(text);
  if (!number) return Bad();
  return *number;
}

}  // namespace

Result<std::vector<std::pair<LabelSet, double>>> PromqlProbe::Ask() const {
  net::HttpRequest request;
  request.method = "POST";
  request.url = settings_.url + (settings_.url.ends_with('/') ? "" : "/") + "api/v1/query";
  request.headers = ResolveHeaders(settings_.headers, world_);
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = "query=" + FormEncoded(settings_.query);
  request.timeout = common().timeout;
  request.max_body = kMaxAnswer;
  request.ca_file = settings_.ca_file;
  const auto response = world_.http.Send(request);
  if (!response.ok()) return response.error();
  if (response->status != 200 || response->truncated) return Bad();
  const Json answer = TRY(ParseJson(response->body));
  if (!answer.is_object() || answer.value("status", "") != "success") return Bad();
  const Json& data = *TRY(GetObject(answer, "data"));
  const std::string type = TRY(GetString(data, "resultType"));
  const Json& result = *TRY(GetArray(data, "result"));
  std::map<LabelSet, double> values;
  if (type == "scalar") {
    values.emplace(LabelSet(), TRY(ReadValue(result)));
  } else if (type == "vector") {
    for (const Json& series : result) {
      const LabelSet labels = LabelSet::FromJson(*TRY(GetObject(series, "metric"))).Without("__name__");
      const auto value = series.find("value");
      if (value == series.end()) return Bad();
      values.emplace(labels, TRY(ReadValue(*value)));
    }
  } else {
    return Error(Code::kInvalidArgument, "the query gives neither a vector nor a scalar");
  }
  return std::vector<std::pair<LabelSet, double>>(values.begin(), values.end());
}

Probe::Outcome PromqlProbe::Measure(WallTime now, Findings& findings) {
  const auto answer = Ask();
  std::vector<LabelSet> seen;
  if (answer.ok()) {
    for (const auto& [labels, value] : *answer) {
      if (std::isnan(value) || seen.size() >= settings_.max_series) continue;
      const LabelSet all = labels.With(common().labels.Without("probe"));
      findings.samples().push_back({settings_.signal, all, value, now});
      seen.push_back(all);
    }
    findings.Add("promql_series", static_cast<double>(answer->size()));
  }
  std::sort(seen.begin(), seen.end());
  std::vector<LabelSet> gone;
  std::set_difference(seen_.begin(), seen_.end(), seen.begin(), seen.end(), std::back_inserter(gone));
  for (LabelSet& labels : gone) {
    findings.samples().push_back({settings_.signal, std::move(labels), std::numeric_limits<double>::quiet_NaN(), now});
  }
  seen_ = std::move(seen);
  return answer.ok() ? Outcome::kGood : Outcome::kBad;
}

PromqlSettings ReadPromql(config::MapReader& reader) {
  PromqlSettings settings;
  settings.url = RequiredUrl(reader);
  settings.query = reader.RequiredText("query");
  settings.headers = LoadHeaders(reader);
  settings.ca_file = reader.Text("ca_file");
  return settings;
}

SourceMaker LoadPromqlProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  PromqlSettings settings = ReadPromql(reader);
  settings.signal = reader.RequiredText("signal");
  if (!settings.signal.empty() && !IsSignalName(settings.signal)) {
    reader.Add(reader.Line("signal"), "'" + settings.signal + "' is not a name of a signal");
  }
  return MakerOf<PromqlProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
