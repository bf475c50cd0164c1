#include "precompiles/execute.hpp"

namespace zkvm::precompiles {

unsigned pointers(uint32_t number) { return number == ZKVM_ECALL_NN ? 4 : 0; }

std::optional<CallError> execute(uint32_t number, const nn::Rom& rom, Host& host, const CallEvent& event,
                                 Trace* trace) {
  switch (number) {
    case ZKVM_ECALL_NN:
      return nn::execute(rom, host, event, trace == nullptr ? nullptr : &trace->nn);
    default:
      return std::nullopt;
  }
}

}  // namespace zkvm::precompiles
