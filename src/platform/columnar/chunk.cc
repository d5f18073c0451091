#include "columnar/chunk.h"

#include "columnar/duck.h"

namespace vigia::columnar {

namespace {

template <typename From, typename To>
void Widen(const void* data, size_t rows, double divisor, std::vector<To>& out) {
  const From* from = static_cast<const From*>(data);
  out.resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    if constexpr (std::is_same_v<From, duckdb_hugeint>) {
      out[row] = static_cast<To>(duckdb_hugeint_to_double(from[row]) / divisor);
    } else if constexpr (std::is_same_v<From, duckdb_uhugeint>) {
      out[row] = static_cast<To>(duckdb_uhugeint_to_double(from[row]) / divisor);
    } else if constexpr (std::is_same_v<To, double>) {
      out[row] = static_cast<double>(from[row]) / divisor;
    } else {
      out[row] = static_cast<To>(from[row]);
    }
  }
}

void ConvertNumbers(const Conversion& conversion, const void* data, size_t rows, std::vector<double>& out) {
  const double divisor = conversion.decimal_factor;
  switch (conversion.stored) {
    case DUCKDB_TYPE_FLOAT: Widen<float>(data, rows, divisor, out); break;
    case DUCKDB_TYPE_SMALLINT: Widen<int16_t>(data, rows, divisor, out); break;
    case DUCKDB_TYPE_INTEGER: Widen<int32_t>(data, rows, divisor, out); break;
    case DUCKDB_TYPE_BIGINT: Widen<int64_t>(data, rows, divisor, out); break;
    case DUCKDB_TYPE_UBIGINT: Widen<uint64_t>(data, rows, divisor, out); break;
    case DUCKDB_TYPE_HUGEINT: Widen<duckdb_hugeint>(data, rows, divisor, out); break;
    case DUCKDB_TYPE_UHUGEINT: Widen<duckdb_uhugeint>(data, rows, divisor, out); break;
    default: break;  // already double
  }
}

void ConvertIntegers(const Conversion& conversion, const void* data, size_t rows, std::vector<int64_t>& out) {
  switch (conversion.stored) {
    case DUCKDB_TYPE_TINYINT: Widen<int8_t>(data, rows, 1, out); break;
    case DUCKDB_TYPE_SMALLINT: Widen<int16_t>(data, rows, 1, out); break;
    case DUCKDB_TYPE_INTEGER: Widen<int32_t>(data, rows, 1, out); break;
    case DUCKDB_TYPE_UTINYINT: Widen<uint8_t>(data, rows, 1, out); break;
    case DUCKDB_TYPE_USMALLINT: Widen<uint16_t>(data, rows, 1, out); break;
    case DUCKDB_TYPE_UINTEGER: Widen<uint32_t>(data, rows, 1, out); break;
    default: break;  // already 64 bits
  }
}

// Nulls may hold anything, so the arithmetic wraps instead of overflowing.
int64_t Scaled(int64_t value, uint64_t factor) { return static_cast<int64_t>(static_cast<uint64_t>(value) * factor); }

void ConvertTimes(const Conversion& conversion, const void* data, size_t rows, std::vector<int64_t>& out) {
  constexpr uint64_t kDay = 86'400'000'000ULL;
  const int64_t* wide = static_cast<const int64_t*>(data);
  const auto fill = [&](auto value) {
    out.resize(rows);
    for (size_t row = 0; row < rows; ++row) out[row] = value(row);
  };
  switch (conversion.stored) {
    case DUCKDB_TYPE_DATE: {
      const int32_t* days = static_cast<const int32_t*>(data);
      fill([&](size_t row) { return Scaled(days[row], kDay); });
      break;
    }
    case DUCKDB_TYPE_TIMESTAMP_S: fill([&](size_t row) { return Scaled(wide[row], 1'000'000); }); break;
    case DUCKDB_TYPE_TIMESTAMP_MS: fill([&](size_t row) { return Scaled(wide[row], 1'000); }); break;
    case DUCKDB_TYPE_TIMESTAMP_NS: fill([&](size_t row) { return wide[row] / 1'000; }); break;
    default: break;  // already microseconds
  }
}

size_t EnumCode(const Conversion& conversion, const void* data, size_t row) {
  switch (conversion.stored) {
    case DUCKDB_TYPE_UTINYINT: return static_cast<const uint8_t*>(data)[row];
    case DUCKDB_TYPE_USMALLINT: return static_cast<const uint16_t*>(data)[row];
    default: return static_cast<const uint32_t*>(data)[row];
  }
}

}  // namespace

Chunk::Vectors::Vectors(duckdb_data_chunk taken, std::shared_ptr<const std::vector<Conversion>> with)
    : chunk(taken), conversions(std::move(with)), rows(duckdb_data_chunk_get_size(taken)) {
  columns.resize(conversions->size());
  for (size_t c = 0; c < columns.size(); ++c) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
    Column& column = columns[c];
    column.conversion = &(*conversions)[c];
    column.data = duckdb_vector_get_data(vector);
    column.validity = duckdb_vector_get_validity(vector);
    switch (column.conversion->type) {
      case Type::kNumber: ConvertNumbers(*column.conversion, column.data, rows, column.numbers); break;
      case Type::kInt64: ConvertIntegers(*column.conversion, column.data, rows, column.integers); break;
      case Type::kTimestamp: ConvertTimes(*column.conversion, column.data, rows, column.integers); break;
      case Type::kBool:
      case Type::kText: break;
    }
    if (!column.numbers.empty()) column.data = column.numbers.data();
    if (!column.integers.empty()) column.data = column.integers.data();
  }
}

Chunk::Chunk(std::unique_ptr<Vectors> vectors) : vectors_(std::move(vectors)) {}
Chunk::Chunk(Chunk&&) noexcept = default;
Chunk& Chunk::operator=(Chunk&&) noexcept = default;
Chunk::~Chunk() = default;

size_t Chunk::rows() const { return vectors_->rows; }
size_t Chunk::columns() const { return vectors_->columns.size(); }

bool Chunk::HasNulls(size_t column) const { return vectors_->columns[column].validity != nullptr; }

bool Chunk::IsNull(size_t column, size_t row) const {
  const uint64_t* validity = vectors_->columns[column].validity;
  return validity != nullptr && ((validity[row / 64] >> (row % 64)) & 1) == 0;
}

std::span<const double> Chunk::Numbers(size_t column) const {
  const Vectors::Column& vector = vectors_->columns[column];
  CHECK(vector.conversion->type == Type::kNumber, "numbers come from a number column");
  return {static_cast<const double*>(vector.data), rows()};
}

std::span<const int64_t> Chunk::Integers(size_t column) const {
  const Vectors::Column& vector = vectors_->columns[column];
  CHECK(vector.conversion->type == Type::kInt64, "integers come from an integer column");
  return {static_cast<const int64_t*>(vector.data), rows()};
}

std::span<const int64_t> Chunk::Timestamps(size_t column) const {
  const Vectors::Column& vector = vectors_->columns[column];
  CHECK(vector.conversion->type == Type::kTimestamp, "times come from a timestamp column");
  return {static_cast<const int64_t*>(vector.data), rows()};
}

std::span<const bool> Chunk::Bools(size_t column) const {
  const Vectors::Column& vector = vectors_->columns[column];
  CHECK(vector.conversion->type == Type::kBool, "bools come from a bool column");
  return {static_cast<const bool*>(vector.data), rows()};
}

std::string_view Chunk::Text(size_t column, size_t row) const {
  const Vectors::Column& vector = vectors_->columns[column];
  CHECK(vector.conversion->type == Type::kText, "a text comes from a text column");
  if (!vector.conversion->enum_names.empty()) {
    return vector.conversion->enum_names[EnumCode(*vector.conversion, vector.data, row)];
  }
  // Short strings lie inside the entry itself, so the address matters, not a copy.
  duckdb_string_t* text = const_cast<duckdb_string_t*>(static_cast<const duckdb_string_t*>(vector.data)) + row;
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

void Chunk::AppendTo(Frame& frame) const {
  for (size_t c = 0; c < columns(); ++c) {
    Column& column = frame.columns[c];
    for (size_t row = 0; row < rows(); ++row) {
      if (IsNull(c, row)) {
        column.AppendNull();
        continue;
      }
      switch (column.type) {
        case Type::kNumber: column.AppendNumber(Numbers(c)[row]); break;
        case Type::kInt64: column.AppendInteger(Integers(c)[row]); break;
        case Type::kBool: column.AppendBool(Bools(c)[row]); break;
        case Type::kTimestamp: column.AppendTimestamp(WallTime(Duration(Timestamps(c)[row]))); break;
        case Type::kText: column.AppendText(Text(c, row)); break;
      }
    }
  }
}

}  // namespace vigia::columnar
