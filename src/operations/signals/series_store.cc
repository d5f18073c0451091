#include "signals/series_store.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "signals/window.h"

namespace vigia::signals {
namespace {

constexpr std::string_view kBucketSuffix = "_bucket";

// Samples in time order, contiguous; what is old is given up from the front.
class History {
 public:
  std::span<const Point> points() const { return {points_.data() + first_, points_.size() - first_}; }
  bool empty() const { return points_.size() == first_; }

  void Add(Point point, int64_t keep, size_t most) {
    while (first_ < points_.size() && points_[first_].at < point.at - keep) ++first_;
    if (points_.size() - first_ >= most) Thin(keep * 2 / static_cast<int64_t>(most));
    if (points_.size() == points_.capacity()) MakeRoom(most);
    points_.push_back(point);
  }

 private:
  // Of the older three quarters, keeps samples that are `spacing` apart: half of all room holds what is
  // kept in all. Of what is 0 or 1 it keeps every change, so that it is known how long each lasted.
  void Thin(int64_t spacing) {
    const size_t live = points_.size() - first_;
    const size_t end = first_ + live - live / 4;
    size_t to = first_ + 1;
    for (size_t from = first_ + 1; from < end; ++from) {
      const bool apart = points_[from].at - points_[to - 1].at >= spacing;
      if (apart || IsChange(points_[to - 1].value, points_[from].value)) points_[to++] = points_[from];
    }
    if (to == end) ++first_;  // all apart already
    points_.erase(points_.begin() + static_cast<ptrdiff_t>(to), points_.begin() + static_cast<ptrdiff_t>(end));
  }
  static bool IsChange(double before, double after) {
    return (before == 0 && after == 1) || (before == 1 && after == 0);
  }
  void MakeRoom(size_t most) {
    points_.erase(points_.begin(), points_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
    if (points_.size() * 4 > points_.capacity() * 3) {
      points_.reserve(std::clamp<size_t>(points_.capacity() * 2, 8, std::max<size_t>(most, points_.size() + 1)));
    }
  }

  std::vector<Point> points_;
  size_t first_ = 0;
};

struct Series {
  std::string name;
  LabelSet labels;
  History history;
  int64_t newest = 0;
};

// Buckets of one histogram.
struct Group {
  LabelSet labels;                                  // without `le`
  std::vector<std::pair<double, uint32_t>> series;  // le, series
};

struct Question {
  Selector selector;
  std::vector<uint32_t> series;  // kQuantile: empty
  std::vector<Group> groups;     // kQuantile only
};

struct Name {
  std::vector<uint32_t> series;
  std::vector<SignalView::Query> questions;
  int64_t longest = 0;  // window that is asked, in microseconds
};

bool SameMatcher(const Matcher& a, const Matcher& b) {
  return a.name() == b.name() && a.op() == b.op() && a.value() == b.value();
}

bool SameSelector(const Selector& a, const Selector& b) {
  return a.signal == b.signal && a.function == b.function && a.window == b.window && a.quantile == b.quantile &&
         std::equal(a.labels.begin(), a.labels.end(), b.labels.begin(), b.labels.end(), SameMatcher);
}

// The series' name that a selector reads.
std::string ReadsName(const Selector& selector) {
  return selector.function == Function::kQuantile ? selector.signal + std::string(kBucketSuffix) : selector.signal;
}

double UpperBound(std::string_view le) {
  if (le == "+Inf" || le == "Inf" || le == "inf") return std::numeric_limits<double>::infinity();
  return ParseNumber(le).value_or(std::numeric_limits<double>::quiet_NaN());
}

class Store final : public SeriesStore {
 public:
  explicit Store(const SeriesSettings& settings) : settings_(settings) {}

  void Append(const std::vector<Sample>& samples) override {
    for (const Sample& sample : samples) Add(sample);
  }

  void Forget(WallTime now) override {
    const int64_t before = (now - settings_.forget_after).time_since_epoch().count();
    for (uint32_t id = 0; id < series_.size(); ++id) {
      if (series_[id] && series_[id]->newest < before) Remove(id);
    }
  }

  std::vector<SeriesPoints> Points(const std::string& signal, const std::vector<Matcher>& labels, WallTime from,
                                   WallTime to) const override {
    std::vector<SeriesPoints> found;
    const auto name = names_.find(signal);
    if (name == names_.end()) return found;
    const int64_t first = from.time_since_epoch().count(), last = to.time_since_epoch().count();
    for (const uint32_t id : name->second.series) {
      const Series& series = *series_[id];
      if (!MatchesAll(labels, series.labels)) continue;
      SeriesPoints one{series.labels, {}};
      for (const Point& point : series.history.points()) {
        if (point.at > first && point.at <= last && !std::isnan(point.value)) one.points.push_back(point);
      }
      if (!one.points.empty()) found.push_back(std::move(one));
    }
    return found;
  }

  size_t series() const override { return ids_.size(); }
  size_t samples() const override {
    size_t count = 0;
    for (const auto& one : series_) count += one ? one->history.points().size() : 0;
    return count;
  }
  uint64_t dropped() const override { return dropped_; }

  Query Prepare(const Selector& selector) override {
    Name& name = names_[ReadsName(selector)];
    for (const Query query : name.questions) {
      if (SameSelector(questions_[query].selector, selector)) return query;
    }
    const auto query = static_cast<Query>(questions_.size());
    questions_.push_back({selector, {}, {}});
    name.questions.push_back(query);
    name.longest = std::max(name.longest, selector.window.count());
    for (const uint32_t id : name.series) Join(questions_.back(), id);
    return query;
  }

  void Read(Query query, WallTime now, std::vector<Reading>& readings) const override {
    const Question& question = questions_.at(query);
    const Selector& selector = question.selector;
    for (const uint32_t id : question.series) {
      const Series& series = *series_[id];
      const auto value = Evaluate(selector.function, series.history.points(), now, selector.window);
      if (value) readings.push_back({series.labels, *value});
    }
    for (const Group& group : question.groups) {
      std::vector<Bucket> buckets;
      for (const auto& [le, id] : group.series) {
        const auto rate = Evaluate(Function::kRate, series_[id]->history.points(), now, selector.window);
        if (rate) buckets.push_back({le, *rate});
      }
      const auto value = HistogramQuantile(selector.quantile, std::move(buckets));
      if (value) readings.push_back({group.labels, *value});
    }
  }

 private:
  static uint64_t KeyOf(const Sample& sample) {
    return sample.labels.Fingerprint() * 1099511628211ULL ^ std::hash<std::string>()(sample.name);
  }

  void Add(const Sample& sample) {
    const int64_t at = sample.at.time_since_epoch().count();
    const uint64_t key = KeyOf(sample);
    Series* series = nullptr;
    const auto [first, last] = ids_.equal_range(key);
    for (auto found = first; found != last; ++found) {
      Series& candidate = *series_[found->second];
      if (candidate.name == sample.name && candidate.labels == sample.labels) series = &candidate;
    }
    if (series == nullptr) {
      if (std::isnan(sample.value)) return;  // the end of what we never saw
      if (ids_.size() >= settings_.max_series) {
        ++dropped_;
        return;
      }
      series = &Make(key, sample);
    } else if (at <= series->newest && !series->history.empty()) {
      ++dropped_;
      return;
    }
    const int64_t longest = names_[series->name].longest;
    const int64_t keep = longest > 0 ? longest : settings_.forget_after.count();
    series->history.Add({at, sample.value}, keep, std::max<size_t>(settings_.samples_per_series, 4));
    series->newest = at;
  }

  Series& Make(uint64_t key, const Sample& sample) {
    uint32_t id = 0;
    if (free_.empty()) {
      id = static_cast<uint32_t>(series_.size());
      series_.emplace_back();
    } else {
      id = free_.back();
      free_.pop_back();
    }
    series_[id] = std::make_unique<Series>(Series{sample.name, sample.labels, {}, 0});
    ids_.emplace(key, id);
    Name& name = names_[sample.name];
    name.series.push_back(id);
    for (const Query query : name.questions) Join(questions_[query], id);
    return *series_[id];
  }

  void Join(Question& question, uint32_t id) {
    const Series& series = *series_[id];
    if (question.selector.function != Function::kQuantile) {
      if (MatchesAll(question.selector.labels, series.labels)) question.series.push_back(id);
      return;
    }
    const double le = UpperBound(series.labels.Get("le"));
    const LabelSet labels = series.labels.Without("le");
    if (std::isnan(le) || !MatchesAll(question.selector.labels, labels)) return;
    auto group = std::find_if(question.groups.begin(), question.groups.end(),
                              [&](const Group& one) { return one.labels == labels; });
    if (group == question.groups.end()) group = question.groups.insert(group, {labels, {}});
    group->series.emplace_back(le, id);
  }

  void Leave(Question& question, uint32_t id) {
    std::erase(question.series, id);
    for (Group& group : question.groups) {
      std::erase_if(group.series, [id](const auto& bucket) { return bucket.second == id; });
    }
    std::erase_if(question.groups, [](const Group& group) { return group.series.empty(); });
  }

  void Remove(uint32_t id) {
    Name& name = names_[series_[id]->name];
    for (const Query query : name.questions) Leave(questions_[query], id);
    std::erase(name.series, id);
    if (name.series.empty() && name.questions.empty()) names_.erase(series_[id]->name);
    const uint64_t key = KeyOf({series_[id]->name, series_[id]->labels, 0, {}});
    const auto [first, last] = ids_.equal_range(key);
    for (auto found = first; found != last; ++found) {
      if (found->second != id) continue;
      ids_.erase(found);
      break;
    }
    series_[id].reset();
    free_.push_back(id);
  }

  const SeriesSettings settings_;
  std::vector<std::unique_ptr<Series>> series_;  // by id; null: free
  std::vector<uint32_t> free_;
  std::unordered_multimap<uint64_t, uint32_t> ids_;  // by hash of name and labels
  std::unordered_map<std::string, Name> names_;
  std::vector<Question> questions_;
  uint64_t dropped_ = 0;
};

}  // namespace

std::unique_ptr<SeriesStore> MakeSeriesStore(const SeriesSettings& settings) {
  return std::make_unique<Store>(settings);
}

}  // namespace vigia::signals
