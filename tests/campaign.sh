#!/bin/sh
# Long campaigns, each by itself; tests/run.sh has short forms of them. Exit code 0 only if nothing was found.
set -eu
ZKVM_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ZKVM_ROOT"
. guest-sdk/setup.sh

usage() {
  cat <<'TEXT'
Usage: tests/campaign.sh COMMAND
  sanitize    all tests of the asan-ubsan preset, in build/asan-ubsan: hours
  faults      lies of the executor (tests/faults), all of which must be refused: minutes. COUNT (24000) lies from
              SEED (1) on, of which PROOFS (60) are proved
TEXT
}

# All tests but those that measure: a sanitizer takes memory and time of its own.
sanitize() {
  install_packages qemu-user make b3sum libbenchmark-dev python3
  mkdir -p build
  build_capstone
  cmake --preset asan-ubsan -DZKVM_WERROR=ON -DZKVM_BUILD_TESTS=ON -DZKVM_BUILD_GUESTS=ON
  cmake --build build/asan-ubsan
  ctest --test-dir build/asan-ubsan --output-on-failure --timeout 14400 -E '^(cli_hostile_receipts_test|readme_.*)$'
}

# build_tests TARGET...: of the release preset.
build_tests() {
  install_packages
  mkdir -p build
  build_capstone
  cmake --preset release -DZKVM_WERROR=ON -DZKVM_BUILD_TESTS=ON
  cmake --build build --target "$@"
}

faults() {
  build_tests faults_test
  OMP_WAIT_POLICY=passive ZKVM_FAULT_COUNT=${COUNT:-24000} ZKVM_FAULT_SEED=${SEED:-1} ZKVM_FAULT_PROOFS=${PROOFS:-60} \
    ZKVM_FAULT_REASONS=1 build/tests/faults/faults_test
}

case "${1:-}" in
  sanitize) sanitize ;;
  faults) faults ;;
  -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
