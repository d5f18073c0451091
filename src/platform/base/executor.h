// Runs independent pieces of work. Results must not depend on the order or number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace vigia {

class Executor {
 public:
  virtual ~Executor() = default;
  // Calls work(0) … work(count - 1), each once, and returns when all are done.
  // The work must not throw, and must not call ParallelFor itself.
  virtual void ParallelFor(size_t count, const std::function<void(size_t)>& work) = 0;
};

// In the calling thread, in order.
class InlineExecutor final : public Executor {
 public:
  void ParallelFor(size_t count, const std::function<void(size_t)>& work) override;
};

// On up to `threads` threads, the calling one among them; 0 means one per core.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(unsigned threads = 0);
  void ParallelFor(size_t count, const std::function<void(size_t)>& work) override;

 private:
  unsigned threads_;
};

}  // namespace vigia
