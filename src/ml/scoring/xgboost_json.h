// Reads XGBoost's own JSON: gbtree with binary:logistic or reg:logistic, 1.7's layout and later
// spellings. All trees are used, whatever attributes say of a best iteration.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "scoring/forest.h"

namespace vigia::scoring {

// Safe on any input: cycles, wild indices and wrong lengths are errors that name the field.
Result<Forest> ReadXgboost(const Json& model);

}  // namespace vigia::scoring
