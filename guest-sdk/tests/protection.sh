#!/bin/sh
# protection.sh ZKVM GUEST: what a guest must not do traps, with a message that says what it was.
set -eu
zkvm=$1
guest=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# expect STATUS TEXT INPUT
expect() {
  printf '%s' "$3" >"$work/input"
  status=0
  "$zkvm" run "$guest" --input "$work/input" >"$work/out" 2>&1 || status=$?
  if [ "$status" -ne "$1" ] || ! grep -q -- "$2" "$work/out"; then
    echo "input '$3': expected exit code $1 and '$2', found $status and:"
    cat "$work/out"
    exit 1
  fi
}
expect 0 'exit code 0' ''
expect 0 'exit code 0' d
expect 11 'recurse(int)+0x[0-9a-f]*): stack overflow: expected at most 16777216 bytes of stack' s
expect 11 'store to read-only memory' c
expect 11 'store to read-only memory' x
expect 11 'store to read-only memory' i
expect 11 'load outside memory' e
expect 0 'printed 4 bytes of which 0 exist' p
