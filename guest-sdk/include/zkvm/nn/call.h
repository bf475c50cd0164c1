#pragma once
/// \file
/// The call of the neural-network precompile, for C and C++. On the machine only: guests that are compiled with
/// ZKVM_NN_SOFTWARE and native programs use zkvm/nn/software.hpp.

#include "record.h"

#if defined(__riscv) && !defined(ZKVM_NN_SOFTWARE)
/* Runs the layer `record`, which is in section .zkvm.rom. `in2` is NULL for layers with one input. A pointer that is no
 * multiple of 4, a tensor that is not in memory or an unknown record ends the run with a trap. */
static inline void zkvm_nn_call(const void* record, const int8_t* in, const int8_t* in2, int8_t* out) {
  register uintptr_t a0 __asm__("a0") = (uintptr_t)record;
  register uintptr_t a1 __asm__("a1") = (uintptr_t)in;
  register uintptr_t a2 __asm__("a2") = (uintptr_t)in2;
  register uintptr_t a3 __asm__("a3") = (uintptr_t)out;
  register uintptr_t a7 __asm__("a7") = ZKVM_ECALL_NN;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
}
#endif
