// Inside this module: XML as a stream of events, with what is dangerous refused.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "workbook/archive.h"

namespace vigia::workbook {

// The attributes of one element, by local name (a prefix is ignored). Valid during the event.
class Attributes {
 public:
  explicit Attributes(const char** pairs) : pairs_(pairs) {}
  std::optional<std::string_view> Find(std::string_view local_name) const;
  std::string_view Get(std::string_view local_name) const { return Find(local_name).value_or(""); }

 private:
  const char** pairs_;
};

// Names come without their prefix. An error ends the parse.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual Status Start(std::string_view name, const Attributes& attributes) = 0;
  virtual Status End(std::string_view name) = 0;
  virtual Status Text(std::string_view text) = 0;  // in pieces
};

// Parses one part. Refuses a DOCTYPE (entities), deep nesting and what is not well-formed.
Status ParsePart(const Archive& archive, const std::string& part, const Limits& limits, XmlHandler& handler);

}  // namespace vigia::workbook
