#!/bin/sh
# Proves and verifies the neural networks on a quiet machine, and writes the tables of bench/README.md and
# bench/results/networks.csv. About three minutes.
#
#   bench/run_networks.sh [OPTION...]     OPTIONs of build/bench/zkvm_bench_nn, such as --repeat 5
set -eu
ZKVM_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ZKVM_ROOT"
. guest-sdk/setup.sh

mkdir -p build bench/results
install_packages libbenchmark-dev
build_capstone
if ! { cmake --preset release -DZKVM_BUILD_BENCH=ON && cmake --build build --target zkvm_bench_nn; } >build/bench.log 2>&1; then
  tail -n 40 build/bench.log >&2
  die "the build failed; the whole log is in build/bench.log"
fi
build/bench/zkvm_bench_nn --csv bench/results/networks.csv --readme bench/README.md "$@"
build/bench/zkvm_bench_nn --software --readme bench/README.md "$@"
