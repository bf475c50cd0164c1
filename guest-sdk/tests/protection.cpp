// Does what the input's first byte asks for. All of it is wrong on any machine; here it must trap, or do no harm.
#include <cstdint>
#include <cstdlib>

#include "zkvm/guest.hpp"

extern const std::uint32_t constants[2] = {1, 2};

namespace {

// `blocks` of 1,000 bytes and more of stack.
__attribute__((noinline)) int recurse(int blocks) {
  volatile char block[1000];
  block[0] = static_cast<char>(blocks);
  return blocks == 0 ? 0 : recurse(blocks - 1) + block[0];
}

template <class T>
void store(T* p, T value) {
  *const_cast<volatile T*>(p) = value;
}

}  // namespace

int main() {
  const auto input = zkvm::input();
  // The heap's end, so that a stack that grows into it is noticed.
  auto* last = static_cast<volatile std::uint32_t*>(std::malloc(4));
  *last = 77;
  switch (input.empty() ? 0 : input[0]) {
    case 's':  // 20 MB of stack
      zkvm::commit_value(static_cast<std::uint32_t>(recurse(20'000)));
      break;
    case 'd':  // 10 MB
      zkvm::commit_value(static_cast<std::uint32_t>(recurse(10'000)));
      break;
    case 'c':
      store(const_cast<std::uint32_t*>(&constants[1]), std::uint32_t{7});
      break;
    case 'x':
      store(reinterpret_cast<std::uint32_t*>(reinterpret_cast<std::uintptr_t>(&recurse) & ~std::uintptr_t{3}),
            std::uint32_t{0x13});
      break;
    case 'i':
      store(const_cast<std::uint8_t*>(input.data()), std::uint8_t{1});
      break;
    case 'e':  // the word behind the end
      zkvm::commit_value(static_cast<std::uint32_t>(*static_cast<const volatile std::uint8_t*>(input.data() + 4)));
      break;
    case 'p': {
      register std::uint32_t a0 asm("a0") = 0, a1 asm("a1") = 4, a7 asm("a7") = 2;
      asm volatile("ecall" : : "r"(a0), "r"(a1), "r"(a7) : "memory");
      break;
    }
  }
  return *last == 77 && constants[1] == 2 ? 0 : 1;
}
