#!/bin/sh
# Everything that must pass: installs what is missing, builds all of it into build/ with warnings as errors, and runs every
# test. The last line is "N passed, N failed", counted over single GoogleTest cases and over the tests that are scripts or
# guests. Exit code 0 only when the build succeeded, something was run and nothing failed.
set -eu
ZKVM_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ZKVM_ROOT"
. guest-sdk/setup.sh

mkdir -p build
install_packages qemu-user make b3sum libbenchmark-dev python3
build_capstone
cmake --preset release -DZKVM_WERROR=ON -DZKVM_BUILD_TESTS=ON -DZKVM_BUILD_GUESTS=ON -DZKVM_BUILD_BENCH=ON
cmake --build build

# Each GoogleTest program writes its cases to results/<program>.xml; ctest writes one line per program to junit.xml.
results=$ZKVM_ROOT/build/test-results
rm -rf "$results"
mkdir -p "$results"
# Idle threads sleep, as they do in the command (vm/cli/main.cpp).
export OMP_WAIT_POLICY=passive
GTEST_OUTPUT=xml:$results/ ctest --test-dir build --output-on-failure --timeout 1800 --output-junit "$results/junit.xml" \
  -j "${ZKVM_TEST_JOBS:-1}" && ctest_failed=no || ctest_failed=yes

# The two commands that the README promises, as a user runs them.
if examples/quickstart.sh >"$results/quickstart.log" 2>&1 &&
  python3 tests/readme/blocks.py . --said examples/quickstart.sh "$results/quickstart.log"; then
  quickstart=1
  say "quickstart: passed"
else
  quickstart=0
  cat "$results/quickstart.log"
  say "quickstart: failed"
fi

# counts FILE: "tests failures" of a GoogleTest report; disabled and skipped cases count as neither.
counts() {
  sed -n '/<testsuites /{p;q;}' "$1" | awk '{
    for (i = 1; i <= NF; ++i) if (split($i, part, "\"") >= 2) value[part[1]] = part[2]
    print value["tests="] - value["disabled="], value["failures="] + value["errors="] }'
}
passed=$quickstart
failed=$((1 - quickstart))
sed -n 's/.*<testcase name="\([^"]*\)".* status="\([a-z]*\)".*/\1 \2/p' "$results/junit.xml" >"$results/programs"
while read -r name status; do
  report=$results/$name.xml
  if [ -f "$report" ]; then
    set -- $(counts "$report")
    skipped=$(grep -c 'result="skipped"' "$report" || true)
    passed=$((passed + $1 - $2 - skipped))
    failed=$((failed + $2))
    # A program can fail without a failed case: a crash at its end, a leak.
    if [ "$status" = fail ] && [ "$2" = 0 ]; then failed=$((failed + 1)); fi
  elif [ "$status" = run ]; then
    passed=$((passed + 1))
  elif [ "$status" = fail ] || [ "$status" = notrun ]; then
    failed=$((failed + 1))
  fi
done <"$results/programs"
if [ "$ctest_failed" = yes ] && [ "$failed" = 0 ]; then failed=1; fi

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 1 ]
