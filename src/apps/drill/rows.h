// Requests made of the rows that the drill's model was trained on.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace vigia::drill {

// Instances for /predict: of the modelling table (CSV), the columns named by the model's signature.
Result<std::vector<Json>> ReadRows(std::string_view csv, const Json& signature);

// Bodies of `size` instances each, from `rows` in turn; `change` may alter an instance by its number.
using Change = std::function<void(Json& instance, size_t number)>;
std::vector<std::string> Bodies(const std::vector<Json>& rows, size_t count, size_t size, const Change& change = {});

}  // namespace vigia::drill
