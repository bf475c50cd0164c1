#include "precompiles/rows.hpp"

#include "precompiles/keccak/columns.hpp"
#include "precompiles/keccak/trace.hpp"
#include "precompiles/registry.hpp"
#include "precompiles/sha256/columns.hpp"
#include "precompiles/sha256/trace.hpp"

namespace zkvm::precompiles {

uint32_t number_of(size_t chip) {
  switch (chip) {
    case ChipId::SHA256_CALL:
    case ChipId::SHA256_ROUNDS:
      return ZKVM_ECALL_SHA256;
    case ChipId::KECCAK_CALL:
    case ChipId::KECCAK_MEMORY:
    case ChipId::KECCAK_ROUNDS:
      return ZKVM_ECALL_KECCAK;
    default:
      return 0;
  }
}

size_t rows_per_call(size_t chip) {
  switch (chip) {
    case ChipId::SHA256_CALL:
    case ChipId::KECCAK_CALL:
      return 1;
    case ChipId::KECCAK_MEMORY:
      return keccak::KECCAK_MEMORY_ROWS_PER_CALL;
    case ChipId::KECCAK_ROUNDS:
      return keccak::KECCAK_ROUNDS_ROWS_PER_CALL;
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
    case ChipId::KECCAK_CALL:
    case ChipId::KECCAK_MEMORY:
    case ChipId::KECCAK_ROUNDS:
      return trace.keccak.events.size() * rows_per_call(chip);
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
    case ChipId::KECCAK_CALL:
      keccak::fill_keccak_call(program, trace.keccak, begin, end, out, counts);
      break;
    case ChipId::KECCAK_MEMORY:
      keccak::fill_keccak_memory(program, trace.keccak, begin, end, out, counts);
      break;
    case ChipId::KECCAK_ROUNDS:
      keccak::fill_keccak_rounds(program, trace.keccak, begin, end, out, counts);
      break;
    default:
      break;
  }
}

}  // namespace zkvm::precompiles
