// Segments: bytes from a damaged disk, and payloads whose checksums are right but whose content is not.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "inference/segment_reader.h"

namespace {

using namespace vigia::inference;  // NOLINT: a fuzz target is a program of its own

void ReadAll(const std::string& bytes) {
  auto reader = SegmentReader::Open(bytes);
  if (!reader.ok()) return;
  while (const StoredRecord* record = reader->Next()) {
    const bool fits = record->features.empty() || record->features.size() == record->schema->features.size();
    if (!fits || record->imputed.size() != record->features.size()) std::abort();
  }
  const SegmentSummary& summary = reader->summary();
  if (summary.torn_bytes + summary.damaged_bytes > bytes.size()) std::abort();
}

// The input is parts, each after its length in two bytes; every part becomes a frame with a right checksum.
std::string Sealed(std::string_view parts) {
  const SegmentHeader header{};
  std::string bytes = EncodeHeader(header);
  while (parts.size() >= 2) {
    const size_t wanted = static_cast<uint8_t>(parts[0]) | static_cast<size_t>(static_cast<uint8_t>(parts[1])) << 8;
    parts.remove_prefix(2);
    const std::string_view payload = parts.substr(0, wanted);
    parts.remove_prefix(payload.size());
    if (payload.empty()) continue;
    std::string frame(kFrameBytes, '\0');
    frame += payload;
    SealFrame(frame.data(), SegmentSeed(header.id), bytes.size(), payload.size());
    bytes += frame;
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ReadAll(std::string(input));
  ReadAll(Sealed(input));
  return 0;
}
