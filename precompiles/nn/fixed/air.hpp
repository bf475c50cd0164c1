#pragma once
/// \file
/// Provides messages that are fixed by the program's layers, and so by the image ID: PLAN, JOB, CHANNELS, QUAD, PART,
/// POOL, PATTERN, WINDOW, ENTRY, EXPONENTIAL, GAIN; and the pairs of signed bytes. A row is a message, `uses` its free
/// multiplicity. 1 + 6 cells a row.
///
/// Padding rows are messages of layer 0, which no call can name: a ledger of layer 0 would end with a row that is not
/// there. Those of SIGNED do not exist (2^16 rows).

#include "precompiles/nn/fixed/columns.hpp"

namespace zkvm::precompiles::nn {

template <template <class> class Message>
void fixed_air(AirBuilder& b, const stark::Bus<Message>& bus) {
  b.send(bus, b.preprocessed<Message>(), b.main<UsesColumns>().uses, bus.name);
}
inline void plan_air(AirBuilder& b) { fixed_air(b, PLAN); }
inline void jobs_air(AirBuilder& b) { fixed_air(b, JOB); }
inline void channels_air(AirBuilder& b) { fixed_air(b, CHANNELS); }
inline void quads_air(AirBuilder& b) { fixed_air(b, QUAD); }
inline void parts_air(AirBuilder& b) { fixed_air(b, PART); }
inline void pools_air(AirBuilder& b) { fixed_air(b, POOL); }
inline void patterns_air(AirBuilder& b) { fixed_air(b, PATTERN); }
inline void windows_air(AirBuilder& b) { fixed_air(b, WINDOW); }
inline void entries_air(AirBuilder& b) { fixed_air(b, ENTRY); }
inline void exponentials_air(AirBuilder& b) { fixed_air(b, EXPONENTIAL); }
inline void gains_air(AirBuilder& b) { fixed_air(b, GAIN); }
inline void signed_bytes_air(AirBuilder& b) { fixed_air(b, SIGNED); }

}  // namespace zkvm::precompiles::nn
