#include "precompiles/execute.hpp"

#include "precompiles/sha256/execute.hpp"

namespace zkvm::precompiles {

const char* name_of(uint32_t number) {
  switch (number) {
    case ZKVM_ECALL_NN:
      return "layer";
    case ZKVM_ECALL_SHA256:
      return "SHA-256";
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
    default:
      return std::nullopt;
  }
}

}  // namespace zkvm::precompiles
