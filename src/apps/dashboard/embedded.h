// The built dashboard, as the build generated it (web/embed.mjs). Static storage.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace vigia::dashboard {

struct Extent {
  size_t offset, size;  // in EmbeddedBytes
};
enum class Keep { kForever, kRevalidate };  // kForever: the name changes with the content

struct Embedded {
  std::string_view path;  // "/", "/assets/index-1a2b3c.js"
  std::string_view content_type;
  std::string_view etag;  // with its quotes
  Extent identity, gzip;
  Keep keep;
};

const char* EmbeddedBytes();
std::span<const Embedded> EmbeddedFiles();

}  // namespace vigia::dashboard
