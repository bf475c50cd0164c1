#!/bin/sh
# fresh_clone.sh SOURCE: what the README says about building by hand works up to the build, in a copy of the sources without
# a build folder; and where capstone can neither be found nor built, the message says what to do.
set -eu
source=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/clone"
tar -c -C "$source" --exclude=./build --exclude=./.git . | tar -x -C "$work/clone"
cd "$work/clone"

fail() { echo "FAILED - $*" >&2; cat "$work/log" >&2; exit 1; }

. ./guest-sdk/setup.sh
if ! has_system_capstone; then
  cp guest-sdk/setup.sh "$work/setup.sh"
  echo 'build_capstone() { die "no network"; }' >>guest-sdk/setup.sh
  if cmake --preset release >"$work/log" 2>&1; then fail "configured without capstone"; fi
  grep -q 'expected capstone 5 or later' "$work/log" || fail "no word about capstone"
  rm -rf build
  # Not over the network: the one that the set-up built.
  cp "$work/setup.sh" guest-sdk/setup.sh
  echo "build_capstone() { cp -r '$source/build/capstone' \"\$ZKVM_ROOT/build/\"; }" >>guest-sdk/setup.sh
fi
cmake --preset release >"$work/log" 2>&1 || fail "cmake --preset release in a fresh clone"
[ -f build/build.ninja ] || fail "expected build/build.ninja"
echo "ok - cmake --preset release in a fresh clone"
