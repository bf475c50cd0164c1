#include "precompiles/sha256/execute.hpp"

#include <cstdio>

namespace zkvm::precompiles::sha256 {
namespace {

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(value));
  return text;
}

CallError check(const Host& host, uint32_t address, uint32_t words, Access needed, const char* name) {
  const std::string what = std::string("SHA-256 call, ") + name + ": expected ";
  if (address % 4 != 0) return what + "a multiple of 4, found " + hex(address);
  if (address >= MEMORY_END) return what + "an address below " + hex(MEMORY_END) + ", found " + hex(address);
  if (const Access found = host.access(address, uint64_t{4} * words); found < needed)
    return what + std::to_string(4 * words) + describe(needed) + hex(address);
  return {};
}

}  // namespace

CallError execute_sha256(Host& host, const CallEvent& event, Sha256Trace* trace) {
  const uint32_t state = event.a[0], block = event.a[1];
  if (CallError e = check(host, state, STATE_WORDS, Access::WRITE, "state (a0)"); !e.empty()) return e;
  if (CallError e = check(host, block, BLOCK_WORDS, Access::READ, "block (a1)"); !e.empty()) return e;

  Sha256Event call{event, {}, {}, {}, {}, host.access(block, uint64_t{4} * BLOCK_WORDS) == Access::READ};
  for (uint32_t i = 0; i < STATE_WORDS; ++i) call.state[i] = host.load(state + 4 * i);
  for (uint32_t i = 0; i < BLOCK_WORDS; ++i) call.block[i] = host.load(block + 4 * i);
  if (trace != nullptr) {
    for (uint32_t i = 0; i < BLOCK_WORDS; ++i) call.block_prev[i] = host.touch(block + 4 * i, event.clk + READ_CLOCK);
    for (uint32_t i = 0; i < STATE_WORDS; ++i) call.state_prev[i] = host.touch(state + 4 * i, event.clk + WRITE_CLOCK);
    trace->events.push_back(call);
  }
  const State sum = last_variables(compress(call.state, call.block));
  for (uint32_t i = 0; i < STATE_WORDS; ++i) host.store(state + 4 * i, call.state[i] + sum[i]);
  return {};
}

}  // namespace zkvm::precompiles::sha256
