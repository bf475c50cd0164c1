// Types whose bytes in memory are their value: no padding, which would publish what was in memory before, and no pointers.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

namespace zkvm {

namespace detail {

// Padding cannot be read in a constant expression, and pointers have no bytes there.
template <class T>
consteval unsigned read_every_byte() {
  unsigned sum = 0;
  for (const unsigned char byte : std::bit_cast<std::array<unsigned char, sizeof(T)>>(T{})) sum += byte;
  return sum;
}
template <class T>
concept BytesAreConstant = requires { typename std::integral_constant<unsigned, read_every_byte<T>()>; };
template <class T>
concept DefaultIsConstant = requires { typename std::bool_constant<(static_cast<void>(T{}), true)>; };

template <class T>
struct IsPlain {
  static consteval bool value() {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) return true;
    // Not long double, which has padding on x86, and not std::nullptr_t.
    if constexpr (std::is_floating_point_v<T>) return sizeof(T) <= 8;
    if constexpr (!std::is_class_v<T> && !std::is_union_v<T>) return false;
    if constexpr (!std::is_trivially_copyable_v<T>) return false;
    // The trait takes pointers for values and denies structures with floats; the constant expression knows better, where
    // there is one. It costs compile time for each byte.
    constexpr bool unique = std::has_unique_object_representations_v<T>;
    if constexpr (std::is_union_v<T> || (unique && sizeof(T) > 4096)) return unique;
    if constexpr (DefaultIsConstant<T>) return BytesAreConstant<T>;
    return unique;
  }
};
template <class T, std::size_t N>
struct IsPlain<T[N]> : IsPlain<T> {};
template <class T, std::size_t N>
requires(N > 0) struct IsPlain<std::array<T, N>> : IsPlain<T> {};

}  // namespace detail

// Integers, enumerations, float, double, arrays and std::array of plain types, and trivially copyable structures in which
// every byte belongs to a member that is not a pointer.
template <class T>
concept Plain = detail::IsPlain<std::remove_cv_t<T>>::value();

// What may be read in bulk: bytes that are neither 0 nor 1 are no bool.
template <class T>
concept PlainElement = Plain<T> && !std::is_same_v<std::remove_cv_t<T>, bool>;

}  // namespace zkvm

#define ZKVM_NOT_PLAIN(WHO)                                                                                             \
  WHO " only types whose bytes are their value: this one has padding (bytes of other, perhaps secret, data), a pointer, " \
      "or is not trivially copyable. Reorder members or make the padding a member set to 0, or take the members one by one."
