// C++ helpers over zkvm/io.h. Values travel as their bytes in memory (little-endian, as on every supported host), so use
// types of fixed width without padding where the native build must agree with the guest.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <type_traits>

#include "zkvm/io.h"

namespace zkvm {

// Exit code of a guest whose input is too short for what it reads (EX_DATAERR of sysexits.h).
inline constexpr int EXIT_BAD_INPUT = 65;

// Ends the run: atexit handlers and destructors of static objects run, then the machine halts with `code`. A proof of a
// run with a code other than 0 says that the guest failed.
[[noreturn]] inline void exit(int code) { std::exit(code); }

// Prints "input: expected EXPECTED UNIT, found FOUND" to stderr and ends the run with EXIT_BAD_INPUT. Without printf, which
// would add 10 KB to a guest.
[[noreturn]] inline void reject_input(std::size_t expected, const char* unit, std::size_t found) {
  const auto put_number = [](std::size_t value) {
    char digits[24];
    char* first = digits + sizeof digits - 1;
    *first = 0;
    do *--first = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    std::fputs(first, stderr);
  };
  std::fputs("input: expected ", stderr);
  put_number(expected);
  std::fputs(unit, stderr);
  std::fputs(", found ", stderr);
  put_number(found);
  std::fputs("\n", stderr);
  zkvm::exit(EXIT_BAD_INPUT);
}

// The private input. No copy; valid for the whole run.
inline std::span<const std::uint8_t> input() {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  read_input(&data, &size);
  return {size == 0 ? nullptr : data, size};
}

// Reads the private input from front to back. Reading past the end prints what was expected to stderr and ends the run
// with EXIT_BAD_INPUT.
class Reader {
 public:
  Reader() : rest_(input()) {}
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::size_t remaining() const { return rest_.size(); }

  // The next `size` bytes, in place.
  std::span<const std::uint8_t> bytes(std::size_t size) {
    if (size > rest_.size()) reject_input(size, " more bytes", rest_.size());
    const auto front = rest_.first(size);
    rest_ = rest_.subspan(size);
    return front;
  }

  // The next sizeof(T) bytes as a T; any alignment.
  template <class T>
  T read() {
    static_assert(std::is_trivially_copyable_v<T>, "only types that are plain bytes can be read");
    T value;
    std::memcpy(&value, bytes(sizeof(T)).data(), sizeof(T));
    return value;
  }

  // Fills `values` from the next values.size_bytes() bytes.
  template <class T, std::size_t N>
  void read(std::span<T, N> values) {
    static_assert(std::is_trivially_copyable_v<T>, "only types that are plain bytes can be read");
    const auto source = bytes(values.size_bytes());
    if (!source.empty()) std::memcpy(values.data(), source.data(), source.size());
  }

 private:
  std::span<const std::uint8_t> rest_;
};

// Appends bytes to the journal.
inline void commit(std::span<const std::uint8_t> bytes) { write_output(bytes.data(), bytes.size()); }

// Appends the bytes of `value` to the journal.
template <class T>
void commit_value(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>, "only types that are plain bytes can be committed");
  write_output(reinterpret_cast<const std::uint8_t*>(&value), sizeof(T));
}

}  // namespace zkvm
