#!/bin/sh
# From a fresh Debian 12 or 13 to a verified proof: installs what is missing, builds the prover and the example guests into
# build/, proves that a neural network sees a digit in a private image, and verifies the receipt.
#
#   examples/quickstart.sh [DIGIT]    DIGIT from 0 to 9 picks the image, default 3
set -eu
ZKVM_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ZKVM_ROOT"
. guest-sdk/setup.sh

digit=${1:-3}
case $digit in
  [0-9]) ;;
  *) die "expected a digit from 0 to 9, found '$digit'" ;;
esac
image=examples/digits/images/digit-$digit.bin

mkdir -p build
install_packages
build_capstone

# progress LOG: keeps what a build says in LOG and shows how far it is; on a terminal in one line, else in ten.
progress() {
  shown=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    case $line in
      \[*/*\]*) step=${line%%]*} step=${step#[} ;;
      *) continue ;;
    esac
    tenth=$((${step%/*} * 10 / ${step#*/}))
    if [ -t 1 ]; then
      printf '\r\033[K   [%s] %.60s' "$step" "${line#*] }"
    elif [ "$tenth" != "$shown" ]; then
      printf '   %s\n' "$step"
    fi
    shown=$tenth
  done
  if [ -t 1 ]; then printf '\r\033[K'; fi
}

say "building the prover and the examples into build/ (minutes the first time)"
log=build/quickstart.log
: >"$log"
rm -f build/.quickstart
{ { cmake --preset release && cmake --build build --target zkvm examples; } 2>&1 && touch build/.quickstart; } | progress "$log"
if ! rm build/.quickstart 2>/dev/null; then
  tail -n 40 "$log" >&2
  die "the build failed; the whole log is in $log"
fi

say "the private input: $image, 8x8 grey levels"
od -An -v -tu1 -w8 "$image" |
  awk '{ line = "   "; for (i = 1; i <= 8; ++i) line = line substr(" .:-=+*%@", int($i / 2) + 1, 1) " "; print line }'

say "build/zkvm run --prove build/guests/digits.elf --input $image -o build/digits.receipt"
build/zkvm run --prove build/guests/digits.elf --input "$image" -o build/digits.receipt

id=$(build/zkvm image-id build/guests/digits.elf)
say "build/zkvm verify build/digits.receipt --image-id $id --journal build/digits.journal"
build/zkvm verify build/digits.receipt --image-id "$id" --journal build/digits.journal

say "the verified journal says: the image shows the digit$(od -An -tu1 build/digits.journal)"
