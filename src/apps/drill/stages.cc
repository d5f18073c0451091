#include "drill/stages.h"

#include <array>

namespace vigia::drill {
namespace {

constexpr std::array kNames = {"training a home", "starting a control plane", "breaking it", "waiting for the alert",
                               "healing",         "writing the post-mortem"};

}  // namespace

// How long one takes is not known.
void Tell(Progress& progress, Stage stage) { progress.Begin(kNames.at(static_cast<size_t>(stage)), 0); }

}  // namespace vigia::drill
