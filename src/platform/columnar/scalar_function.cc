#include "columnar/scalar_function.h"

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace vigia::columnar {

namespace {

// Calls `on_null` with the row of every null. Whole words of 64 rows are looked at first.
template <class OnNull>
void ForNulls(const uint64_t* validity, size_t rows, const OnNull& on_null) {
  if (validity == nullptr) return;
  for (size_t first = 0; first < rows; first += 64) {
    for (uint64_t nulls = ~validity[first / 64]; nulls != 0; nulls &= nulls - 1) {
      const size_t row = first + static_cast<size_t>(std::countr_zero(nulls));
      if (row >= rows) break;
      on_null(row);
    }
  }
}

// A vector of the database as a function reads it: in place where it is so already, else in `filled`.
std::span<const double> Read(duckdb_vector vector, size_t rows, std::vector<double>& filled) {
  const auto* values = static_cast<const double*>(duckdb_vector_get_data(vector));
  const uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity == nullptr) return {values, rows};
  filled.assign(values, values + rows);
  ForNulls(validity, rows, [&](size_t row) { filled[row] = std::numeric_limits<double>::quiet_NaN(); });
  return filled;
}

std::span<const std::string_view> Read(duckdb_vector vector, size_t rows, std::vector<std::string_view>& filled) {
  auto* texts = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  filled.resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    const uint32_t length = texts[row].value.inlined.length;
    // Short ones stand in the vector itself.
    const char* data = length <= sizeof(texts->value.inlined.inlined) ? texts[row].value.inlined.inlined
                                                                      : texts[row].value.pointer.ptr;
    filled[row] = {data, length};
  }
  ForNulls(duckdb_vector_get_validity(vector), rows, [&](size_t row) { filled[row] = {}; });
  return filled;
}

std::span<const uint16_t> Read(duckdb_vector vector, size_t rows, std::vector<uint16_t>& /*filled*/) {
  return {static_cast<const uint16_t*>(duckdb_vector_get_data(vector)), rows};
}

void MarkNulls(std::span<const double> result, duckdb_vector output) {
  uint64_t* missing = nullptr;
  for (size_t row = 0; row < result.size(); ++row) {
    if (!std::isnan(result[row])) continue;
    if (missing == nullptr) {
      duckdb_vector_ensure_validity_writable(output);
      missing = duckdb_vector_get_validity(output);
    }
    duckdb_validity_set_row_invalid(missing, row);
  }
}

void MarkNulls(std::span<const uint16_t> /*result*/, duckdb_vector /*output*/) {}

template <class In, class Out>
using Function = std::function<void(std::span<const std::span<const In>>, std::span<Out>)>;

template <class In, class Out>
struct Call {
  // One per thread, used again from chunk to chunk.
  struct Buffers {
    std::vector<std::vector<In>> filled;
    std::vector<std::span<const In>> arguments;
  };

  static void Destroy(void* function) { delete static_cast<Function<In, Out>*>(function); }

  static void Run(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    thread_local Buffers buffers;
    const auto* function = static_cast<const Function<In, Out>*>(duckdb_scalar_function_get_extra_info(info));
    const size_t rows = duckdb_data_chunk_get_size(input), columns = duckdb_data_chunk_get_column_count(input);
    buffers.filled.resize(columns);
    buffers.arguments.resize(columns);
    for (size_t c = 0; c < columns; ++c) {
      buffers.arguments[c] = Read(duckdb_data_chunk_get_vector(input, c), rows, buffers.filled[c]);
    }
    const std::span<Out> result(static_cast<Out*>(duckdb_vector_get_data(output)), rows);
    (*function)(buffers.arguments, result);
    MarkNulls(result, output);
  }
};

template <class Value>
constexpr duckdb_type kTypeOf = DUCKDB_TYPE_DOUBLE;
template <>
constexpr duckdb_type kTypeOf<uint16_t> = DUCKDB_TYPE_USMALLINT;
template <>
constexpr duckdb_type kTypeOf<std::string_view> = DUCKDB_TYPE_VARCHAR;

enum class CalledFor { kEachRowOnce, kDistinctValues };

template <class In, class Out>
Status Register(duckdb_connection connection, const std::string& name, size_t arguments, CalledFor called_for,
                Function<In, Out> function) {
  const OwnedType argument(duckdb_create_logical_type(kTypeOf<In>));
  const OwnedType result(duckdb_create_logical_type(kTypeOf<Out>));
  duckdb_scalar_function made = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(made, name.c_str());
  for (size_t i = 0; i < arguments; ++i) duckdb_scalar_function_add_parameter(made, argument.handle);
  duckdb_scalar_function_set_return_type(made, result.handle);
  duckdb_scalar_function_set_special_handling(made);  // nulls are ours to see
  if (called_for == CalledFor::kEachRowOnce)
    duckdb_scalar_function_set_volatile(made);  // or one call would do for equal rows
  duckdb_scalar_function_set_extra_info(made, std::make_unique<Function<In, Out>>(std::move(function)).release(),
                                        Call<In, Out>::Destroy);
  duckdb_scalar_function_set_function(made, Call<In, Out>::Run);
  const duckdb_state registered = duckdb_register_scalar_function(connection, made);
  duckdb_destroy_scalar_function(&made);
  if (registered != DuckDBSuccess) return Error(Code::kInternal, "cannot register the function " + name);
  return {};
}

template <class In, class Out>
Status RegisterOfColumn(duckdb_connection connection, const std::string& name, ColumnFunction<In, Out> function) {
  return Register<In, Out>(connection, name, 1, CalledFor::kDistinctValues,
                           [function = std::move(function)](std::span<const std::span<const In>> arguments,
                                                            std::span<Out> result) { function(arguments[0], result); });
}

}  // namespace

Status RegisterFunction(duckdb_connection connection, const std::string& name, size_t arguments,
                        NumberFunction function) {
  return Register<double, double>(connection, name, arguments, CalledFor::kEachRowOnce, std::move(function));
}

Status RegisterFunction(duckdb_connection connection, const std::string& name, size_t arguments,
                        CodeFunction function) {
  return Register<uint16_t, double>(connection, name, arguments, CalledFor::kEachRowOnce, std::move(function));
}

Status RegisterFunction(duckdb_connection connection, const std::string& name, NumberMap function) {
  return RegisterOfColumn(connection, name, std::move(function));
}

Status RegisterFunction(duckdb_connection connection, const std::string& name, NumberCoder function) {
  return RegisterOfColumn(connection, name, std::move(function));
}

Status RegisterFunction(duckdb_connection connection, const std::string& name, TextCoder function) {
  return RegisterOfColumn(connection, name, std::move(function));
}

}  // namespace vigia::columnar
