// How fast the executor runs guests: million instructions a second, plain, tracing and profiling.
//   vm_exec_bench guest.elf...
// Tracing in shards reuses the event buffers as the prover does; tracing whole keeps all events (48 bytes each), so it
// also measures how fast the system hands out memory. Each figure is the median of five runs after one that warms
// memory up.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "vm/elf/load.hpp"
#include "vm/exec/machine.hpp"

namespace {

using zkvm::vm::Stop;

constexpr uint64_t SHARD_CYCLES = 1 << 20;
constexpr int RUNS = 5;

// Million instructions a second, or a negative number if the guest trapped.
template <class Machine>
double rate(const zkvm::vm::Program& program, uint64_t shard, uint64_t max_cycles) {
  std::vector<double> rates;
  for (int i = 0; i <= RUNS; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Machine machine(program, {}, {.max_cycles = max_cycles, .print = {}});
    Stop stop;
    while ((stop = machine.run(shard)) == Stop::SLICE_END) {
      if constexpr (Machine::TRACING) machine.trace().clear();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (stop == Stop::TRAPPED) {
      std::fprintf(stderr, "%s\n", machine.trap()->message().c_str());
      return -1;
    }
    if (i > 0) rates.push_back(static_cast<double>(machine.cycles()) / seconds.count() / 1e6);
  }
  std::nth_element(rates.begin(), rates.begin() + RUNS / 2, rates.end());
  return rates[RUNS / 2];
}

}  // namespace

int main(int argc, char** argv) {
  using namespace zkvm::vm;
  std::printf("guest,cycles,plain_mips,trace_shards_mips,trace_whole_mips,profile_mips\n");
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
    const auto program = load_elf(bytes);
    if (!program.ok()) {
      std::fprintf(stderr, "%s: %s\n", argv[i], program.error().message.c_str());
      return 1;
    }
    PlainMachine once(*program, {});
    once.run();
    const double plain = rate<PlainMachine>(*program, UINT64_MAX, UINT64_MAX);
    const double shards = rate<TracingMachine>(*program, SHARD_CYCLES, MAX_PROVED_CYCLES);
    const double whole = rate<TracingMachine>(*program, UINT64_MAX, 16 * SHARD_CYCLES);
    const double profile = rate<ProfilingMachine>(*program, UINT64_MAX, UINT64_MAX);
    if (plain < 0) return 1;
    std::printf("%s,%llu,%.1f,%.1f,%.1f,%.1f\n", argv[i], static_cast<unsigned long long>(once.cycles()), plain, shards,
                whole, profile);
  }
  return 0;
}
