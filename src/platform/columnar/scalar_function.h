// Functions of ours in the database's queries. Internal to this module.
#pragma once

#include <string>

#include "base/result.h"
#include "columnar/database.h"
#include "columnar/duck.h"

namespace vigia::columnar {

Status RegisterFunction(duckdb_connection connection, const std::string& name, size_t arguments,
                        NumberFunction function);
Status RegisterFunction(duckdb_connection connection, const std::string& name, size_t arguments, CodeFunction function);
Status RegisterFunction(duckdb_connection connection, const std::string& name, NumberMap function);
Status RegisterFunction(duckdb_connection connection, const std::string& name, NumberCoder function);
Status RegisterFunction(duckdb_connection connection, const std::string& name, TextCoder function);

}  // namespace vigia::columnar
