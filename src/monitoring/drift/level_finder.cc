#include "drift/level_finder.h"

#include <bit>
#include <cstring>
#include <utility>

namespace vigia::drift {

namespace {

constexpr size_t kKeyBytes = 16;

template <class Word>
uint64_t Load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

}  // namespace

// Two words that overlap, or stand apart, as the size has it: with the size they are the text.
LevelFinder::Key LevelFinder::KeyOf(std::string_view text) {
  const char* const bytes = text.data();
  const size_t size = text.size();
  if (size >= 8) return {Load<uint64_t>(bytes), Load<uint64_t>(bytes + size - 8), size};
  if (size >= 4) return {Load<uint32_t>(bytes), Load<uint32_t>(bytes + size - 4), size};
  if (size >= 2) return {Load<uint16_t>(bytes), Load<uint16_t>(bytes + size - 2), size};
  return {size == 0 ? 0 : Load<uint8_t>(bytes), 0, size};
}

size_t LevelFinder::Begin(const Key& key) const {
  // Multipliers without a pattern (Weyl's sequence of the golden ratio, and of √3): the upper bits are well mixed.
  const uint64_t mixed = (key.first * 0x9e3779b97f4a7c15) ^ ((key.last + key.size) * 0xbb67ae8584caa73b);
  return (mixed >> 32) & (places_.size() - 1);
}

LevelFinder::LevelFinder(std::vector<std::string> levels) : levels_(std::move(levels)) {
  places_.assign(std::bit_ceil(2 * levels_.size() + 2), {{}, levels_.size()});
  for (size_t level = 0; level < levels_.size(); ++level) {
    const Key key = KeyOf(levels_[level]);
    size_t at = Begin(key);
    while (places_[at].level < levels_.size()) at = (at + 1) % places_.size();
    places_[at] = {key, level};
  }
}

bool LevelFinder::Is(const Place& place, const Key& key, std::string_view text) const {
  return place.key == key && (key.size <= kKeyBytes || levels_[place.level] == text);
}

size_t LevelFinder::Find(std::string_view text) const {
  const Key key = KeyOf(text);
  const size_t mask = places_.size() - 1;
  for (size_t at = Begin(key);; at = (at + 1) & mask) {
    const Place& place = places_[at];
    if (place.level == levels_.size() || Is(place, key, text)) return place.level;
  }
}

void LevelFinder::Find(std::span<const std::string_view> texts, std::span<uint16_t> codes) const {
  for (size_t i = 0; i < texts.size(); ++i) {
    codes[i] = static_cast<uint16_t>(texts[i].data() == nullptr ? levels_.size() + 1 : Find(texts[i]));
  }
}

}  // namespace vigia::drift
