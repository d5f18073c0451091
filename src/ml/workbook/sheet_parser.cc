#include "workbook/sheet_parser.h"

#include <cmath>
#include <unordered_map>

#include "base/clock.h"
#include "base/text.h"
#include "workbook/xml.h"

namespace vigia::workbook {

namespace {

Error TooLong(const Limits& limits) {
  return Error(Code::kResourceExhausted,
               "a cell's text is longer than " + std::to_string(limits.cell_bytes) + " bytes");
}

Error TooMuchText(const Limits& limits) {
  return Error(Code::kResourceExhausted,
               "the workbook holds more than " + std::to_string(limits.text_bytes >> 20) + " MiB of text");
}

Status TakeText(Budget& budget, size_t bytes, const Limits& limits) {
  const size_t cost = bytes + sizeof(Sheet::TextPlace);
  if (cost > budget.text_bytes) return TooMuchText(limits);
  budget.text_bytes -= cost;
  return {};
}

class SharedStringHandler final : public XmlHandler {
 public:
  SharedStringHandler(const Limits& limits, Budget& budget) : limits_(limits), budget_(budget) {}
  SharedStrings strings;

  Status Start(std::string_view name, const Attributes&) override {
    if (name == "si") start_ = strings.texts.size();
    if (name == "rPh") ++phonetic_;
    in_text_ = name == "t" && phonetic_ == 0;
    return {};
  }
  Status Text(std::string_view text) override {
    if (!in_text_) return {};
    if (strings.texts.size() - start_ + text.size() > limits_.cell_bytes) return TooLong(limits_);
    if (strings.texts.size() + text.size() > limits_.text_bytes) return TooMuchText(limits_);
    strings.texts += text;
    return {};
  }
  Status End(std::string_view name) override {
    in_text_ = false;
    if (name == "rPh" && phonetic_ > 0) --phonetic_;
    if (name != "si") return {};
    const size_t length = strings.texts.size() - start_;
    TRY(TakeText(budget_, length, limits_));
    strings.places.push_back({static_cast<uint32_t>(start_), static_cast<uint32_t>(length)});
    return {};
  }

 private:
  const Limits& limits_;
  Budget& budget_;
  size_t start_ = 0;
  int phonetic_ = 0;
  bool in_text_ = false;
};

struct Reference {
  uint32_t column, row;
};

// "AB12" -> (27, 12).
std::optional<Reference> ParseReference(std::string_view text) {
  size_t at = 0;
  uint64_t column = 0, row = 0;
  for (; at < text.size() && text[at] >= 'A' && text[at] <= 'Z' && at < 4; ++at) {
    column = column * 26 + static_cast<uint64_t>(text[at] - 'A' + 1);
  }
  if (at == 0 || at == text.size() || text.size() - at > 9) return std::nullopt;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    row = row * 10 + static_cast<uint64_t>(text[at] - '0');
  }
  if (row == 0) return std::nullopt;
  return Reference{static_cast<uint32_t>(column - 1), static_cast<uint32_t>(row)};
}

class SheetHandler final : public XmlHandler {
 public:
  SheetHandler(const SheetContext& context, Budget& budget) : context_(context), budget_(budget) {}
  Sheet sheet;

  Status Start(std::string_view name, const Attributes& attributes) override {
    collecting_ = Collect::kNothing;
    if (name == "row") return StartRow(attributes);
    if (name == "c") return StartCell(attributes);
    if (!in_cell_) return {};
    if (name == "rPh") ++phonetic_;
    if (name == "v") {
      value_.clear();
      collecting_ = Collect::kValue;
      has_value_ = true;
    }
    if (name == "is") has_inline_ = true;
    if (name == "t" && phonetic_ == 0) collecting_ = Collect::kInline;
    return {};
  }

  Status Text(std::string_view text) override {
    if (collecting_ == Collect::kNothing) return {};
    std::string& into = collecting_ == Collect::kValue ? value_ : inline_;
    if (into.size() + text.size() > context_.limits.cell_bytes) {
      return TooLong(context_.limits).Prefixed("cell " + CellAddress(column_, row_));
    }
    into += text;
    return {};
  }

  Status End(std::string_view name) override {
    collecting_ = Collect::kNothing;
    if (name == "rPh" && phonetic_ > 0) --phonetic_;
    if (name == "c" && in_cell_) {
      in_cell_ = false;
      return EndCell().Prefixed("cell " + CellAddress(column_, row_));
    }
    if (name == "row" && !sheet.rows.empty() && sheet.rows.back().cell_count == 0) sheet.rows.pop_back();
    return {};
  }

 private:
  enum class Collect { kNothing, kValue, kInline };

  // Rows and cells may leave out where they are: then they follow the one before.
  Status StartRow(const Attributes& attributes) {
    const auto given = attributes.Find("r");
    const int64_t number = given ? ParseInteger(*given).value_or(0) : int64_t{row_} + 1;
    if (number <= int64_t{row_}) return Error(Code::kInvalidArgument, "its rows are not in order");
    if (number > static_cast<int64_t>(context_.limits.rows)) {
      return Error(Code::kResourceExhausted, "it has more than " + std::to_string(context_.limits.rows) + " rows");
    }
    row_ = static_cast<uint32_t>(number);
    next_column_ = 0;
    sheet.rows.push_back({row_, sheet.cells.size(), 0});
    return {};
  }

  Status StartCell(const Attributes& attributes) {
    if (sheet.rows.empty() || sheet.rows.back().number != row_) {
      return Error(Code::kInvalidArgument, "it has a cell outside of a row");
    }
    column_ = next_column_;
    if (const auto given = attributes.Find("r")) {
      const auto reference = ParseReference(*given);
      if (!reference || reference->row != row_) {
        return Error(Code::kInvalidArgument, "a cell of row " + std::to_string(row_) + " has a wrong address");
      }
      if (reference->column < next_column_) {
        return Error(Code::kInvalidArgument, "the cells of row " + std::to_string(row_) + " are not in order");
      }
      column_ = reference->column;
    }
    if (column_ >= context_.limits.columns) {
      return Error(Code::kResourceExhausted,
                   "it has more than " + std::to_string(context_.limits.columns) + " columns");
    }
    next_column_ = column_ + 1;
    in_cell_ = true;
    type_ = attributes.Get("t");
    const int64_t style = ParseInteger(attributes.Get("s")).value_or(-1);
    is_date_style_ = style >= 0 && static_cast<size_t>(style) < context_.date_styles.size() &&
                     context_.date_styles[static_cast<size_t>(style)];
    value_.clear();
    inline_.clear();
    has_value_ = has_inline_ = false;
    phonetic_ = 0;
    return {};
  }

  Status EndCell() {
    if (type_ == "inlineStr" || (has_inline_ && !has_value_))
      return has_inline_ ? AddText(CellType::kText, inline_) : Status();
    if (!has_value_) return {};
    if (type_ == "s") return AddShared();
    if (type_ == "str") return AddText(CellType::kText, value_);
    if (type_ == "e") return AddText(CellType::kError, Trim(value_));
    if (type_ == "d") return AddIsoDate();
    const std::string_view digits = Trim(value_);
    if (digits.empty()) return {};
    const std::optional<double> number = ParseNumber(digits);
    if (!number) return Error(Code::kInvalidArgument, "it should hold a number, and does not");
    if (type_ == "b") return Add({column_, CellType::kBool, 0, *number != 0 ? 1.0 : 0.0});
    if (is_date_style_) return Add({column_, CellType::kDate, 0, DaysSinceEpoch(*number, context_.date_system)});
    return Add({column_, CellType::kNumber, 0, *number});
  }

  Status Add(const Cell& cell) {
    if (budget_.cells == 0) {
      return Error(Code::kResourceExhausted,
                   "the workbook has more than " + std::to_string(context_.limits.cells) + " filled cells");
    }
    --budget_.cells;
    sheet.cells.push_back(cell);
    ++sheet.rows.back().cell_count;
    return {};
  }

  Status AddText(CellType type, std::string_view text) {
    TRY(TakeText(budget_, text.size(), context_.limits));
    const auto place = static_cast<uint32_t>(sheet.places.size());
    sheet.places.push_back({static_cast<uint32_t>(sheet.texts.size()), static_cast<uint32_t>(text.size())});
    sheet.texts += text;
    return Add({column_, type, place, 0});
  }

  // A shared string is copied once into each sheet that uses it.
  Status AddShared() {
    const auto index = ParseInteger(Trim(value_));
    if (!index || *index < 0 || static_cast<size_t>(*index) >= context_.shared.places.size()) {
      return Error(Code::kInvalidArgument, "it names a shared string that is not there");
    }
    const auto [it, is_new] = shared_places_.emplace(static_cast<uint32_t>(*index), 0);
    if (!is_new) return Add({column_, CellType::kText, it->second, 0});
    const Sheet::TextPlace place = context_.shared.places[static_cast<size_t>(*index)];
    TRY(AddText(CellType::kText, std::string_view(context_.shared.texts).substr(place.start, place.length)));
    it->second = sheet.cells.back().text;
    return {};
  }

  Status AddIsoDate() {
    std::string text(Trim(value_));
    if (text.size() == 10) text += "T00:00:00";
    if (text.find('Z') == std::string::npos) text += "Z";
    const auto time = ParseTime(text);
    if (!time.ok()) return Error(Code::kInvalidArgument, "it should hold a date, and does not");
    const double days = std::chrono::duration<double, std::ratio<86400>>(time->time_since_epoch()).count();
    return Add({column_, CellType::kDate, 0, days});
  }

  const SheetContext& context_;
  Budget& budget_;
  std::unordered_map<uint32_t, uint32_t> shared_places_;
  uint32_t row_ = 0, column_ = 0, next_column_ = 0;
  bool in_cell_ = false, is_date_style_ = false, has_value_ = false, has_inline_ = false;
  int phonetic_ = 0;
  Collect collecting_ = Collect::kNothing;
  std::string type_, value_, inline_;
};

}  // namespace

double DaysSinceEpoch(double serial, DateSystem system) {
  constexpr double kEpoch1904 = -24107;  // 1904-01-01
  constexpr double kEpoch1900 = -25568;  // serial 0 is 1899-12-31 until the day that never was, serial 60
  if (system == DateSystem::k1904) return serial + kEpoch1904;
  return serial < 60 ? serial + kEpoch1900 : serial + kEpoch1900 - 1;
}

Result<SharedStrings> ReadSharedStrings(const Archive& archive, const std::string& part, const Limits& limits,
                                        Budget& budget) {
  SharedStringHandler handler(limits, budget);
  TRY(ParsePart(archive, part, limits, handler));
  return std::move(handler.strings);
}

Result<Sheet> ReadSheet(const Archive& archive, const SheetPart& part, const SheetContext& context, Budget& budget) {
  SheetHandler handler(context, budget);
  handler.sheet.name = part.name;
  TRY_CONTEXT(ParsePart(archive, part.part, context.limits, handler), "sheet '" + part.name + "'");
  return std::move(handler.sheet);
}

}  // namespace vigia::workbook
