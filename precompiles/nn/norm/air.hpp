#pragma once
/// \file
/// Proves: layer norm of one row of a tensor, element by element; x read at the call's clock + 5, the result written at
/// + 6.
///
/// A part is a row of the tensor, a row of this table two of its words. With n the columns and s the sum of the row:
/// normalised = floor(((n x - s) inverse + 2^24) / 2^25), which is floor((2^7 (n x - s) inverse + 2^31) / 2^32); the
/// result is gamma normalised + beta, requantised. Assumes of a layer (layer.cpp): n a multiple of 4 up to 4096, and
/// for every channel |gamma| N + |beta| < 2^29 / 2^(left shift), with N the greatest |normalised| that a row of n can
/// have.
///
/// Receives PART, POINTER, GAIN, INVERSE, MEMORY, RANGE, BYTES, SIGNED; sends MEMORY, DONE. Next-row constraints,
/// cyclic. Degree 3. 697 cells a row: 87 an element.
///
/// - run, tensors: parts.hpp. n = 4 words. A part of another kind of layer cannot be taken for a row: it has no GAIN.
///   The words: as read; x: by SIGNED.
/// - total: one for the run, and sum where it ends; so are inverse, by INVERSE of layer, total and squares where it
/// ends.
///   sum, squares: add the row's elements, from nothing at first: at most 2^19 and 2^26 in size, so sums of residues
///   are those of integers.
/// - deviation: two bytes, and 13 bits above with the sign: within +-2^28, while 2^7 (n x - s) is within +-2^27: its
///   residue determines it. product: limbs.hpp: normalised modulo p.
/// - gamma, beta: by GAIN of layer and the word's place in the row, words - words_left. The accumulator is gamma
///   normalised + beta, an integer within +-2^29 as assumed, so it and what follows are determined (requantise.hpp; the
///   constants are the part's, the bias is 0).
/// - A second word that does not exist has no messages; its x are 0, so that it adds to no sum.

#include "precompiles/nn/norm/columns.hpp"

namespace zkvm::precompiles::nn {

inline void norm_air(AirBuilder& b) {
  const auto c = b.main<NormColumns>();
  const auto n = b.main_next<NormColumns>();
  const PartMessage<Expr>& p = c.run.part;
  const Expr real = c.run.is_real;
  part_run(b, c.run, n.run);
  part_source(b, c.run, n.run, c.x, n.x, POINTER_INPUT);
  part_output(b, c.run, n.run, c.z, n.z);
  const Expr continued = n.run.is_real - n.run.first;
  b.assert_zero(continued * (n.total - c.total), "the total is carried on");
  for (unsigned i = 0; i < 5; ++i)
    b.assert_zero(continued * (n.inverse[i] - c.inverse[i]), "the inverse is carried on");
  b.assert_zero(c.run.last * (c.sum - c.total), "the total is the sum");
  b.receive(INVERSE,
            {p.layer, c.sum, c.squares, {c.inverse[0], c.inverse[1], c.inverse[2], c.inverse[3], c.inverse[4]}},
            c.run.last, "inverse");
  Limbs inverse = byte_limbs({c.inverse[0], c.inverse[1], c.inverse[2], c.inverse[3]});
  inverse.value = inverse.value + c.inverse[4] * F::from_i64(int64_t{1} << 32);

  Expr sum = b.constant(int64_t{0}), squares = b.constant(int64_t{0});
  for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
    const NormWord<Expr>& w = c.word[i];
    const Expr active = i == 0 ? real : c.run.second;
    read_part_word(b, c.run, c.x, i, w.x);
    b.receive(GAIN,
              {p.layer,
               p.words - c.run.words_left + int64_t{i},
               {w.gamma[0], w.gamma[1], w.gamma[2], w.gamma[3]},
               {w.beta[0], w.beta[1], w.beta[2], w.beta[3]}},
              active, "gain");
    for (unsigned l = 0; l < LANES; ++l) {
      const NormElement<Expr>& e = w.element[l];
      const Expr x = w.x.x[l];
      if (i != 0) b.assert_zero((real - active) * x, "no element");
      const Limbs deviation{{e.deviation[0], e.deviation[1], e.deviation[2], b.constant(int64_t{0})},
                            e.deviation[0] + 256 * e.deviation[1] + 65536 * e.deviation[2]};
      isa::byte_pair(b, e.deviation[0], e.deviation[1], active, "deviation, low bytes");
      isa::range_check(b, 13, e.deviation[2] + 4096, active, "deviation, high bits");
      b.assert_equal(deviation.value, 128 * (4 * p.words * x - c.total), "deviation");
      const Expr normalised = high_product(b, active, real, deviation, inverse, 1u << 31, e.product);
      b.assert_equal(accumulator(e.channel, p.channel), w.gamma[l] * normalised + w.beta[l], "gain");
      assert_requantised(b, active, real, e.channel, p.channel, p.zero_point, p.min, p.max);
      const Expr next = n.word[i].x.x[l];
      sum = sum + next;
      squares = squares + next * next;
    }
    write_part_word(b, c.run, c.z, i, w.z,
                    {w.element[0].channel.y, w.element[1].channel.y, w.element[2].channel.y, w.element[3].channel.y});
  }
  b.assert_equal(n.sum, continued * c.sum + sum, "sum of elements");
  b.assert_equal(n.squares, continued * c.squares + squares, "sum of squares");
}

}  // namespace zkvm::precompiles::nn
