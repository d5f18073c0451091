#include "signals/collector.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "signals/testing/at.h"

namespace vigia::signals {
namespace {

using std::chrono::seconds;

// Shared by the sources of a test: a gate that some of them wait at, and what was called.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = true;
  int inside = 0;  // waiting at the gate
  int calls = 0;

  void Open() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex);
    ++calls;
    ++inside;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    --inside;
  }
  void AwaitInside(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside >= count; });
  }
};

class Source final : public SignalSource {
 public:
  Source(std::string name, std::shared_ptr<Gate> gate) : name_(std::move(name)), gate_(std::move(gate)) {}
  const std::string& name() const override { return name_; }
  Duration every() const override { return seconds(10); }
  Duration timeout() const override { return seconds(2); }
  std::vector<Sample> Collect(WallTime now) override {
    gate_->Pass();
    return {{name_, {}, 1, now}};
  }
  std::vector<Sample> Hanging(WallTime now) const override { return {{name_, {}, 0, now}}; }

 private:
  const std::string name_;
  const std::shared_ptr<Gate> gate_;
};

class CollectorTest : public testing::Test {
 protected:
  void Begin(size_t stuck, size_t quick, size_t threads) {
    std::vector<std::unique_ptr<SignalSource>> sources;
    for (size_t i = 0; i < stuck; ++i) sources.push_back(std::make_unique<Source>("stuck", stuck_));
    for (size_t i = 0; i < quick; ++i) sources.push_back(std::make_unique<Source>("quick", quick_));
    collector_ = std::make_unique<Collector>(std::move(sources), CollectorSettings{threads, seconds(5)});
  }
  // Polls at one time until so many samples of a name have come; what else comes is kept for later.
  int Await(const std::string& name, int wanted, int second, double value = 1) {
    int& seen = seen_[{name, value}];
    const auto limit = std::chrono::steady_clock::now() + seconds(20);
    while (seen < wanted && std::chrono::steady_clock::now() < limit) {
      for (const Sample& sample : collector_->Poll(At(second))) ++seen_[{sample.name, sample.value}];
      std::this_thread::yield();
    }
    return std::exchange(seen, 0);
  }
  std::map<std::pair<std::string, double>, int> seen_;
  std::shared_ptr<Gate> stuck_ = std::make_shared<Gate>();
  std::shared_ptr<Gate> quick_ = std::make_shared<Gate>();
  std::unique_ptr<Collector> collector_;
};

TEST_F(CollectorTest, CollectsAtEachBeat) {
  Begin(0, 3, 2);
  EXPECT_EQ(Await("quick", 3, 0), 3);
  EXPECT_TRUE(collector_->Poll(At(9)).empty());
  EXPECT_EQ(Await("quick", 3, 10), 3);
  EXPECT_EQ(Await("quick", 3, 500), 3) << "beats that were missed are not made up";
  EXPECT_TRUE(collector_->Poll(At(500)).empty());
  EXPECT_EQ(Await("quick", 3, -900), 3) << "a clock that went back stops nothing";
  EXPECT_EQ(quick_->calls, 12);
}

TEST_F(CollectorTest, HangingSourcesHoldUpNobody) {
  stuck_->open = false;
  Begin(4, 2, 4);
  collector_->Poll(At(0));
  stuck_->AwaitInside(4);  // all threads hang now
  EXPECT_EQ(Await("stuck", 4, 4, 0), 4) << "their absence is told";
  EXPECT_EQ(collector_->hanging(), 4u);
  EXPECT_EQ(Await("quick", 2, 5), 2) << "on threads that were started in their place";
  EXPECT_EQ(Await("stuck", 4, 10, 0), 4) << "told again at the next beat";
  EXPECT_EQ(stuck_->calls, 4) << "one call at a time";
  stuck_->Open();
  while (collector_->hanging() > 0) std::this_thread::yield();
  EXPECT_EQ(Await("stuck", 4, 20), 4) << "they take part again";
}

TEST_F(CollectorTest, EndsThoughOneHangs) {
  stuck_->open = false;
  std::vector<std::unique_ptr<SignalSource>> sources;
  sources.push_back(std::make_unique<Source>("stuck", stuck_));
  collector_ = std::make_unique<Collector>(std::move(sources), CollectorSettings{4, std::chrono::milliseconds(1)});
  collector_->Poll(At(0));
  stuck_->AwaitInside(1);
  collector_.reset();
  stuck_->Open();
}

}  // namespace
}  // namespace vigia::signals
