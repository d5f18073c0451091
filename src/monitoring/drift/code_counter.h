// Counts columns of codes, which say of each value in which bin it is, as the database hands them over, chunk by chunk:
// several times as fast as its own histograms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace vigia::drift {

// Several columns. Thread-safe.
class CodeCounter {
 public:
  // By column, how many codes there are: from 0.
  explicit CodeCounter(const std::vector<size_t>& codes);
  // A columnar::CodeFunction; its result means nothing.
  void Count(std::span<const std::span<const uint16_t>> columns, std::span<double> result);
  // By column, how many rows had each code. Once the query has ended.
  std::span<const uint64_t> column(size_t index) const {
    return std::span(counts_).subspan(begins_[index], begins_[index + 1] - begins_[index]);
  }

 private:
  std::vector<size_t> begins_;  // by column, and an end: its place in the counts
  std::mutex mutex_;            // of what follows
  std::vector<uint64_t> counts_;
};

}  // namespace vigia::drift
