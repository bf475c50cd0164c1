#!/bin/sh
# quickstart_progress.sh SOURCE: while it builds, the quickstart says how far it is, and keeps in its log what the build says.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n '/^progress() {/,/^}/p' "$1/examples/quickstart.sh" >"$work/show"
printf 'progress "$1"\n' >>"$work/show"

fail() { echo "FAILED - $*" >&2; cat "$work/shown" >&2; exit 1; }
build() {
  echo "-- Configuring done"
  for i in $(seq 1 200); do echo "[$i/200] Building CXX object part$i.o"; done
  echo "a warning with \\backslash and [brackets]"
}
build >"$work/said"

sh -eu "$work/show" "$work/log" <"$work/said" >"$work/shown"
cmp "$work/said" "$work/log" || fail "the log is not what the build said"
[ "$(grep -c '^   [0-9]*/200$' "$work/shown")" = 10 ] || fail "expected ten lines of progress where there is no terminal"
echo "ok - ten lines without a terminal"

rm "$work/log"
script -qec "sh -eu '$work/show' '$work/log' <'$work/said'" /dev/null </dev/null >"$work/shown"
grep -q '\[137/200\] Building CXX object part137.o' "$work/shown" || fail "expected each step on a terminal"
[ "$(wc -l <"$work/shown")" = 0 ] || fail "expected one line on a terminal"
cmp "$work/said" "$work/log" || fail "the log is not what the build said"
echo "ok - one line on a terminal"
