#pragma once
/// \file
/// Bounds-checked little-endian reading and writing of byte strings; no exceptions, safe on hostile input.

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "stark/field/extension.hpp"
#include "stark/hash/digest.hpp"

namespace zkvm::stark {

class ByteWriter {
 public:
  explicit ByteWriter(std::vector<uint8_t>& out) : out_(out) {}
  void u8(uint64_t v) { out_.push_back(static_cast<uint8_t>(v)); }
  void u16(uint64_t v) { put(v, 2); }
  void u32(uint64_t v) { put(v, 4); }
  void u64(uint64_t v) { put(v, 8); }
  void bytes(std::span<const uint8_t> b) {
    if (b.empty()) return;
    const size_t at = out_.size();
    out_.resize(at + b.size());
    std::memcpy(out_.data() + at, b.data(), b.size());
  }
  void digest(const Digest& d) { bytes(d.bytes); }
  void digests(std::span<const Digest> ds) {
    u32(ds.size());
    for (const Digest& d : ds) digest(d);
  }
  /// Count, then 31 bits per element (canonical residues), zero bits up to a byte boundary.
  void elements(std::span<const F> values) {
    u32(values.size());
    uint64_t buffer = 0;
    unsigned bits = 0;
    for (F f : values) {
      buffer |= static_cast<uint64_t>(f.value()) << bits;
      for (bits += 31; bits >= 8; bits -= 8, buffer >>= 8) u8(buffer & 0xff);
    }
    if (bits != 0) u8(buffer);
  }
  void elements(std::span<const E> values) {
    elements(std::span<const F>(reinterpret_cast<const F*>(values.data()), values.size() * E::DEGREE));
  }

 private:
  void put(uint64_t v, unsigned n) {
    for (unsigned i = 0; i < n; ++i) u8(v >> (8 * i));
  }
  std::vector<uint8_t>& out_;
};

/// After any failed read, ok() is false and every further read returns zeros or nothing.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> in) : in_(in) {}
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && in_.empty(); }
  size_t remaining() const { return in_.size(); }
  void fail() {
    ok_ = false;
    in_ = {};
  }
  uint64_t u8() { return get(1); }
  uint64_t u16() { return get(2); }
  uint64_t u32() { return get(4); }
  uint64_t u64() { return get(8); }
  std::span<const uint8_t> bytes(size_t n) {
    if (n > in_.size()) {
      fail();
      return {};
    }
    const auto r = in_.first(n);
    in_ = in_.subspan(n);
    return r;
  }
  Digest digest() {
    Digest d;
    const auto b = bytes(d.bytes.size());
    if (ok_) std::memcpy(d.bytes.data(), b.data(), b.size());
    return d;
  }
  /// At most `most`.
  std::vector<Digest> digests(size_t most) {
    const size_t n = u32();
    if (n > most || n > in_.size() / sizeof(Digest)) {
      fail();
      return {};
    }
    std::vector<Digest> r(n);
    for (Digest& d : r) d = digest();
    return r;
  }
  /// At most `most`, and a multiple of `multiple`.
  template <class T>
  std::vector<T> elements(size_t most, size_t multiple = 1) {
    constexpr size_t EACH = sizeof(T) / sizeof(F);
    const size_t n = u32();
    // An element takes more than three bytes.
    if (n > in_.size() || n % EACH != 0 || n / EACH > most || (n != 0 && n / EACH % multiple != 0)) {
      fail();
      return {};
    }
    const auto packed = bytes((n * 31 + 7) / 8);
    if (!ok_) return {};
    std::vector<T> r(n / EACH);
    uint64_t buffer = 0;
    unsigned bits = 0;
    size_t pos = 0;
    for (F& f : std::span<F>(reinterpret_cast<F*>(r.data()), n)) {
      for (; bits < 31; bits += 8) buffer |= static_cast<uint64_t>(packed[pos++]) << bits;
      const uint32_t v = static_cast<uint32_t>(buffer & 0x7fffffffu);
      if (v >= F::P) {  // one encoding per element
        fail();
        return {};
      }
      f = F::from(v);
      buffer >>= 31;
      bits -= 31;
    }
    if (buffer != 0) {
      fail();
      return {};
    }
    return r;
  }
  /// Exactly n.
  std::vector<E> ext_elements(size_t n) {
    std::vector<E> r = elements<E>(n);
    if (r.size() != n) fail();
    return ok_ ? std::move(r) : std::vector<E>{};
  }
  /// The next byte must be this count.
  bool count(size_t expected) {
    if (u8() != expected) fail();
    return ok_;
  }

 private:
  uint64_t get(size_t n) {
    const auto b = bytes(n);
    uint64_t v = 0;
    for (size_t i = 0; i < b.size(); ++i) v |= static_cast<uint64_t>(b[i]) << (8 * i);
    return v;
  }
  std::span<const uint8_t> in_;
  bool ok_ = true;
};

}  // namespace zkvm::stark
