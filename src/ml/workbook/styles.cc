#include "workbook/styles.h"

#include <map>

#include "base/text.h"
#include "workbook/xml.h"

namespace vigia::workbook {

namespace {

// Built-in formats that are dates or times (ECMA-376 part 1, 18.8.30; 27-36 and 50-58 are East Asian ones).
bool IsBuiltInDate(int64_t id) {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

class StyleHandler final : public XmlHandler {
 public:
  std::vector<bool> dates;

  Status Start(std::string_view name, const Attributes& attributes) override {
    if (name == "cellXfs") in_cell_styles_ = true;
    const int64_t id = ParseInteger(attributes.Get("numFmtId")).value_or(0);
    if (name == "numFmt") custom_[id] = IsDateFormat(attributes.Get("formatCode"));
    if (name == "xf" && in_cell_styles_) {
      const auto custom = custom_.find(id);
      dates.push_back(custom == custom_.end() ? IsBuiltInDate(id) : custom->second);
    }
    if (dates.size() > 100000 || custom_.size() > 100000)
      return Error(Code::kResourceExhausted, "it has too many styles");
    return {};
  }
  Status End(std::string_view name) override {
    if (name == "cellXfs") in_cell_styles_ = false;
    return {};
  }
  Status Text(std::string_view) override { return {}; }

 private:
  std::map<int64_t, bool> custom_;
  bool in_cell_styles_ = false;
};

}  // namespace

bool IsDateFormat(std::string_view code) {
  const std::string lower = ToLowerAscii(code.substr(0, code.find(';')));  // the format of positive numbers
  for (size_t i = 0; i < lower.size(); ++i) {
    switch (lower[i]) {
      case '"': i = std::min(lower.find('"', i + 1), lower.size()); break;
      case '\\':
      case '_':
      case '*': ++i; break;  // the next character is shown as it is, or a filler
      case '[': {
        const size_t close = std::min(lower.find(']', i), lower.size());
        const std::string inside = lower.substr(i + 1, close - i - 1);
        if (!inside.empty() && inside.find_first_not_of("hms") == std::string::npos) return true;  // elapsed time
        i = close;
        break;
      }
      case 'g':
        if (lower.compare(i, 7, "general") == 0) i += 6;
        break;
      case 'd':
      case 'm':
      case 'y':
      case 'h':
      case 's': return true;
      default: break;
    }
  }
  return false;
}

Result<std::vector<bool>> ReadDateStyles(const Archive& archive, const std::string& part, const Limits& limits) {
  StyleHandler handler;
  TRY(ParsePart(archive, part, limits, handler));
  return std::move(handler.dates);
}

}  // namespace vigia::workbook
