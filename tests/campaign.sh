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
  mutation    each constraint left out by the checkers in turn (ZKVM_OMIT): some test must fail. Hours; or CHIP alone, such
              as CHIP=NN_LEDGER. Lists those that no test misses
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

# The instructions' chips have a test that leaves out each constraint by itself; for the others the suites of lies are run.
mutation() {
  build_tests constraint_names soundness_necessity_test precompiles_keccak_test precompiles_sha256_test nn_by_hand_test \
    nn_forge_columns_test nn_checker_test
  build/tests/soundness/soundness_necessity_test
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  build/tests/soundness/constraint_names | grep -E "^(${CHIP:-(NN|KECCAK|SHA256)_.*}): " >"$work/names"
  all=0
  unnoticed=0
  while read -r name; do
    all=$((all + 1))
    chip=${name%%: *}
    case "$chip" in
      KECCAK_*) suites=precompiles/keccak/precompiles_keccak_test ;;
      SHA256_*) suites=precompiles/sha256/precompiles_sha256_test ;;
      *) suites="tests/nn/nn_by_hand_test tests/nn/nn_forge_columns_test tests/nn/nn_checker_test" ;;
    esac
    noticed=no
    for suite in $suites; do
      [ "$noticed" = no ] || continue
      # Of the forger's cases those of this chip.
      case "$suite" in *forge_columns*) filter="*/$chip" ;; *) filter="*" ;; esac
      ZKVM_OMIT=$name "build/$suite" --gtest_fail_fast --gtest_filter="$filter" >"$work/log" 2>&1 </dev/null || noticed=yes
    done
    if [ "$noticed" = no ]; then
      unnoticed=$((unnoticed + 1))
      say "unnoticed: $name"
    fi
  done <"$work/names"
  say "$all constraints left out in turn, $unnoticed of them unnoticed; see the READMEs of their rooms for those that follow from others"
}

case "${1:-}" in
  sanitize) sanitize ;;
  faults) faults ;;
  mutation) mutation ;;
  -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
