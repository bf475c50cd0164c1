// C++ helpers over zkvm/io.h. Values travel as their bytes in memory (little-endian, as on every supported host), so use
// types of fixed width where the native build must agree with the guest. Strings and vectors travel as their length, a
// 32-bit word, and then their elements.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "zkvm/io.h"
#include "zkvm/plain.hpp"

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

// Reads the private input from front to back. Where the input is too short or not of the form that is read, the reason is
// printed to stderr and the run ends with EXIT_BAD_INPUT: whatever the input, a read gives a value that was in it.
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

  // The next sizeof(T) bytes as a T; any alignment. A bool is a byte 0 or 1.
  template <class T>
  T read() {
    static_assert(Plain<T>, ZKVM_NOT_PLAIN("zkvm::Reader reads"));
    if constexpr (std::is_same_v<std::remove_cv_t<T>, bool>) {
      const std::uint8_t byte = bytes(1)[0];
      if (byte > 1) reject_input(1, " at most, as a bool", byte);
      return byte != 0;
    } else {
      std::remove_cv_t<T> value;
      std::memcpy(&value, bytes(sizeof(T)).data(), sizeof(T));
      return value;
    }
  }

  // Fills `values` from the next values.size_bytes() bytes.
  template <class T, std::size_t N>
  void read(std::span<T, N> values) {
    static_assert(PlainElement<T>, ZKVM_NOT_PLAIN("zkvm::Reader reads"));
    const auto source = elements(values.size(), sizeof(T));
    if (!source.empty()) std::memcpy(values.data(), source.data(), source.size());
  }

  // The next `count` elements in place, without a copy. They must lie at a multiple of alignof(T), counted from the start
  // of the input, which is itself a multiple of 4.
  template <class T>
  std::span<const T> view(std::size_t count) {
    static_assert(PlainElement<T>, ZKVM_NOT_PLAIN("zkvm::Reader reads"));
    static_assert(alignof(T) <= 4, "zkvm::Reader::view: the input is aligned to 4 bytes; read a vector instead");
    const std::size_t misaligned = reinterpret_cast<std::uintptr_t>(rest_.data()) % alignof(T);
    if (count != 0 && misaligned != 0) reject_input(alignof(T), "-byte alignment of elements, remainder 0", misaligned);
    return {reinterpret_cast<const T*>(elements(count, sizeof(T)).data()), count};
  }

  // A vector: the number of elements as a 32-bit word, then the elements. Memory is taken only for what is there.
  template <class T>
  std::vector<T> read_vector() {
    static_assert(PlainElement<T>, ZKVM_NOT_PLAIN("zkvm::Reader reads"));
    const std::size_t count = read<std::uint32_t>();
    const auto source = elements(count, sizeof(T));
    std::vector<T> values(count);
    if (!source.empty()) std::memcpy(values.data(), source.data(), source.size());
    return values;
  }

  // A string in place: its length in bytes as a 32-bit word, then the bytes, which may be any.
  std::string_view read_string() {
    const auto text = bytes(read<std::uint32_t>());
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  }

  // Refuses input that goes on.
  void expect_end() const {
    if (!rest_.empty()) reject_input(0, " more bytes", rest_.size());
  }

 private:
  // The bytes of `count` elements of `each` bytes. Divides, because the product may not fit in a word.
  std::span<const std::uint8_t> elements(std::size_t count, std::size_t each) {
    if (count > rest_.size() / each) reject_input(count, each == 1 ? " more bytes" : " more elements", rest_.size() / each);
    return bytes(count * each);
  }

  std::span<const std::uint8_t> rest_;
};

// Appends bytes to the journal.
inline void commit(std::span<const std::uint8_t> bytes) { write_output(bytes.data(), bytes.size()); }

// Appends the bytes of `value` to the journal.
template <class T>
void commit_value(const T& value) {
  static_assert(Plain<T>, ZKVM_NOT_PLAIN("zkvm::commit_value publishes"));
  write_output(reinterpret_cast<const std::uint8_t*>(&value), sizeof(T));
}

// Appends the bytes of the elements of a span, vector or array to the journal, without their number.
template <std::ranges::contiguous_range Range>
void commit_values(const Range& values) {
  using T = std::ranges::range_value_t<Range>;
  static_assert(Plain<T>, ZKVM_NOT_PLAIN("zkvm::commit_values publishes"));
  write_output(reinterpret_cast<const std::uint8_t*>(std::ranges::data(values)), std::ranges::size(values) * sizeof(T));
}

// Appends a vector or a string as Reader::read_vector and read_string read them: the number of elements as a 32-bit word,
// then the elements.
template <std::ranges::contiguous_range Range>
void commit_sized(const Range& values) {
  commit_value(static_cast<std::uint32_t>(std::ranges::size(values)));
  commit_values(values);
}

}  // namespace zkvm
