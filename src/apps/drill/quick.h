// A runbook with short times, so that a drill is over in a minute: the same text otherwise. Only caps:
//   every, for                                       0.5 s
//   after (of verify), cooldown, wait                1 s
//   keep_firing_for                                  nothing
//   window, unless the newest sample is asked for    2 s
//   timeout of verify                                20 s
// When people are called (escalate) stays as it is.
#pragma once

#include <string>

namespace vigia::drill {

std::string QuickRunbook(const std::string& text);

}  // namespace vigia::drill
