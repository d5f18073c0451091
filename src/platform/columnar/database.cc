#include "columnar/database.h"

#include <fcntl.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/files.h"
#include "base/unique_fd.h"
#include "columnar/duck.h"
#include "columnar/scalar_function.h"

namespace vigia::columnar {

struct Database::Handle {
  duckdb_database database = nullptr;
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { duckdb_close(&database); }
};

struct Rows::State {
  std::unique_ptr<OwnedConnection> connection;
  duckdb_prepared_statement statement = nullptr;
  duckdb_result result{};
  bool has_result = false;
  std::vector<Field> fields;
  std::shared_ptr<const std::vector<Conversion>> conversions;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (has_result) duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&statement);
  }
};

namespace {

Result<std::unique_ptr<OwnedConnection>> Connect(std::shared_ptr<Database::Handle> handle) {
  auto connection = std::make_unique<OwnedConnection>();
  if (duckdb_connect(handle->database, &connection->handle) != DuckDBSuccess) {
    return Error(Code::kInternal, "cannot connect to the in-memory database");
  }
  connection->database = std::move(handle);
  return connection;
}

duckdb_state BindList(duckdb_prepared_statement statement, idx_t index, const std::vector<std::string>& items) {
  std::vector<duckdb_value> values;
  for (const std::string& item : items) values.push_back(duckdb_create_varchar_length(item.data(), item.size()));
  const OwnedType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  duckdb_value list = duckdb_create_list_value(text.handle, values.data(), values.size());
  const duckdb_state state = duckdb_bind_value(statement, index, list);
  duckdb_destroy_value(&list);
  for (duckdb_value& value : values) duckdb_destroy_value(&value);
  return state;
}

duckdb_state Bind(duckdb_prepared_statement statement, idx_t index, const Value& value) {
  struct Visitor {
    duckdb_prepared_statement statement;
    idx_t index;
    duckdb_state operator()(std::monostate) const { return duckdb_bind_null(statement, index); }
    duckdb_state operator()(bool v) const { return duckdb_bind_boolean(statement, index, v); }
    duckdb_state operator()(int64_t v) const { return duckdb_bind_int64(statement, index, v); }
    duckdb_state operator()(double v) const { return duckdb_bind_double(statement, index, v); }
    duckdb_state operator()(const std::string& v) const {
      return duckdb_bind_varchar_length(statement, index, v.data(), v.size());
    }
    duckdb_state operator()(WallTime v) const {
      return duckdb_bind_timestamp(statement, index, duckdb_timestamp{v.time_since_epoch().count()});
    }
    duckdb_state operator()(const std::vector<std::string>& v) const { return BindList(statement, index, v); }
  };
  return std::visit(Visitor{statement, index}, value);
}

Status Prepare(Rows::State& state, const std::string& sql, const std::vector<Value>& parameters) {
  if (duckdb_prepare(state.connection->handle, sql.c_str(), &state.statement) != DuckDBSuccess) {
    return FromDuck(DUCKDB_ERROR_BINDER, duckdb_prepare_error(state.statement));
  }
  if (duckdb_nparams(state.statement) != parameters.size()) {
    return Error(Code::kInvalidArgument, "the query takes " + std::to_string(duckdb_nparams(state.statement)) +
                                             " parameters, not " + std::to_string(parameters.size()));
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (Bind(state.statement, i + 1, parameters[i]) != DuckDBSuccess) {
      return Error(Code::kInvalidArgument, "parameter " + std::to_string(i + 1) + " does not fit the query");
    }
  }
  return {};
}

Status Describe(Rows::State& state) {
  auto conversions = std::make_shared<std::vector<Conversion>>();
  for (idx_t c = 0; c < duckdb_column_count(&state.result); ++c) {
    const std::string name = duckdb_column_name(&state.result, c);
    const OwnedType type(duckdb_column_logical_type(&state.result, c));
    conversions->push_back(TRY(ConversionOf(type.handle, name)));
    state.fields.push_back(Field{name, conversions->back().type});
  }
  state.conversions = std::move(conversions);
  return {};
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted.push_back(c);
    if (c == '\'') quoted.push_back(c);
  }
  return quoted + "'";
}

std::string CopyOptions(FileFormat format, const FileMetadata& metadata,
                        Compression compression = Compression::kSmall) {
  if (format == FileFormat::kCsv) return "(FORMAT csv, HEADER true, COMPRESSION none, USE_TMP_FILE false)";
  std::string options = "(FORMAT parquet, USE_TMP_FILE false, COMPRESSION ";
  options += compression == Compression::kFast ? "snappy" : "zstd";
  for (size_t i = 0; i < metadata.size(); ++i) {
    options += i == 0 ? ", KV_METADATA {" : ", ";
    options += QuoteText(metadata[i].first) + ": " + QuoteText(metadata[i].second);
  }
  return options + (metadata.empty() ? ")" : "})");
}

Error SystemFailure(const std::string& path) {
  const int cause = errno;
  const Code code = cause == ENOSPC || cause == EDQUOT ? Code::kResourceExhausted
                    : cause == ENOENT                  ? Code::kNotFound
                                                       : Code::kPermissionDenied;
  return Error(code, path + ": " + std::strerror(cause));
}

// Runs `write` on a path beside the wanted one, then makes what it wrote durable and visible at once.
template <typename Write>
Status WriteAside(const std::string& path, const Write& write) {
  static std::atomic<uint64_t> counter{0};
  const std::string aside = path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  const Status done = [&]() -> Status {
    {
      const UniqueFd fd(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
      if (!fd.valid()) return SystemFailure(path);
    }
    TRY_CONTEXT(write(aside), path);
    const UniqueFd fd(::open(aside.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0) return SystemFailure(path);
    if (std::rename(aside.c_str(), path.c_str()) != 0) return SystemFailure(path);
    const UniqueFd folder(::open(ParentPath(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid() || ::fsync(folder.get()) != 0) return SystemFailure(path);
    return {};
  }();
  if (!done.ok()) ::unlink(aside.c_str());
  return done;
}

// The table function that a COPY reads batches from. One scan, one thread.
struct BatchScan {
  const std::vector<Field>& fields;
  const FrameSource& source;
  std::optional<Frame> batch;
  size_t next_row = 0;
  std::optional<Error> error;

  static void Bind(duckdb_bind_info info) {
    const auto* scan = static_cast<const BatchScan*>(duckdb_bind_get_extra_info(info));
    for (const Field& field : scan->fields) {
      const OwnedType type(duckdb_create_logical_type(DuckType(field.type)));
      duckdb_bind_add_result_column(info, field.name.c_str(), type.handle);
    }
  }
  static void Init(duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); }
  static void Scan(duckdb_function_info info, duckdb_data_chunk output) {
    auto* scan = static_cast<BatchScan*>(duckdb_function_get_extra_info(info));
    if (const Status filled = scan->Fill(output); !filled.ok()) {
      scan->error = filled.error();
      duckdb_function_set_error(info, "the batches ended in an error");
    }
  }

  Status Fill(duckdb_data_chunk output) {
    while (!batch || next_row == batch->rows()) {
      batch = TRY(source());
      next_row = 0;
      if (!batch) {
        duckdb_data_chunk_set_size(output, 0);
        return {};
      }
      TRY(CheckBatch());
    }
    const size_t count = std::min<size_t>(duckdb_vector_size(), batch->rows() - next_row);
    FillChunk(*batch, next_row, count, output);
    next_row += count;
    return {};
  }

  Status CheckBatch() const {
    bool fits = batch->columns.size() == fields.size();
    for (size_t c = 0; fits && c < fields.size(); ++c) {
      fits = batch->columns[c].type == fields[c].type && batch->columns[c].size() == batch->rows();
    }
    if (fits) return {};
    return Error(Code::kInvalidArgument, "a batch does not have the announced columns");
  }
};

Status RunSql(duckdb_connection connection, const std::string& sql) {
  duckdb_result result{};
  const duckdb_state state = duckdb_query(connection, sql.c_str(), &result);
  Status done;
  if (state != DuckDBSuccess) done = FromDuck(duckdb_result_error_type(&result), duckdb_result_error(&result));
  duckdb_destroy_result(&result);
  return done;
}

Status RegisterScan(duckdb_connection connection, const std::string& name, BatchScan& scan) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, name.c_str());
  duckdb_table_function_set_extra_info(function, &scan, nullptr);
  duckdb_table_function_set_bind(function, BatchScan::Bind);
  duckdb_table_function_set_init(function, BatchScan::Init);
  duckdb_table_function_set_function(function, BatchScan::Scan);
  const duckdb_state registered = duckdb_register_table_function(connection, function);
  duckdb_destroy_table_function(&function);
  if (registered != DuckDBSuccess) return Error(Code::kInternal, "cannot register the batches with the database");
  return {};
}

std::string UniqueName() {
  static std::atomic<uint64_t> counter{0};
  return "vigia_batches_" + std::to_string(counter++);
}

}  // namespace

std::string LiteralPath(std::string_view path) {
  std::string literal;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      literal += '[';
      literal += c;
      literal += ']';
    } else {
      literal += c;
    }
  }
  return literal;
}

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    quoted.push_back(c);
    if (c == '"') quoted.push_back(c);
  }
  return quoted + "\"";
}

Result<Database> Database::Open(const DatabaseSettings& settings) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) != DuckDBSuccess) return Error(Code::kInternal, "cannot configure the database");
  const std::pair<const char*, std::string> options[] = {
      {"threads", std::to_string(std::max(1U, settings.threads))},
      {"memory_limit", std::to_string(settings.memory_limit_bytes) + "B"},
      {"temp_directory", settings.temp_folder},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"enable_external_file_cache", "false"},
  };
  for (const auto& [name, value] : options) {
    if (duckdb_set_config(config, name, value.c_str()) != DuckDBSuccess) {
      duckdb_destroy_config(&config);
      return Error(Code::kInvalidArgument, std::string("the database refuses the setting ") + name);
    }
  }
  auto handle = std::make_shared<Handle>();
  char* message = nullptr;
  const duckdb_state opened = duckdb_open_ext(nullptr, &handle->database, config, &message);
  duckdb_destroy_config(&config);
  if (opened != DuckDBSuccess) {
    const Error error = FromDuck(DUCKDB_ERROR_INTERNAL, message);
    duckdb_free(message);
    return error;
  }
  const auto connection = TRY(Connect(handle));
  TRY(RunSql(connection->handle, "SET lock_configuration = true"));
  return Database(std::move(handle));
}

Result<Rows> Database::Query(const std::string& sql, const std::vector<Value>& parameters) const {
  auto state = std::make_unique<Rows::State>();
  state->connection = TRY(Connect(handle_));
  TRY(Prepare(*state, sql, parameters));
  state->has_result = true;
  if (duckdb_execute_prepared_streaming(state->statement, &state->result) != DuckDBSuccess) {
    return FromDuck(duckdb_result_error_type(&state->result), duckdb_result_error(&state->result));
  }
  TRY(Describe(*state));
  return Rows(std::move(state));
}

Status Database::Execute(const std::string& sql, const std::vector<Value>& parameters) const {
  Rows rows = TRY(Query(sql, parameters));
  while (TRY(rows.Next()).has_value()) {
  }
  return {};
}

Status Database::AddTable(const std::string& name, const Frame& frame) const {
  std::vector<Field> fields;
  for (const Column& column : frame.columns) fields.push_back(Field{column.name, column.type});
  bool given = false;
  const FrameSource once = [&]() -> Result<std::optional<Frame>> {
    if (std::exchange(given, true)) return std::optional<Frame>();
    return std::optional<Frame>(frame);
  };
  const auto connection = TRY(Connect(handle_));
  BatchScan scan{fields, once, {}, 0, {}};
  const std::string function = UniqueName();
  TRY(RegisterScan(connection->handle, function, scan));
  return RunSql(connection->handle, "CREATE TABLE " + QuoteName(name) + " AS SELECT * FROM " + function + "()");
}

Status Database::AddFunction(const std::string& name, size_t arguments, NumberFunction function) const {
  return RegisterFunction(TRY(Connect(handle_))->handle, name, arguments, std::move(function));
}

Status Database::AddFunction(const std::string& name, size_t arguments, CodeFunction function) const {
  return RegisterFunction(TRY(Connect(handle_))->handle, name, arguments, std::move(function));
}

Status Database::AddFunction(const std::string& name, NumberMap function) const {
  return RegisterFunction(TRY(Connect(handle_))->handle, name, std::move(function));
}

Status Database::AddFunction(const std::string& name, NumberCoder function) const {
  return RegisterFunction(TRY(Connect(handle_))->handle, name, std::move(function));
}

Status Database::AddFunction(const std::string& name, TextCoder function) const {
  return RegisterFunction(TRY(Connect(handle_))->handle, name, std::move(function));
}

Status Database::WriteQuery(const std::string& sql, const std::vector<Value>& parameters, const std::string& path,
                            FileFormat format, const FileMetadata& metadata, Compression compression) const {
  return WriteAside(path, [&](const std::string& aside) {
    return Execute("COPY (" + sql + ") TO " + QuoteText(aside) + " " + CopyOptions(format, metadata, compression),
                   parameters);
  });
}

Status Database::WriteBatchesInto(const std::vector<Field>& fields, const FrameSource& source, const std::string& path,
                                  FileFormat format, const FileMetadata& metadata) const {
  if (fields.empty()) return Error(Code::kInvalidArgument, "a file needs at least one column");
  const auto connection = TRY(Connect(handle_));
  BatchScan scan{fields, source, {}, 0, {}};
  const std::string function = UniqueName();
  TRY(RegisterScan(connection->handle, function, scan));
  const Status copied = RunSql(connection->handle, "COPY (SELECT * FROM " + function + "()) TO " + QuoteText(path) +
                                                       " " + CopyOptions(format, metadata));
  if (scan.error) return *scan.error;
  return copied;
}

Status Database::WriteBatches(const std::vector<Field>& fields, const FrameSource& source, const std::string& path,
                              FileFormat format, const FileMetadata& metadata) const {
  return WriteAside(
      path, [&](const std::string& aside) { return WriteBatchesInto(fields, source, aside, format, metadata); });
}

Rows::Rows(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

const std::vector<Field>& Rows::fields() const { return state_->fields; }

Result<std::optional<Chunk>> Rows::Next() {
  while (true) {
    duckdb_data_chunk chunk = duckdb_fetch_chunk(state_->result);
    if (chunk == nullptr) {
      const char* message = duckdb_result_error(&state_->result);
      if (message != nullptr && *message != '\0') {
        return FromDuck(duckdb_result_error_type(&state_->result), message);
      }
      return std::optional<Chunk>();
    }
    auto vectors = std::make_unique<Chunk::Vectors>(chunk, state_->conversions);
    if (vectors->rows > 0) return std::optional<Chunk>(Chunk(std::move(vectors)));
  }
}

Result<Frame> Rows::ReadAll() {
  Frame frame;
  for (const Field& field : fields()) {
    if (frame.Find(field.name) != nullptr) {
      return Error(Code::kInvalidArgument, "two columns are named '" + field.name + "'");
    }
    frame.Add(field.name, field.type);
  }
  while (true) {
    const std::optional<Chunk> chunk = TRY(Next());
    if (!chunk) return frame;
    chunk->AppendTo(frame);
  }
}

}  // namespace vigia::columnar
