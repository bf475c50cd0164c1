#include "precompiles/keccak/execute.hpp"

#include <cstdio>

namespace zkvm::precompiles::keccak {
namespace {

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(value));
  return text;
}

CallError check(const Host& host, uint32_t address) {
  const std::string what = "Keccak call, state (a0): expected ";
  if (address % 4 != 0) return what + "a multiple of 4, found " + hex(address);
  if (address >= MEMORY_END) return what + "an address below " + hex(MEMORY_END) + ", found " + hex(address);
  if (host.access(address, uint64_t{4} * STATE_WORDS) < Access::WRITE)
    return what + std::to_string(4 * STATE_WORDS) + describe(Access::WRITE) + hex(address);
  return {};
}

}  // namespace

CallError execute_keccak(Host& host, const CallEvent& event, KeccakTrace* trace) {
  const uint32_t state = event.a[0];
  if (CallError e = check(host, state); !e.empty()) return e;

  KeccakEvent call{event, {}, {}};
  for (uint32_t i = 0; i < STATE_WORDS; ++i) call.state[i / 2] |= uint64_t{host.load(state + 4 * i)} << (32 * (i % 2));
  if (trace != nullptr) {
    for (uint32_t i = 0; i < STATE_WORDS; ++i) call.prev[i] = host.touch(state + 4 * i, event.clk + WRITE_CLOCK);
    trace->events.push_back(call);
  }
  const State after = permute(call.state);
  for (uint32_t i = 0; i < STATE_WORDS; ++i)
    host.store(state + 4 * i, static_cast<uint32_t>(after[i / 2] >> (32 * (i % 2))));
  return {};
}

}  // namespace zkvm::precompiles::keccak
