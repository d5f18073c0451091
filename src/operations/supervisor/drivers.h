// One maker for each manager; MakeDriver (driver.h) chooses among them. Used inside supervisor only.
#pragma once

#include "supervisor/driver.h"

namespace vigia::supervisor {

std::unique_ptr<Driver> MakeVigiaDriver(std::string home, Files& files);
std::unique_ptr<Driver> MakeSystemdDriver(Processes& processes);
std::unique_ptr<Driver> MakeDockerDriver(Processes& processes);
std::unique_ptr<Driver> MakeKubernetesDriver(Processes& processes);

}  // namespace vigia::supervisor
