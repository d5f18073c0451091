// What the risk service can be told, apart from where to listen.
#pragma once

#include <cstddef>
#include <optional>

namespace vigia::risk {

// What to do with a feature that the model does not know.
enum class ExtraFeatures { kReject, kIgnore };

struct PredictSettings {
  ExtraFeatures extra_features = ExtraFeatures::kReject;
  size_t max_instances = 1000;
};

}  // namespace vigia::risk
