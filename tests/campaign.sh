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

case "${1:-}" in
  sanitize) sanitize ;;
  -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
