#pragma once
/// \file
/// What filling rows of several chips has in common.

#include "precompiles/nn/parts.hpp"

namespace zkvm::precompiles::nn {

inline uint32_t u32(int32_t x) { return static_cast<uint32_t>(x); }
inline int32_t signed_byte(uint32_t word, unsigned lane) { return static_cast<int8_t>(word >> (8 * lane)); }

template <template <class> class Columns>
Columns<F>& at(RowWriter out, size_t row) {
  static_assert(alignof(Columns<F>) == alignof(F));
  return *reinterpret_cast<Columns<F>*>(out(row));
}

/// The run of an element-wise part's row; `left`: its words not yet passed.
inline void fill_part_run(PartRun<F>& c, const CallEvent& call, const PartMessage<F>& part, uint32_t place,
                          uint32_t left) {
  c = {.is_real = F::one(),
       .first = isa::flag(place == 0),
       .last = isa::flag(left <= PART_ROW_WORDS),
       .second = isa::flag(left > 1),
       .call = F::from(call.clk),
       .part = part,
       .words_left = F::from(left)};
}
inline PartTensor<F> part_tensor(isa::Filler& f, uint32_t address, bool second) {
  return {F::from(address), fill_segment(f, address), isa::flag(second && ((address + 4) >> 16) != (address >> 16))};
}
inline PartSource<F> part_source(isa::Filler& f, uint32_t address, bool read_only, bool second) {
  return {part_tensor(f, address, second), isa::flag(read_only)};
}
inline SignedWord<F> signed_word(isa::Filler& f, uint32_t clock, uint32_t value, uint32_t prev) {
  SignedWord<F> w{f.prev(clock, prev), isa::word(value), {}};
  f.count_signed(value & 0xffff);
  f.count_signed(value >> 16);
  for (unsigned l = 0; l < LANES; ++l) w.x[l] = F::from_i64(signed_byte(value, l));
  return w;
}
inline WrittenWord<F> written_word(isa::Filler& f, uint32_t clock, uint32_t old, uint32_t value, uint32_t prev) {
  f.count_signed(value & 0xffff);
  f.count_signed(value >> 16);
  return {f.prev(clock, prev), isa::word(old), isa::word(value)};
}

}  // namespace zkvm::precompiles::nn
