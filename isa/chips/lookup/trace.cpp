#include <bit>

#include "isa/chips/lookup/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

using stark::F;

void fill_lookup(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts&) {
  const LookupCounts& n = *input.totals;
  for (size_t i = begin; i < end; ++i) {
    *reinterpret_cast<LookupColumns<F>*>(out(i)) = {.range16 = F::from(n.range16[i]),
                                                    .range_bits = F::from(n.bits[i]),
                                                    .and_bytes = F::from(n.and_bytes[i]),
                                                    .bytes = F::from(n.bytes[i])};
  }
}

void fill_lookup_preprocessed(size_t row, F* out) {
  const auto i = static_cast<uint32_t>(row);
  const uint32_t bits = i == 0 ? 0 : static_cast<uint32_t>(std::bit_width(i)) - 1;
  *reinterpret_cast<LookupFixed<F>*>(out) = {.a = F::from(i & 255),
                                             .b = F::from(i >> 8),
                                             .and_result = F::from(i & 255 & (i >> 8)),
                                             .bits = F::from(bits),
                                             .value = F::from(i == 0 ? 0 : i - (1u << bits))};
}

}  // namespace zkvm::isa
