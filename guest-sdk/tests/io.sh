#!/bin/sh
# io.sh ZKVM GUEST NATIVE: runs the I/O guest on the machine and natively with inputs of several lengths; both must succeed
# and write the same journal.
set -eu
zkvm=$1
guest=$2
native=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for size in 0 1 2 3 4 5 301; do
  i=0
  while [ "$i" -lt "$size" ]; do
    printf "\\$(printf %03o $((i % 256)))"
    i=$((i + 1))
  done >"$work/input"
  "$zkvm" run "$guest" --input "$work/input" --journal "$work/guest"
  ZKVM_INPUT="$work/input" ZKVM_JOURNAL="$work/native" "$native"
  cmp "$work/guest" "$work/native"
done
