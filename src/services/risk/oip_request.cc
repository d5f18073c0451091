// The Open Inference Protocol's infer request, with JSON and binary tensors.
// Source: the protocol's REST specification and its binary tensor data extension.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "risk/parser_state.h"

namespace vigia::risk {

namespace {

constexpr size_t kMaxColumns = 65'536;

Error InvalidInput(std::string message) { return Error(Code::kInvalidArgument, std::move(message)); }
Error WrongInput(std::string_view name, std::string_view what) {
  return InvalidInput(fmt::format("input {} {}", ShownName(name), what));
}

enum class Datatype {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kFp32,
  kFp64,
  kBytes
};
struct DatatypeName {
  std::string_view name;
  Datatype type;
  size_t bytes;  // of an element in binary; 0: each says its own length
};
constexpr std::array<DatatypeName, 13> kDatatypes = {{{"BOOL", Datatype::kBool, 1},
                                                      {"UINT8", Datatype::kUint8, 1},
                                                      {"UINT16", Datatype::kUint16, 2},
                                                      {"UINT32", Datatype::kUint32, 4},
                                                      {"UINT64", Datatype::kUint64, 8},
                                                      {"INT8", Datatype::kInt8, 1},
                                                      {"INT16", Datatype::kInt16, 2},
                                                      {"INT32", Datatype::kInt32, 4},
                                                      {"INT64", Datatype::kInt64, 8},
                                                      {"FP16", Datatype::kFp16, 2},
                                                      {"FP32", Datatype::kFp32, 4},
                                                      {"FP64", Datatype::kFp64, 8},
                                                      {"BYTES", Datatype::kBytes, 0}}};

struct Tensor {
  std::string_view name;
  const DatatypeName* datatype = nullptr;
  size_t rows = 0, columns = 1;
  dom::array data;         // unless binary
  std::string_view bytes;  // if binary
  bool binary = false;

  size_t size() const { return rows * columns; }
};

// IEEE 754 half precision.
double HalfToDouble(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const double sign = (half & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
  return sign * (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25));
}

static_assert(std::endian::native == std::endian::little, "binary tensors are little-endian");

template <typename T>
double Read(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return static_cast<double>(value);
}

double ReadElement(Datatype type, const char* at) {
  switch (type) {
    case Datatype::kBool:
    case Datatype::kUint8: return Read<uint8_t>(at);
    case Datatype::kUint16: return Read<uint16_t>(at);
    case Datatype::kUint32: return Read<uint32_t>(at);
    case Datatype::kUint64: return Read<uint64_t>(at);
    case Datatype::kInt8: return Read<int8_t>(at);
    case Datatype::kInt16: return Read<int16_t>(at);
    case Datatype::kInt32: return Read<int32_t>(at);
    case Datatype::kInt64: return Read<int64_t>(at);
    case Datatype::kFp32: return Read<float>(at);
    case Datatype::kFp64: return Read<double>(at);
    case Datatype::kFp16: {
      uint16_t half = 0;
      std::memcpy(&half, at, sizeof(half));
      return HalfToDouble(half);
    }
    case Datatype::kBytes: break;
  }
  return std::nan("");
}

// How numbers and texts of a tensor are to be taken: a matrix has no types of its own.
enum class Reading { kColumn, kMatrix };

Cell Taken(Cell cell, Reading reading) {
  if (reading == Reading::kMatrix && cell.kind == Cell::Kind::kNumber) cell.kind = Cell::Kind::kOrdinal;
  if (reading == Reading::kMatrix && cell.kind == Cell::Kind::kText) cell.kind = Cell::Kind::kUntyped;
  if (cell.kind == Cell::Kind::kUntyped && cell.text.empty()) return Cell::Missing();
  return cell;
}

// `put(i, cell)` for each element in row-major order.
template <typename Put>
Status EachBinary(const Tensor& tensor, Reading reading, const Put& put) {
  std::string_view rest = tensor.bytes;
  const size_t width = tensor.datatype->bytes;
  if (width > 0 && rest.size() != width * tensor.size()) {
    return WrongInput(tensor.name, "has another number of bytes than its shape asks for");
  }
  for (size_t i = 0; i < tensor.size(); ++i) {
    if (width > 0) {
      TRY(put(i, Taken(Cell::Number(ReadElement(tensor.datatype->type, rest.data())), reading)));
      rest.remove_prefix(width);
      continue;
    }
    uint32_t length = 0;
    if (rest.size() >= sizeof(length)) std::memcpy(&length, rest.data(), sizeof(length));
    if (rest.size() < sizeof(length) || rest.size() - sizeof(length) < length) {
      return WrongInput(tensor.name, "has fewer bytes than its shape and lengths ask for");
    }
    const std::string_view text = rest.substr(sizeof(length), length);
    rest.remove_prefix(sizeof(length) + length);
    // Binary tensors have no null: an empty text is what they have.
    TRY(put(i, text.empty() ? Cell::Missing() : Taken(Cell::Text(text), reading)));
  }
  if (!rest.empty()) return WrongInput(tensor.name, "has more bytes than its shape and lengths ask for");
  return {};
}

// Flat or nested as deep as the shape. `next` counts elements.
template <typename Put>
Status EachJson(const Tensor& tensor, dom::array data, bool may_nest, Reading reading, size_t& next, const Put& put) {
  for (const dom::element element : data) {
    dom::array inner;
    if (may_nest && element.get_array().get(inner) == simdjson::SUCCESS) {
      TRY(EachJson(tensor, inner, false, reading, next, put));
      continue;
    }
    if (next == tensor.size()) return WrongInput(tensor.name, "has more data than its shape asks for");
    bool truth = false;
    const bool is_truth =
        tensor.datatype->type == Datatype::kBool && element.get_bool().get(truth) == simdjson::SUCCESS;
    TRY(put(next++, Taken(is_truth ? Cell::Number(truth ? 1 : 0) : CellOf(element), reading)));
  }
  return {};
}

template <typename Put>
Status Each(const Tensor& tensor, Reading reading, const Put& put) {
  if (tensor.binary) return EachBinary(tensor, reading, put);
  size_t next = 0;
  TRY(EachJson(tensor, tensor.data, true, reading, next, put));
  if (next != tensor.size()) return WrongInput(tensor.name, "has less data than its shape asks for");
  return {};
}

Status ReadShape(dom::element input, const PredictSettings& settings, Tensor& tensor) {
  dom::array shape;
  if (input["shape"].get_array().get(shape) != simdjson::SUCCESS || shape.size() < 1 || shape.size() > 2) {
    return WrongInput(tensor.name, "must have a 'shape' of one or two numbers");
  }
  size_t place = 0;
  for (const dom::element side : shape) {
    uint64_t length = 0;
    if (side.get_uint64().get(length) != simdjson::SUCCESS || length > kMaxColumns) {
      return WrongInput(tensor.name, fmt::format("must have sides of 0 to {} in its 'shape'", kMaxColumns));
    }
    (place++ == 0 ? tensor.rows : tensor.columns) = static_cast<size_t>(length);
  }
  if (tensor.rows == 0 || tensor.columns == 0) return InvalidInput("there are no instances");
  if (tensor.rows > settings.max_instances) {
    return InvalidInput(fmt::format("there are more than {} instances", settings.max_instances));
  }
  return {};
}

// `binary` is what is left of the body's binary part; an input takes its share from the front.
Result<Tensor> ReadTensor(dom::element input, const PredictSettings& settings, std::string_view& binary) {
  Tensor tensor;
  if (input["name"].get_string().get(tensor.name) != simdjson::SUCCESS) return InvalidInput("an input has no name");
  std::string_view type;
  if (input["datatype"].get_string().get(type) == simdjson::SUCCESS) {
    for (const DatatypeName& known : kDatatypes) {
      if (known.name == type) tensor.datatype = &known;
    }
  }
  if (tensor.datatype == nullptr) {
    return WrongInput(tensor.name, "must have a 'datatype' of BOOL, (U)INT8 to 64, FP16 to 64 or BYTES");
  }
  TRY(ReadShape(input, settings, tensor));
  dom::element parameters, parameter;
  if (input["parameters"].get(parameters) == simdjson::SUCCESS) {
    if (parameters["shared_memory_region"].get(parameter) == simdjson::SUCCESS) {
      return WrongInput(tensor.name, "is in shared memory, which this service does not read");
    }
    std::string_view content;
    if (parameters["content_type"].get_string().get(content) == simdjson::SUCCESS &&
        (content == "base64" || content == "datetime")) {
      return WrongInput(tensor.name, "has a content_type that no feature has");
    }
    if (parameters["binary_data_size"].get(parameter) == simdjson::SUCCESS) {
      uint64_t size = 0;
      if (parameter.get_uint64().get(size) != simdjson::SUCCESS || size > binary.size()) {
        return WrongInput(tensor.name, "announces more binary data than there is");
      }
      tensor.binary = true;
      tensor.bytes = binary.substr(0, static_cast<size_t>(size));
      binary.remove_prefix(static_cast<size_t>(size));
    }
  }
  const bool has_data = input["data"].get_array().get(tensor.data) == simdjson::SUCCESS;
  if (has_data == tensor.binary) return WrongInput(tensor.name, "must have either a list 'data' or binary data");
  return tensor;
}

Status PutMatrix(const Tensor& matrix, RowBuilder& builder) {
  const size_t width = builder.model().spec().raw.size();
  if (matrix.columns != width) {
    return WrongInput(matrix.name, fmt::format("is no feature, and no matrix of {} columns", width));
  }
  return Each(matrix, Reading::kMatrix, [&](size_t i, const Cell& cell) -> Status {
    if (i % width == 0) TRY(builder.BeginRow());
    return builder.PutAt(i % width, cell);
  });
}

Status PutColumns(const std::vector<Tensor>& columns, RowBuilder& builder) {
  TRY(builder.BeginRows(columns.front().rows));
  for (const Tensor& column : columns) {
    if (column.rows != builder.count()) {
      return WrongInput(column.name, "has another number of instances than the first input");
    }
    const FeatureName name = TRY(builder.BeginColumn(column.name));
    if (column.columns != 1) return WrongInput(column.name, "must have the shape [n] or [n, 1]");
    TRY(Each(column, Reading::kColumn,
             [&](size_t i, const Cell& cell) { return builder.PutInColumn(i, column.name, name, cell); }));
  }
  return {};
}

Result<bool> BoolOr(dom::element parameters, const char* key, bool otherwise) {
  dom::element value;
  if (parameters[key].get(value) != simdjson::SUCCESS) return otherwise;
  bool truth = false;
  if (value.get_bool().get(truth) != simdjson::SUCCESS) {
    return InvalidInput(fmt::format("the parameter '{}' must be true or false", key));
  }
  return truth;
}

Status ReadOutputs(dom::element root, bool binary, InferRequest& request) {
  dom::array outputs;
  if (root["outputs"].get_array().get(outputs) != simdjson::SUCCESS || outputs.size() == 0) {
    request.outputs.push_back({"risk_score", InferRequest::Output::kScore, binary});
    request.outputs.push_back({"risk_label", InferRequest::Output::kLabel, binary});
    return {};
  }
  if (outputs.size() > 4) return InvalidInput("there are more outputs than this model has");
  for (const dom::element wanted : outputs) {
    std::string_view name;
    if (wanted["name"].get_string().get(name) != simdjson::SUCCESS) return InvalidInput("an output has no name");
    const std::optional<InferRequest::Output> output = InferRequest::OutputNamed(name);
    if (!output) return InvalidInput(fmt::format("output {} is not one of the model's", ShownName(name)));
    bool in_binary = binary;
    dom::element parameters, parameter;
    if (wanted["parameters"].get(parameters) == simdjson::SUCCESS) {
      in_binary = TRY(BoolOr(parameters, "binary_data", binary));
      for (const char* refused : {"classification", "shared_memory_region"}) {
        if (parameters[refused].get(parameter) != simdjson::SUCCESS) continue;
        return InvalidInput(fmt::format("the output parameter '{}' is not known here", refused));
      }
    }
    request.outputs.push_back({std::string(name), *output, in_binary});
  }
  return {};
}

Status ReadRequest(dom::element root, InferRequest& request) {
  request = {};
  if (!root.is_object()) return InvalidInput("the body must be an object with a list 'inputs'");
  std::string_view text;
  if (root["id"].get_string().get(text) == simdjson::SUCCESS) {
    request.has_id = true;
    request.id = text;
  }
  bool binary = false;
  dom::element parameters;
  if (root["parameters"].get(parameters) == simdjson::SUCCESS) {
    binary = TRY(BoolOr(parameters, "binary_data_output", false));
    request.as_table = parameters["content_type"].get_string().get(text) == simdjson::SUCCESS && text == "pd";
  }
  return ReadOutputs(root, binary, request);
}

}  // namespace

std::optional<InferRequest::Output> InferRequest::OutputNamed(std::string_view name) {
  if (name == "risk_score") return Output::kScore;
  if (name == "risk_label" || name == "predict") return Output::kLabel;
  if (name == "predict_proba") return Output::kProbabilities;
  return std::nullopt;
}

Status PredictParser::ParseInfer(std::string_view body, std::optional<size_t> json_size, const ServedModel& model,
                                 const PredictSettings& settings, Rows& rows, InferRequest& request) {
  RowBuilder& builder = state_->builder;
  builder.Begin(model, settings, rows);
  const size_t size = json_size.value_or(body.size());
  if (size > body.size()) return InvalidInput("Inference-Header-Content-Length is longer than the body");
  std::string_view binary = body.substr(size);
  const dom::element root = TRY(state_->ParseJsonText(body.substr(0, size)));
  TRY(ReadRequest(root, request));
  dom::array inputs;
  if (root["inputs"].get_array().get(inputs) != simdjson::SUCCESS || inputs.size() == 0) {
    return InvalidInput("the body must have a list 'inputs'");
  }
  std::vector<Tensor> tensors;
  for (const dom::element input : inputs) tensors.push_back(TRY(ReadTensor(input, settings, binary)));
  if (!binary.empty()) return InvalidInput("there is more binary data than the inputs announce");
  const bool matrix = tensors.size() == 1 && model.Resolve(tensors[0].name).kind == FeatureName::Kind::kUnknown;
  return matrix ? PutMatrix(tensors[0], builder) : PutColumns(tensors, builder);
}

}  // namespace vigia::risk
