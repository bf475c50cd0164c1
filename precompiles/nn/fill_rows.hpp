#pragma once
/// \file
/// Columns of the statements about rows of tensors: shares/, reciprocals/, roots/. What they look up is counted.

#include "precompiles/nn/reciprocals/columns.hpp"
#include "precompiles/nn/roots/columns.hpp"
#include "precompiles/nn/row_layers.hpp"
#include "precompiles/nn/shares/columns.hpp"

namespace zkvm::precompiles::nn {

ReciprocalMessage<F> reciprocal_message(uint32_t sum, const Reciprocal& r);
/// r: of this sum.
void fill_reciprocal(isa::Filler& f, uint32_t sum, const Reciprocal& r, uint32_t uses, ReciprocalsColumns<F>& c);
/// `layer`: its address.
void fill_share(isa::Filler& f, uint32_t layer, const Softmax& softmax, uint32_t sum, const Reciprocal& r, uint32_t d,
                uint32_t uses, SharesColumns<F>& c);
/// r: of these sums.
void fill_root(isa::Filler& f, uint32_t layer, const LayerNorm& norm, int32_t sum, int32_t squares, const Root& r,
               RootsColumns<F>& c);

}  // namespace zkvm::precompiles::nn
