#include "precompiles/rows.hpp"

#include "precompiles/registry.hpp"
#include "precompiles/sha256/columns.hpp"
#include "precompiles/sha256/trace.hpp"

namespace zkvm::precompiles {

uint32_t number_of(size_t chip) {
  switch (chip) {
    case ChipId::SHA256_CALL:
    case ChipId::SHA256_ROUNDS:
      return ZKVM_ECALL_SHA256;
    default:
      return 0;
  }
}

size_t rows_per_call(size_t chip) {
  switch (chip) {
    case ChipId::SHA256_CALL:
      return 1;
    case ChipId::SHA256_ROUNDS:
      return sha256::SHA256_ROWS_PER_CALL;
    default:
      return 0;
  }
}

size_t rows_of(size_t chip, const Trace& trace) {
  switch (chip) {
    case ChipId::SHA256_CALL:
    case ChipId::SHA256_ROUNDS:
      return trace.sha256.events.size() * rows_per_call(chip);
    default:
      return 0;
  }
}

void fill_rows_of(size_t chip, const isa::ProgramTable& program, const Trace& trace, size_t begin, size_t end,
                  isa::RowWriter out, isa::LookupCounts& counts) {
  switch (chip) {
    case ChipId::SHA256_CALL:
      sha256::fill_sha256_call(program, trace.sha256, begin, end, out, counts);
      break;
    case ChipId::SHA256_ROUNDS:
      sha256::fill_sha256_rounds(program, trace.sha256, begin, end, out, counts);
      break;
    default:
      break;
  }
}

}  // namespace zkvm::precompiles
