// What the files of the runtime share. Nothing here is part of the SDK's interface.
#ifndef ZKVM_RUNTIME_H
#define ZKVM_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "zkvm/ecall.h"

// A guest may bring its own version of any function of the C library: ours step back.
#define ZKVM_REPLACEABLE __attribute__((weak))

// An aligned word of memory that may hold objects of any type.
typedef uint32_t __attribute__((may_alias)) zkvm_word;

static inline void zkvm_print(uint32_t call, const void* data, size_t size) {
  register uint32_t a0 __asm__("a0") = (uint32_t)(uintptr_t)data;
  register uint32_t a1 __asm__("a1") = size;
  register uint32_t a7 __asm__("a7") = call;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a1), "r"(a7) : "memory");
}

static inline void zkvm_emit(uint32_t word) {
  register uint32_t a0 __asm__("a0") = word;
  register uint32_t a7 __asm__("a7") = ZKVM_ECALL_WRITE_JOURNAL_WORD;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a7));
}

// Emits the journal's last, partial word, zero padded, and returns the journal's length in bytes.
uint32_t __zkvm_finish_journal(void);

// Shows what stdout and stderr still hold.
void __zkvm_flush_streams(void);

// Prints "guest: MESSAGE" to stderr and aborts.
__attribute__((noreturn)) void __zkvm_die(const char* message);

#endif
