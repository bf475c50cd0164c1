#include "isa/chips/traces.hpp"

#include <array>

namespace zkvm::isa {

using stark::F;

FillFunction fill_function(size_t chip) {
  static constexpr std::array<FillFunction, ChipId::COUNT> FILL = {
#define X(ID, name, PRE, MAIN, PRESENCE, SET, WEIGHT) fill_##name,
      ZKVM_CHIPS(X)
#undef X
  };
  return FILL[chip];
}

LookupCounts& LookupCounts::operator+=(const LookupCounts& other) {
  const auto add = [](std::vector<uint32_t>& to, const std::vector<uint32_t>& from) {
    for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  add(range16, other.range16);
  add(bits, other.bits);
  add(and_bytes, other.and_bytes);
  add(bytes, other.bytes);
  add(signed_pairs, other.signed_pairs);
  add(program, other.program);
  return *this;
}

void LookupCounts::clear() {
  for (auto* v : {&range16, &bits, &and_bytes, &bytes, &signed_pairs, &program}) v->assign(v->size(), 0);
}

const F* small_inverses() {
  // Montgomery's trick: one inversion for all.
  static const std::vector<F> TABLE = [] {
    constexpr uint32_t SIZE = 1u << 17;
    std::vector<F> table(SIZE);
    F product = F::one();
    for (uint32_t x = 1; x < SIZE; ++x) {
      table[x] = product;
      product *= F::from(x);
    }
    F running = product.inverse();
    for (uint32_t x = SIZE; x-- > 1;) {
      table[x] *= running;
      running *= F::from(x);
    }
    return table;
  }();
  return TABLE.data();
}

}  // namespace zkvm::isa
