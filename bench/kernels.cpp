/// \file
/// Kernel benchmarks, single functions of the prover on data of realistic size:
///   build/bench/zkvm_bench_kernels [--benchmark_filter=...]
/// Counters are seconds per item of the name; a cell is one of the trace, before extension. The backend is the active
/// one (environment variable ZKVM_BACKEND), the thread count OMP_NUM_THREADS. The largest case takes 4 GB.

#include <benchmark/benchmark.h>

#include "bench/kernels.kernel.hpp"
#include "stark/hash/rows.hpp"
#include "stark/hash/suite.hpp"
#include "stark/merkle/tree.hpp"
#include "stark/ntt/lde.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark {
namespace {

void fill(Matrix& m) {
#pragma omp parallel for
  for (size_t r = 0; r < m.rows(); ++r) {
    uint64_t x = r * 0x9e3779b97f4a7c15u + 1;
    for (size_t c = 0; c < m.width(); ++c) {
      x = x * 6364136223846793005u + 1442695040888963407u;
      m.at(r, c) = F::from_raw(static_cast<uint32_t>((x >> 33) % F::P));
    }
  }
}

/// Seconds per item as a counter, printed with its SI prefix.
void per_item(benchmark::State& state, const char* name, double items) {
  state.counters[name] =
      benchmark::Counter(items, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void extend_and_hash(benchmark::State& state) {
  Matrix trace(size_t{1} << state.range(0), static_cast<size_t>(state.range(1))), out;
  fill(trace);
  LeafDigests leaves(trace.rows() * 2);
  LeafSink* const sink = state.range(2) != 0 ? &leaves : nullptr;
  low_degree_extend(trace, 1, F::from(3), out, sink);  // touches the memory for the first time
  for (auto _ : state) low_degree_extend(trace, 1, F::from(3), out, sink);
  per_item(state, "per_cell", static_cast<double>(trace.rows() * trace.width()));
}
BENCHMARK(extend_and_hash)
    ->ArgNames({"log_rows", "columns", "hash"})
    ->ArgsProduct({{18, 20}, {48, 64, 128, 300}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void leaf_hash(benchmark::State& state) {
  Matrix m(size_t{1} << 16, static_cast<size_t>(state.range(0)));
  fill(m);
  Buffer<Digest> digests(m.rows());
  const size_t block = size_t{1} << m.log_block_rows();
  for (auto _ : state)
    for (size_t r = 0; r < m.rows(); r += block) hash_rows(m.row(r), m.stride(), m.width(), block, &digests[r]);
  per_item(state, "per_cell", static_cast<double>(m.rows() * m.width()));
}
BENCHMARK(leaf_hash)->ArgName("columns")->Arg(48)->Arg(128)->Arg(300)->UseRealTime();

void merkle_tree(benchmark::State& state) {
  const size_t n = size_t{1} << state.range(0);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Buffer<Digest>> digests;
    digests.emplace_back(n);
    for (size_t i = 0; i < n; ++i) digests[0][i] = Digest{};
    state.ResumeTiming();
    benchmark::DoNotOptimize(MerkleTree::build(std::move(digests)).root());
  }
  per_item(state, "per_node", static_cast<double>(n));
}
BENCHMARK(merkle_tree)->ArgName("log_rows")->Arg(16)->Arg(20)->UseRealTime();

void grinding(benchmark::State& state) {
  uint64_t hashes = 0, seed = 0;
  for (auto _ : state) {
    Digest d;
    for (unsigned i = 0; i < 8; ++i) d.bytes[i] = static_cast<uint8_t>(seed >> (8 * i));
    ++seed;
    hashes += grind(d, static_cast<unsigned>(state.range(0))) + 1;
  }
  state.counters["per_hash"] =
      benchmark::Counter(static_cast<double>(hashes), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(grinding)->ArgName("bits")->Arg(20)->UseRealTime();

/// Dependent chains of one operation, several independent chains at once: throughput of the vector arithmetic.
void arithmetic(benchmark::State& state, void (*run)(size_t)) {
  constexpr size_t ROUNDS = 100000;
  for (auto _ : state) run(ROUNDS);
  const auto operations = static_cast<double>(ROUNDS * ZKVM_DISPATCH(ARITHMETIC_KERNELS)->chains_times_lanes);
  per_item(state, "per_op", operations);
}

}  // namespace

void register_arithmetic() {
  const ArithmeticKernels& k = *ZKVM_DISPATCH(ARITHMETIC_KERNELS);
  benchmark::RegisterBenchmark("field_add", arithmetic, k.add);
  benchmark::RegisterBenchmark("field_mul", arithmetic, k.mul);
  benchmark::RegisterBenchmark("extension_mul", arithmetic, k.mul_extension);
  benchmark::RegisterBenchmark("extension_mac", arithmetic, k.mac_extension);
}

}  // namespace zkvm::stark

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("backend", zkvm::stark::backend_name(zkvm::stark::active_backend()));
  zkvm::stark::register_arithmetic();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
