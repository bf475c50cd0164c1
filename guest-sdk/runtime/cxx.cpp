// What every C++ guest needs of the language runtime, whatever its standard library: operators new and delete over the
// SDK's malloc, and the functions that the compiler calls by itself. Guests may replace the operators.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

extern "C" {
#include "runtime.h"
}

namespace {

// Allocation that calls the new-handler, then gives up with a message: guests have no exceptions by default.
void* allocate(std::size_t size, std::size_t alignment) {
  for (;;) {
    void* block = alignment <= 16 ? std::malloc(size) : ::aligned_alloc(alignment, size);
    if (block != nullptr) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) __zkvm_die("out of memory in operator new");
    handler();
  }
}

}  // namespace

ZKVM_REPLACEABLE void* operator new(std::size_t size) {
  void* block = std::malloc(size);
  return block != nullptr ? block : allocate(size, 1);
}
ZKVM_REPLACEABLE void* operator new[](std::size_t size) { return operator new(size); }
ZKVM_REPLACEABLE void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
ZKVM_REPLACEABLE void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
ZKVM_REPLACEABLE void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
ZKVM_REPLACEABLE void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
ZKVM_REPLACEABLE void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return ::aligned_alloc(static_cast<std::size_t>(alignment), size);
}
ZKVM_REPLACEABLE void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return ::aligned_alloc(static_cast<std::size_t>(alignment), size);
}

ZKVM_REPLACEABLE void operator delete(void* block) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete[](void* block) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete(void* block, std::size_t) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete[](void* block, const std::nothrow_t&) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
ZKVM_REPLACEABLE void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(block);
}
ZKVM_REPLACEABLE void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(block);
}

// The C++ ABI (Itanium, sections 3.3.2 and 3.2.6).
extern "C" {
ZKVM_REPLACEABLE void __cxa_pure_virtual() { __zkvm_die("pure virtual function called"); }
ZKVM_REPLACEABLE void __cxa_deleted_virtual() { __zkvm_die("deleted virtual function called"); }

// Guards of function-local statics, for code compiled with -fthreadsafe-statics: byte 0 says that the object is ready.
ZKVM_REPLACEABLE int __cxa_guard_acquire(std::uint64_t* guard) { return *reinterpret_cast<std::uint8_t*>(guard) == 0; }
ZKVM_REPLACEABLE void __cxa_guard_release(std::uint64_t* guard) { *reinterpret_cast<std::uint8_t*>(guard) = 1; }
ZKVM_REPLACEABLE void __cxa_guard_abort(std::uint64_t*) {}
}
