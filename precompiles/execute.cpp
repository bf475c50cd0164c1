#include "precompiles/execute.hpp"

#include "precompiles/keccak/execute.hpp"
#include "precompiles/sha256/execute.hpp"

namespace zkvm::precompiles {

const char* name_of(uint32_t number) {
  switch (number) {
    case ZKVM_ECALL_NN:
      return "layer";
    case ZKVM_ECALL_SHA256:
      return "SHA-256";
    case ZKVM_ECALL_KECCAK:
      return "Keccak";
    default:
      return "";
  }
}

unsigned pointers(uint32_t number) {
  switch (number) {
    case ZKVM_ECALL_NN:
      return 4;
    case ZKVM_ECALL_SHA256:
      return 2;
    case ZKVM_ECALL_KECCAK:
      return 1;
    default:
      return 0;
  }
}

std::optional<CallError> execute(uint32_t number, const nn::Rom& rom, Host& host, const CallEvent& event,
                                 Trace* trace) {
  switch (number) {
    case ZKVM_ECALL_NN:
      return nn::execute(rom, host, event, trace == nullptr ? nullptr : &trace->nn);
    case ZKVM_ECALL_SHA256:
      return sha256::execute_sha256(host, event, trace == nullptr ? nullptr : &trace->sha256);
    case ZKVM_ECALL_KECCAK:
      return keccak::execute_keccak(host, event, trace == nullptr ? nullptr : &trace->keccak);
    default:
      return std::nullopt;
  }
}

}  // namespace zkvm::precompiles
