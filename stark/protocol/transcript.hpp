#pragma once
/// \file
/// The Fiat-Shamir transcript over BLAKE3: a running 32-byte state; what is absorbed is framed by its length, so two
/// different sequences of messages never give the same bytes.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stark/field/extension.hpp"
#include "stark/hash/suite.hpp"

namespace zkvm::stark {

class Transcript {
 public:
  /// A new transcript bound to a protocol label.
  explicit Transcript(std::string_view label) {
    absorb(std::span(reinterpret_cast<const uint8_t*>(label.data()), label.size()));
  }

  void absorb(std::span<const uint8_t> bytes) {
    absorb_u64(bytes.size());
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  }
  void absorb(const Digest& d) { absorb(d.bytes); }
  void absorb(std::span<const Digest> ds) {
    absorb_u64(ds.size());
    for (const Digest& d : ds) absorb(d);
  }
  void absorb(std::span<const E> values) {
    absorb_u64(values.size());
    for (const E& e : values)
      for (F f : e.c)
        for (unsigned i = 0; i < 4; ++i) pending_.push_back(static_cast<uint8_t>(f.value() >> (8 * i)));
  }
  void absorb_u64(uint64_t v) {
    for (unsigned i = 0; i < 8; ++i) pending_.push_back(static_cast<uint8_t>(v >> (8 * i)));
  }

  /// Everything absorbed so far, as one digest. Also what forks start from.
  Digest state() {
    settle();
    return state_;
  }
  /// A transcript for shard `index`, bound to all that this one has absorbed.
  Transcript fork(uint64_t index) {
    Transcript t("zkvm.fork");
    t.absorb(state());
    t.absorb_u64(index);
    return t;
  }

  /// A uniform element of F by rejection of 31-bit words: exact, no modulo bias.
  F sample() {
    for (;;) {
      const uint32_t v = static_cast<uint32_t>(next_word() & 0x7fffffffu);
      if (v < F::P) return F::from(v);
    }
  }
  E sample_ext() {
    E e;
    for (F& f : e.c) f = sample();
    return e;
  }
  /// A uniform element of E outside F, as out-of-domain points must be: no trace or evaluation domain meets it.
  E sample_out_of_base() {
    for (;;) {
      const E e = sample_ext();
      if (!e.in_base()) return e;
    }
  }
  /// A uniform integer below 2^bits, bits <= 32.
  uint64_t sample_bits(unsigned bits) { return next_word() & ((uint64_t{1} << bits) - 1); }

 private:
  void settle() {
    if (pending_.empty()) return;
    std::vector<uint8_t> input(state_.bytes.begin(), state_.bytes.end());
    input.push_back(0);  // domain: absorb
    input.insert(input.end(), pending_.begin(), pending_.end());
    state_ = Suite::transcript(input);
    pending_.clear();
    block_ = 0;
    word_ = WORDS;
  }
  uint32_t next_word() {
    settle();
    if (word_ == WORDS) {
      std::vector<uint8_t> input(state_.bytes.begin(), state_.bytes.end());
      input.push_back(1);  // domain: squeeze
      for (unsigned i = 0; i < 8; ++i) input.push_back(static_cast<uint8_t>(block_ >> (8 * i)));
      output_ = Suite::transcript(input);
      ++block_;
      word_ = 0;
    }
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; ++i) v |= static_cast<uint32_t>(output_.bytes[4 * word_ + i]) << (8 * i);
    ++word_;
    return v;
  }

  static constexpr unsigned WORDS = 8;
  Digest state_;
  std::vector<uint8_t> pending_;
  Digest output_;
  uint64_t block_ = 0;
  unsigned word_ = WORDS;
};

}  // namespace zkvm::stark
