// A gateway for text messages on a free port of this machine: who was called, and when.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigia::drill {

struct Page {
  WallTime at{};
  std::string to;  // the address of the person: "sre-L1"
  std::string text;
};

// Thread-safe.
class Sink {
 public:
  static Result<std::unique_ptr<Sink>> Start(const Clock& clock);  // the clock outlives it
  virtual ~Sink() = default;
  virtual std::string url() const = 0;
  virtual std::vector<Page> pages() const = 0;
};

// Reads "To=…&Body=…". Pure.
Page ParseForm(std::string_view form, WallTime at);

}  // namespace vigia::drill
