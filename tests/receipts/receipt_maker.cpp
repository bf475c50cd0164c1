#include "tests/receipts/receipt_maker.hpp"

#include <stdexcept>

#include "tests/support/small_guests.hpp"
#include "vm/elf/load.hpp"

namespace zkvm::tests {

vm::Receipt make_receipt(double security_bits, uint64_t shard_cycles) {
  const auto program = vm::load_elf(counting_guest().build());
  if (!program) throw std::runtime_error(program.error().message);
  vm::ProveOptions options;
  options.security_bits = security_bits;
  options.shard_cycles = shard_cycles;
  const std::vector<uint8_t> input(COUNTING_INPUT.begin(), COUNTING_INPUT.end());
  auto outcome = vm::prove_program(program.value(), input, options);
  if (!outcome) throw std::runtime_error(outcome.error().message);
  return std::move(outcome->receipt);
}

}  // namespace zkvm::tests
