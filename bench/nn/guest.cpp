// Runs a list of layer calls on the input; the journal is the last layer's output.
#include <cstdint>

#include "zkvm/ecall.h"
#include "zkvm/guest.hpp"
#include "zkvm/nn/software.hpp"

extern "C" {
struct Call {
  const void* layer;
  const int8_t *input, *second;
  int8_t* output;
};
extern const Call nn_calls[];
extern const uint32_t nn_call_count, nn_input_bytes, nn_output_bytes;
extern const uint8_t* const nn_output;
}

int main() {
  if (zkvm::input().size() != nn_input_bytes) zkvm::reject_input(nn_input_bytes, "bytes", zkvm::input().size());
  for (uint32_t i = 0; i < nn_call_count; ++i) {
    const Call& c = nn_calls[i];
#ifdef ZKVM_NN_SOFTWARE
    zkvm::nn::software::run(c.layer, c.input, c.second, c.output);
#else
    register const void* a0 asm("a0") = c.layer;
    register const void* a1 asm("a1") = c.input;
    register const void* a2 asm("a2") = c.second;
    register void* a3 asm("a3") = c.output;
    register uint32_t a7 asm("a7") = ZKVM_ECALL_NN;
    asm volatile("ecall" : : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
#endif
  }
  zkvm::commit({nn_output, nn_output_bytes});
}
