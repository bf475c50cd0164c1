#pragma once
/// \file
/// Gadget: the run of rows of an element-wise part. A part is up to PART_WORDS neighbouring words of a layer's tensors;
/// a row has two of them, or one if it is the last of an odd part.
///
/// Why no column can be lied about: is_real, first, last, second, carries: boolean, first, last and second only on real
/// rows. A run: is_real - last of a row equals is_real - first of the next (cyclic), so it begins with `first`, which
/// looks PART up, and ends with `last`, which sends DONE; call and PART's fields are carried on, words_left counts down
/// to what the last row has. It cannot pass 0: it would count through p values. Addresses: pointer + offset at first,
/// then + 8. read_only: the pointer's at first, then carried on.

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

inline constexpr unsigned PART_ROW_WORDS = 2;

template <class T>
struct PartRun {
  T is_real, first, last, second;
  T call;
  PartMessage<T> part;  ///< `words`: of the part; `offset`: used where first
  T words_left;         ///< this row's included
};
/// One of the tensors: where the row's first word is.
template <class T>
struct PartTensor {
  T address, segment, carry;
};
/// One that is read.
template <class T>
struct PartSource {
  PartTensor<T> at;
  T read_only;  ///< 1 if the tensor is in the read-only space
};

/// Words of memory as they are read, and as they are written.
template <class T>
struct SignedWord {
  T prev;
  isa::Word<T> value;
  T x[LANES];
};
template <class T>
struct WrittenWord {
  T prev;
  isa::Word<T> old, value;
};

inline void part_run(AirBuilder& b, const PartRun<Expr>& c, const PartRun<Expr>& n) {
  for (Expr flag : {c.is_real, c.first, c.last, c.second}) b.assert_bool(flag, "flags are boolean");
  for (Expr flag : {c.first, c.last, c.second}) b.assert_zero(flag * (1 - c.is_real), "flags only on real rows");
  const Expr continued = n.is_real - n.first;
  b.assert_equal(c.is_real - c.last, continued, "a run goes on to its last row");
  b.receive(PART, c.part, c.first, "part");
  b.assert_zero(c.first * (c.words_left - c.part.words), "all words are left at first");
  b.assert_zero((c.is_real - c.last) * (1 - c.second), "two words but at the end");
  b.assert_zero(continued * (n.words_left - c.words_left + int64_t{PART_ROW_WORDS}), "two words less");
  b.assert_zero(c.last * (c.words_left - 1 - c.second), "the end has what is left");
  b.assert_zero(continued * (n.call - c.call), "call is carried on");
  const auto* now = reinterpret_cast<const Expr*>(&c.part);
  const auto* next = reinterpret_cast<const Expr*>(&n.part);
  for (unsigned i = 0; i < sizeof(c.part) / sizeof(Expr); ++i)
    b.assert_zero(continued * (next[i] - now[i]), "the part is carried on");
  b.send(DONE, {c.call, c.part.layer, c.part.index}, c.last, "done");
}

inline void part_tensor(AirBuilder& b, const PartRun<Expr>& run, const PartRun<Expr>& next_run,
                        const PartTensor<Expr>& c, const PartTensor<Expr>& n, uint32_t which, Expr read_only) {
  b.assert_bool(c.carry, "carry is boolean");
  check_segment(b, run.is_real, c.segment);
  b.receive(POINTER, {run.call, run.part.layer, b.constant(int64_t{which}), c.address - run.part.offset, read_only},
            run.first, "pointer");
  b.assert_zero((next_run.is_real - next_run.first) * (n.address - c.address - 8), "next address");
}
inline void part_source(AirBuilder& b, const PartRun<Expr>& run, const PartRun<Expr>& next_run,
                        const PartSource<Expr>& c, const PartSource<Expr>& n, uint32_t which) {
  part_tensor(b, run, next_run, c.at, n.at, which, c.read_only);
  b.assert_zero((next_run.is_real - next_run.first) * (n.read_only - c.read_only), "space is carried on");
}
inline void part_output(AirBuilder& b, const PartRun<Expr>& run, const PartRun<Expr>& next_run,
                        const PartTensor<Expr>& c, const PartTensor<Expr>& n) {
  part_tensor(b, run, next_run, c, n, POINTER_OUTPUT, b.constant(int64_t{0}));
}
/// Word i of the row.
inline void read_part_word(AirBuilder& b, const PartRun<Expr>& run, const PartSource<Expr>& t, unsigned i,
                           const SignedWord<Expr>& w) {
  const Expr active = i == 0 ? run.is_real : run.second;
  read_word(b, active, t.at.address + int64_t{4 * i}, i == 0 ? t.at.segment : t.at.segment + t.at.carry, t.read_only,
            w.value, w.prev, run.call + int64_t{READ_CLOCK}, "word");
  b.receive(SIGNED, {w.value.lo, w.x[0], w.x[1]}, active, "low bytes");
  b.receive(SIGNED, {w.value.hi, w.x[2], w.x[3]}, active, "high bytes");
}
inline void write_part_word(AirBuilder& b, const PartRun<Expr>& run, const PartTensor<Expr>& t, unsigned i,
                            const WrittenWord<Expr>& w, const Expr (&y)[LANES]) {
  const Expr active = i == 0 ? run.is_real : run.second;
  access_word(b, active, t.address + int64_t{4 * i}, i == 0 ? t.segment : t.segment + t.carry, w.old, w.value, w.prev,
              run.call + int64_t{WRITE_CLOCK}, "word");
  b.receive(SIGNED, {w.value.lo, y[0], y[1]}, active, "low bytes");
  b.receive(SIGNED, {w.value.hi, y[2], y[3]}, active, "high bytes");
}

}  // namespace zkvm::precompiles::nn
