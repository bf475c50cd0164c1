#pragma once
/// \file
/// Which constraints are needed: checkers pass over those that the environment's ZKVM_OMIT names, "CHIP: label", as if
/// they had been removed. Then some test must fail (tests/campaign.sh mutation).

#include <string>

namespace zkvm::stark {

/// A constraint's name: of a constraint on E, that of all its coordinates.
std::string constraint_name(const std::string& chip, const std::string& label);
bool is_omitted(const std::string& chip, const std::string& label);

}  // namespace zkvm::stark
