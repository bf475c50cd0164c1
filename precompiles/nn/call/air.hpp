#pragma once
/// \file
/// Proves: the program makes a neural-network call here, and its ledger is kept.
///
/// A row is one call. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY, START, POINTER. Degree 2. 100 cells.
///
/// - is_real: boolean. call, pointers: as in precompiles/call.hpp; the layer is below 0x7f00'0000, so its residue is
/// one
///   address, and START can only be met by a ledger of the layer at that address.
/// - *_read_only: boolean; one for all words that the call reads of a tensor, so a tensor is read from one space, and
///   which one is determined by its address (precompiles/call.hpp).
/// - *_uses: free counts of look-ups, 0 on other rows: else such a row could lend pointers to a call.

#include "precompiles/nn/call/columns.hpp"

namespace zkvm::precompiles::nn {

inline void nn_call_air(AirBuilder& b) {
  const auto c = b.main<NnCallColumns>();
  const Expr real = isa::one_hot(b, c.is_real);
  call(b, real, c.call, ZKVM_ECALL_NN);
  const Expr layer = call_pointer(b, real, c.call, 0, c.layer, ROM_LIMIT);
  const Expr input = call_pointer(b, real, c.call, 1, c.input);
  const Expr second = call_pointer(b, real, c.call, 2, c.second);
  const Expr output = call_pointer(b, real, c.call, 3, c.output);
  const Expr clk = c.call.at.clk;
  b.send(START, {clk, layer}, real, "start");
  const auto lend = [&](uint32_t which, Expr pointer, Expr read_only, Expr uses, const char* label) {
    b.assert_zero(uses * (1 - real), label);
    b.send(POINTER, {clk, layer, b.constant(int64_t{which}), pointer, read_only}, uses, label);
  };
  for (Expr read_only : {c.input_read_only, c.second_read_only}) b.assert_bool(read_only, "read_only is boolean");
  lend(POINTER_INPUT, input, c.input_read_only, c.input_uses, "input");
  lend(POINTER_SECOND, second, c.second_read_only, c.second_uses, "second input");
  lend(POINTER_OUTPUT, output, b.constant(int64_t{0}), c.output_uses, "output");
}

}  // namespace zkvm::precompiles::nn
