// libFuzzer target: any bytes give a Program or an error, and a Program's invariants hold.
#include <cstdlib>

#include "vm/elf/load.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto result = zkvm::vm::load_elf({data, size});
  if (!result.ok()) return 0;
  const zkvm::vm::Program& program = result.value();
  if (program.row_index(program.entry) < 0 || program.rows.size() != program.words.size()) std::abort();
  for (size_t i = 1; i < program.image.size(); ++i) {
    if (program.image[i - 1].addr >= program.image[i].addr) std::abort();
  }
  if (!program.image.empty() && program.image.back().addr >= program.zero_start) std::abort();
  if (program.model.size() > zkvm::vm::MAX_MODEL_BYTES) std::abort();
  (void)program.symbolize(program.entry);
  return 0;
}
