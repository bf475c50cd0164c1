#!/bin/sh
# typed.sh ZKVM GUEST NATIVE: typed.cpp on the machine and natively. Input in the right form comes back in the journal; each
# wrong one ends with exit code 65 and the message that is expected.
set -eu
zkvm=$1
guest=$2
native=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# case 0; "hello!"; two points; no words of 64 bits; true, GREEN, {1, 2}; a count; three bytes of alignment; words; floats
words='\1\0\0\0\2\0\0\0\377\377\377\377'
form='\6\0\0\0hello!\2\0\0\0\0\0\200\77\0\0\0\100\3\0\0\0\0\0\0\277\0\0\0\0\371\377\377\377\0\0\0\0\1\1\1\0\2\0'
numbers='\0\0\300\77\0\0\0\0'
printf "\\0$form\\3\\0\\0\\0\\0\\0\\0$words$numbers" >"$work/input"
printf "$form|\\3\\0\\0\\0$words$numbers" >"$work/expected"
"$zkvm" run "$guest" --input "$work/input" --journal "$work/guest"
ZKVM_INPUT="$work/input" ZKVM_JOURNAL="$work/native" "$native"
cmp "$work/guest" "$work/expected"
cmp "$work/native" "$work/expected"

refuses() { # INPUT MESSAGE
  printf "$1" >"$work/input"
  code=0
  ZKVM_INPUT="$work/input" "$native" >"$work/native" 2>&1 || code=$?
  "$zkvm" run "$guest" --input "$work/input" >"$work/guest" 2>&1 || true
  if [ $code = 65 ] && grep -qF "input: expected $2" "$work/native" && grep -qF "input: expected $2" "$work/guest" &&
    grep -q 'exit code 65' "$work/guest"; then
    printf 'ok - %s\n' "$2"
  else
    printf 'FAILED - %s, native exit code %s\n' "$2" "$code"
    cat "$work/native" "$work/guest"
    status=1
  fi
}
refuses '\1\6\0\0\0hello' '6 more bytes, found 5'
refuses '\1\377\377\377\377hello' '4294967295 more bytes, found 5'
refuses '\1\0\0' '4 more bytes, found 2'
refuses '\2\2\0\0\0\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7' '2 more elements, found 1'
refuses '\2\1\0\0\040' '536870913 more elements, found 0' # times 8 is 8 modulo 2^32
refuses '\3\2' '1 at most, as a bool, found 2'
refuses '\4\1\2\3\4\5\6\7' '4-byte alignment of elements, remainder 0, found 1'
refuses '\5\1\2\3' '4294967280 more bytes, found 3'
refuses '\6\1' '0 more bytes, found 1'
refuses '\7\1\2\3' '12 more bytes, found 3'
refuses '\10\1\2\3\4\5' '4 more elements, found 1'
exit $status
