// What starting a program takes before and after the fork, for the two ways in which we do it: base/process.h (a
// program that we wait for) and supervisor/launch.h (a service that outlives us). Nobody else needs this header.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace vigia::child {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
Result<Pipe> MakePipe();  // closed by an exec

// The file that a name without a slash means in PATH. kNotFound: none.
Result<std::string> FindProgram(const std::string& name);

// NAME=VALUE of ours, with `added` on top.
std::vector<std::string> Environment(const std::vector<std::pair<std::string, std::string>>& added);

// As exec wants them: ending with null. The texts outlive the pointers.
std::vector<char*> Pointers(std::vector<std::string>& texts);

// Why a program did not start, from an errno: kNotFound, kPermissionDenied, kResourceExhausted.
Error StartError(const std::string& program, int error);

}  // namespace vigia::child
