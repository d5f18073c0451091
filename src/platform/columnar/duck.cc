#include "columnar/duck.h"

#include <cmath>
#include <limits>

namespace vigia::columnar {

namespace {

// SQL's own errors name tables and columns, which are ours; the others may quote data.
bool QuotesData(duckdb_error_type type) {
  switch (type) {
    case DUCKDB_ERROR_BINDER:
    case DUCKDB_ERROR_CATALOG:
    case DUCKDB_ERROR_PARSER:
    case DUCKDB_ERROR_SYNTAX: return false;
    default: return true;
  }
}

std::string WithoutQuoted(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\'' && c != '"') {
      out.push_back(c);
      continue;
    }
    const size_t close = text.find(c, i + 1);
    out += "...";
    if (close == std::string_view::npos) break;
    i = close;
  }
  return out;
}

Code CodeOf(duckdb_error_type type, std::string_view message) {
  const auto says = [&](std::string_view part) { return message.find(part) != std::string_view::npos; };
  if (says("No space left") || says("Disk quota")) return Code::kResourceExhausted;
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY: return Code::kResourceExhausted;
    case DUCKDB_ERROR_PERMISSION: return Code::kPermissionDenied;
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL: return Code::kInternal;
    case DUCKDB_ERROR_IO:
      return says("No files found") || says("No such file") ? Code::kNotFound : Code::kInvalidArgument;
    default: return Code::kInvalidArgument;
  }
}

}  // namespace

Error FromDuck(duckdb_error_type type, const char* message) {
  const std::string_view whole = message == nullptr ? "unknown error" : message;
  std::string_view line = whole.substr(0, whole.find('\n'));
  constexpr size_t kLongest = 240;
  std::string text = QuotesData(type) ? WithoutQuoted(line) : std::string(line);
  if (text.size() > kLongest) text.resize(kLongest);
  return Error(CodeOf(type, whole), std::move(text));
}

duckdb_type DuckType(Type type) {
  switch (type) {
    case Type::kBool: return DUCKDB_TYPE_BOOLEAN;
    case Type::kInt64: return DUCKDB_TYPE_BIGINT;
    case Type::kNumber: return DUCKDB_TYPE_DOUBLE;
    case Type::kText: return DUCKDB_TYPE_VARCHAR;
    case Type::kTimestamp: return DUCKDB_TYPE_TIMESTAMP;
  }
  CHECK(false, "unknown column type");
}

Result<Conversion> ConversionOf(duckdb_logical_type type, const std::string& column) {
  Conversion conversion;
  conversion.stored = duckdb_get_type_id(type);
  switch (conversion.stored) {
    case DUCKDB_TYPE_BOOLEAN: conversion.type = Type::kBool; break;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: conversion.type = Type::kInt64; break;
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: conversion.type = Type::kNumber; break;
    case DUCKDB_TYPE_DECIMAL:
      conversion.type = Type::kNumber;
      conversion.is_decimal = true;
      conversion.decimal_factor = std::pow(10.0, duckdb_decimal_scale(type));
      conversion.stored = duckdb_decimal_internal_type(type);
      break;
    case DUCKDB_TYPE_VARCHAR: conversion.type = Type::kText; break;
    case DUCKDB_TYPE_SQLNULL: conversion.type = Type::kText; break;
    case DUCKDB_TYPE_ENUM: {
      conversion.type = Type::kText;
      conversion.stored = duckdb_enum_internal_type(type);
      for (uint32_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
        char* name = duckdb_enum_dictionary_value(type, i);
        conversion.enum_names.emplace_back(name);
        duckdb_free(name);
      }
      break;
    }
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: conversion.type = Type::kTimestamp; break;
    default:
      return Error(Code::kInvalidArgument, "column '" + column + "' has a type that is not bool, number, text or time");
  }
  return conversion;
}

void FillChunk(const Frame& frame, size_t from, size_t count, duckdb_data_chunk chunk) {
  for (size_t c = 0; c < frame.columns.size(); ++c) {
    const Column& column = frame.columns[c];
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
    void* data = duckdb_vector_get_data(vector);
    duckdb_vector_ensure_validity_writable(vector);
    uint64_t* validity = duckdb_vector_get_validity(vector);
    for (size_t row = 0; row < count; ++row) {
      const size_t source = from + row;
      duckdb_validity_set_row_validity(validity, row, !column.IsNull(source));
      switch (column.type) {
        case Type::kNumber: static_cast<double*>(data)[row] = column.numbers[source]; break;
        case Type::kBool: static_cast<bool*>(data)[row] = column.integers[source] != 0; break;
        case Type::kInt64:
        case Type::kTimestamp: static_cast<int64_t*>(data)[row] = column.integers[source]; break;
        case Type::kText:
          duckdb_vector_assign_string_element_len(vector, row, column.texts[source].data(),
                                                  column.texts[source].size());
          break;
      }
    }
  }
  duckdb_data_chunk_set_size(chunk, count);
}

}  // namespace vigia::columnar
