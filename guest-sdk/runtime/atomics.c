// RV32IM has no atomic instructions; with one thread and no interrupts plain ones are atomic. These are the calls that
// the compiler makes for std::atomic and the __atomic and __sync builtins.

#include <stdbool.h>
#include <string.h>

#include "runtime.h"

// The names are known to the compiler as builtins with generic types, so they are bound by their assembler names.
#define NAMED(NAME, SIZE) __asm__(#NAME #SIZE)

#define ATOMIC_FETCH(OPERATION, SIZE, TYPE, EXPRESSION)                                                  \
  TYPE zkvm_fetch_##OPERATION##SIZE(volatile void* at, TYPE operand, int order)                          \
      NAMED(__atomic_fetch_##OPERATION##_, SIZE);                                                        \
  TYPE zkvm_fetch_##OPERATION##SIZE(volatile void* at, TYPE operand, int order) {                        \
    (void)order;                                                                                         \
    TYPE old = *(volatile TYPE*)at;                                                                      \
    *(volatile TYPE*)at = (TYPE)(EXPRESSION);                                                            \
    return old;                                                                                          \
  }                                                                                                      \
  TYPE zkvm_sync_##OPERATION##SIZE(volatile void* at, TYPE operand) NAMED(__sync_fetch_and_##OPERATION##_, SIZE); \
  TYPE zkvm_sync_##OPERATION##SIZE(volatile void* at, TYPE operand) {                                    \
    return zkvm_fetch_##OPERATION##SIZE(at, operand, 0);                                                 \
  }

#define ATOMIC_TYPE(SIZE, TYPE)                                                                          \
  TYPE zkvm_load##SIZE(const volatile void* at, int order) NAMED(__atomic_load_, SIZE);                  \
  TYPE zkvm_load##SIZE(const volatile void* at, int order) {                                             \
    (void)order;                                                                                         \
    return *(const volatile TYPE*)at;                                                                    \
  }                                                                                                      \
  void zkvm_store##SIZE(volatile void* at, TYPE value, int order) NAMED(__atomic_store_, SIZE);          \
  void zkvm_store##SIZE(volatile void* at, TYPE value, int order) {                                      \
    (void)order;                                                                                         \
    *(volatile TYPE*)at = value;                                                                         \
  }                                                                                                      \
  TYPE zkvm_exchange##SIZE(volatile void* at, TYPE value, int order) NAMED(__atomic_exchange_, SIZE);    \
  TYPE zkvm_exchange##SIZE(volatile void* at, TYPE value, int order) {                                   \
    (void)order;                                                                                         \
    TYPE old = *(volatile TYPE*)at;                                                                      \
    *(volatile TYPE*)at = value;                                                                         \
    return old;                                                                                          \
  }                                                                                                      \
  bool zkvm_compare##SIZE(volatile void* at, void* expected, TYPE desired, bool weak, int success, int failure) \
      NAMED(__atomic_compare_exchange_, SIZE);                                                           \
  bool zkvm_compare##SIZE(volatile void* at, void* expected, TYPE desired, bool weak, int success, int failure) { \
    (void)weak, (void)success, (void)failure;                                                            \
    TYPE old = *(volatile TYPE*)at;                                                                      \
    if (old == *(TYPE*)expected) {                                                                       \
      *(volatile TYPE*)at = desired;                                                                     \
      return true;                                                                                       \
    }                                                                                                    \
    *(TYPE*)expected = old;                                                                              \
    return false;                                                                                        \
  }                                                                                                      \
  TYPE zkvm_sync_compare##SIZE(volatile void* at, TYPE expected, TYPE desired)                           \
      NAMED(__sync_val_compare_and_swap_, SIZE);                                                         \
  TYPE zkvm_sync_compare##SIZE(volatile void* at, TYPE expected, TYPE desired) {                         \
    TYPE old = *(volatile TYPE*)at;                                                                      \
    if (old == expected) *(volatile TYPE*)at = desired;                                                  \
    return old;                                                                                          \
  }                                                                                                      \
  ATOMIC_FETCH(add, SIZE, TYPE, old + operand)                                                           \
  ATOMIC_FETCH(sub, SIZE, TYPE, old - operand)                                                           \
  ATOMIC_FETCH(and, SIZE, TYPE, old& operand)                                                            \
  ATOMIC_FETCH(or, SIZE, TYPE, old | operand)                                                            \
  ATOMIC_FETCH(xor, SIZE, TYPE, old ^ operand)                                                           \
  ATOMIC_FETCH(nand, SIZE, TYPE, ~(old & operand))

ATOMIC_TYPE(1, uint8_t)
ATOMIC_TYPE(2, uint16_t)
ATOMIC_TYPE(4, uint32_t)
ATOMIC_TYPE(8, uint64_t)

// std::atomic_flag.
bool zkvm_test_and_set(volatile void* at, int order) __asm__("__atomic_test_and_set");
bool zkvm_test_and_set(volatile void* at, int order) {
  (void)order;
  bool old = *(volatile bool*)at;
  *(volatile bool*)at = true;
  return old;
}

// Objects of any other size.
void zkvm_load_any(size_t size, const void* at, void* result, int order) __asm__("__atomic_load");
void zkvm_load_any(size_t size, const void* at, void* result, int order) {
  (void)order;
  memcpy(result, at, size);
}

void zkvm_store_any(size_t size, void* at, const void* value, int order) __asm__("__atomic_store");
void zkvm_store_any(size_t size, void* at, const void* value, int order) {
  (void)order;
  memcpy(at, value, size);
}

void zkvm_exchange_any(size_t size, void* at, const void* value, void* result, int order) __asm__("__atomic_exchange");
void zkvm_exchange_any(size_t size, void* at, const void* value, void* result, int order) {
  (void)order;
  memcpy(result, at, size);
  memcpy(at, value, size);
}

bool zkvm_compare_any(size_t size, void* at, void* expected, const void* desired, int success, int failure)
    __asm__("__atomic_compare_exchange");
bool zkvm_compare_any(size_t size, void* at, void* expected, const void* desired, int success, int failure) {
  (void)success, (void)failure;
  if (memcmp(at, expected, size) == 0) {
    memcpy(at, desired, size);
    return true;
  }
  memcpy(expected, at, size);
  return false;
}

bool zkvm_is_lock_free(size_t size, const volatile void* at) __asm__("__atomic_is_lock_free");
bool zkvm_is_lock_free(size_t size, const volatile void* at) {
  (void)size, (void)at;
  return true;
}
