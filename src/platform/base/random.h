// Randomness, passed in. Rng: seeded and repeatable on every platform, for training and simulation.
// Entropy: unpredictable bytes, for ids and keys.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace vigia {

// xoshiro256** (Blackman & Vigna, 2018), seeded through splitmix64. Not thread-safe; copy to fork.
class Rng {
 public:
  explicit Rng(uint64_t seed);
  uint64_t Next();
  uint64_t Below(uint64_t bound);   // uniform in [0, bound), unbiased; REQUIRES: bound > 0
  double Uniform();                 // [0, 1) with 53 bits
  double Normal();                  // mean 0, deviation 1
  Rng Fork(uint64_t stream) const;  // an independent stream: same parent and number, same stream

  template <typename Container>
  void Shuffle(Container& items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  uint64_t state_[4];
};

// Thread-safe.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void Fill(std::span<uint8_t> bytes) = 0;
};

// The kernel's generator.
class SystemEntropy final : public Entropy {
 public:
  void Fill(std::span<uint8_t> bytes) override;
};

// Repeatable, for tests. Not thread-safe.
class FakeEntropy final : public Entropy {
 public:
  explicit FakeEntropy(uint64_t seed) : rng_(seed) {}
  void Fill(std::span<uint8_t> bytes) override;

 private:
  Rng rng_;
};

std::string ToHex(std::span<const uint8_t> bytes);
std::string RandomHex(Entropy& entropy, size_t bytes);

}  // namespace vigia
