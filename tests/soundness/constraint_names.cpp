// Lists the constraints of all chips, each by its name ("CHIP: label"), for tests/campaign.sh mutation.
#include <cstdio>
#include <set>
#include <string>

#include "stark/debug/omitted.hpp"
#include "vm/receipt/receipt.hpp"

int main() {
  std::set<std::string> seen;
  for (const auto& chip : zkvm::vm::machine_description().chips)
    for (unsigned k = 0; k < chip.air.constraints(); ++k) {
      const std::string name = zkvm::stark::constraint_name(chip.air.name(), chip.air.constraint_label(k));
      if (seen.insert(name).second) std::printf("%s\n", name.c_str());
    }
}
