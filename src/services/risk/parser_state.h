// The inside of PredictParser, for the files that implement it: the one header that names simdjson.
#pragma once

#include <simdjson.h>

#include <string>

#include "risk/request_parser.h"

namespace vigia::risk {

namespace dom = simdjson::dom;

struct PredictParser::State {
  dom::parser parser;
  std::string clean;   // the body without NaN literals, and padding
  RowBuilder builder;  // of protocols whose instances are objects

  Result<dom::element> ParseJsonText(std::string_view body);
  Status ReadInstance(dom::element element);
  Status ReadList(dom::array instances);  // of objects, at least one
};

Cell CellOf(dom::element value);

}  // namespace vigia::risk
