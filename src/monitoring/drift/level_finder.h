// Which of a few levels a text is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigia::drift {

// A table by hash, half empty or more. Immutable.
class LevelFinder {
 public:
  // REQUIRES: all different.
  explicit LevelFinder(std::vector<std::string> levels);

  size_t levels() const { return levels_.size(); }
  // Its place among the levels; levels() when it is none of them.
  size_t Find(std::string_view text) const;
  // The same of each text; levels() + 1 for one without data. REQUIRES: fewer than 65,535 levels.
  void Find(std::span<const std::string_view> texts, std::span<uint16_t> codes) const;

 private:
  // All of a text of up to 16 bytes, and the ends of a longer one.
  struct Key {
    uint64_t first = 0, last = 0;
    size_t size = 0;
    bool operator==(const Key&) const = default;
  };
  struct Place {
    Key key;
    size_t level = 0;  // levels(): free
  };
  static Key KeyOf(std::string_view text);
  size_t Begin(const Key& key) const;  // where to look first
  bool Is(const Place& place, const Key& key, std::string_view text) const;

  std::vector<std::string> levels_;
  std::vector<Place> places_;  // a power of two of them
};

}  // namespace vigia::drift
