#include "stark/debug/omitted.hpp"

#include <cstdlib>

namespace zkvm::stark {

std::string constraint_name(const std::string& chip, const std::string& label) {
  return chip + ": " + label.substr(0, label.find('['));
}

bool is_omitted(const std::string& chip, const std::string& label) {
  static const char* const OMITTED = std::getenv("ZKVM_OMIT");
  return OMITTED != nullptr && constraint_name(chip, label) == OMITTED;
}

}  // namespace zkvm::stark
