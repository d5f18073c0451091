// What really happened: labels that arrive months after their predictions, in a file of one JSON
// object a line, which people also append to by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"

namespace vigia::performance {

// {"request_id": "…", "instance_index": 0, "timestamp": "…", "label": 1}; index and time may be absent.
struct Label {
  std::string request_id;
  std::optional<uint32_t> instance;
  std::optional<WallTime> time;  // when it became known
  bool positive = false;

  bool SameAs(const Label& other) const {
    return request_id == other.request_id && instance == other.instance && positive == other.positive;
  }
};

// Errors name the field, and no value.
Result<Label> LabelFromLine(std::string_view json_line);
std::string LabelLine(const Label& label);  // with the final newline

struct LabelFile {
  std::vector<Label> labels;      // one per (request, instance); of repeated ones the last stands
  size_t lines = 0;               // not blank
  size_t corrected = 0;           // stated again, differently
  std::vector<size_t> bad_lines;  // line numbers from 1: not a label, or torn by a kill
};
LabelFile ParseLabelFile(std::string_view text);
// A file that is not there holds no labels.
Result<LabelFile> ReadLabelFile(const Files& files, const std::string& path);

// Labels to import, by the file's extension: .jsonl, .csv, .parquet. The first row that is not a label
// is an error that names its number, and nothing is imported.
Result<std::vector<Label>> ReadLabelsToImport(const Files& files, const std::string& path);

struct AddedLabels {
  size_t added = 0, unchanged = 0, corrected = 0;
};
// Appends what the store does not say already; so doing it twice changes nothing. One append, synced:
// after a kill all labels are there or a torn line that readers skip. kUnavailable while another adds,
// kInvalidArgument for a request id that is blank or longer than 255 bytes.
Result<AddedLabels> AddLabels(Files& files, const std::string& path, const std::vector<Label>& labels);

// <home>/monitoring/labels_store.jsonl
std::string LabelsPath(const std::string& home);

}  // namespace vigia::performance
