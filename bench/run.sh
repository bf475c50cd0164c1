#!/bin/sh
# Measures everything that the project's figures need, prints target and measured, and records both in bench/results: every
# workload at 2^20 cycles, the CoreMark-like mix at 2^24 cycles with --memory 6G, the quickstart's proof. About ten minutes on
# two cores, on which nothing else should run.
#
#   bench/run.sh [--update-readme] [OPTION...]    OPTIONs of build/bench/zkvm_bench_e2e, such as --repeat 5 or --threads 2
#
# --update-readme also writes the results into bench/README.md.
set -eu
ZKVM_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ZKVM_ROOT"
. guest-sdk/setup.sh

update=no
if [ "${1:-}" = --update-readme ]; then
  update=yes
  shift
fi

mkdir -p build bench/results
install_packages libbenchmark-dev
build_capstone
if ! { cmake --preset release -DZKVM_BUILD_BENCH=ON && cmake --build build --target zkvm_bench_e2e; } >build/bench.log 2>&1; then
  tail -n 40 build/bench.log >&2
  die "the build failed; the whole log is in build/bench.log"
fi

build/bench/zkvm_bench_e2e --figures --csv bench/results/runs.csv --figures-csv bench/results/figures.csv "$@"
[ "$update" = no ] || bench/update_readme.sh
