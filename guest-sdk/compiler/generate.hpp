#pragma once
/// \file
/// From a program to the source files of a guest project.

#include <map>
#include <string>

#include "guest-sdk/compiler/info.hpp"
#include "guest-sdk/compiler/lower.hpp"

namespace zkvm::compiler {

struct GenerateOptions {
  Disclosure disclosure;
  std::string sdk;  ///< folder guest-sdk, for the project's CMakeLists.txt
};

/// Path in the project -> contents. `program` has no problems.
std::map<std::string, std::string> generate(const Program& program, const GenerateOptions& options);

/// The names that generated code gives to the records of steps, in order; empty for steps without a record.
std::vector<std::string> record_names(const Program& program);

}  // namespace zkvm::compiler
