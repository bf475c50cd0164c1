#pragma once
/// \file
/// From a program to the source files of a guest project.

#include <map>
#include <string>

#include "guest-sdk/compiler/lower.hpp"

namespace zkvm::compiler {

/// What the journal says in plain: first the output, then the SHA-256 of the input; of what is not public SHA-256(salt
/// || bytes). The salt is the 32 bytes of the private input that follow the input tensors, if anything needs it.
struct Disclosure {
  bool input = false, output = true;
  bool salted() const { return !input || !output; }
};

struct GenerateOptions {
  Disclosure disclosure;
  std::string sdk;    ///< folder guest-sdk, for the project's CMakeLists.txt
  std::string model;  ///< model.json: the description that goes into the guest; none if empty
};

/// Path in the project -> contents. `program` has no problems.
std::map<std::string, std::string> generate(const Program& program, const GenerateOptions& options);

/// The names that generated code gives to the records of steps, in order; empty for steps without a record.
std::vector<std::string> record_names(const Program& program);

}  // namespace zkvm::compiler
