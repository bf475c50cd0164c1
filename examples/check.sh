#!/bin/sh
# check.sh [BUILD_FOLDER]: runs every example on the machine (without proving) and natively, and compares both journals with
# each other and with what an independent tool says. The folder is build/ of these sources if it is not given.
set -eu
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
folder=${1:-$(dirname "$0")/../build}
build=$(cd "$folder" 2>/dev/null && pwd) || die "expected a build folder, found no folder '$folder'"
for part in zkvm guests/sort.elf guests/keyword_spotting_software.elf examples/sort-native; do
  [ -f "$build/$part" ] ||
    die "expected $build/$part, found none: build it with cmake --build $folder --target zkvm examples"
done
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run_both() { # NAME INPUT [GUEST]: the journal, after checking that machine and host agree
  "$build/zkvm" run "$build/guests/${3:-$1}.elf" --input "$2" --journal "$work/guest" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; echo "FAILED - $1 on $2 did not end with exit code 0" >&2; exit 1; }
  ZKVM_INPUT=$2 ZKVM_JOURNAL=$work/native "$build/examples/$1-native" >"$work/log"
  cmp "$work/guest" "$work/native" || { echo "FAILED - $1 on $2: journals differ" >&2; exit 1; }
  od -An -v -tx1 "$work/guest" | tr -d ' \n'
}

expect() { # DESCRIPTION EXPECTED FOUND
  if [ "$2" != "$3" ]; then
    echo "FAILED - $1: expected $2, found $3" >&2
    exit 1
  fi
  echo "ok - $1"
}

for digit in 0 1 2 3 4 5 6 7 8 9; do
  expect "digits sees the $digit" "0$digit" "$(run_both digits "digits/images/digit-$digit.bin")"
done

for size in 0 1 55 56 63 64 65 119 120 1000; do
  head -c "$size" digits/weights.hpp >"$work/message"
  expect "sha256 of $size bytes" "$(sha256sum <"$work/message" | cut -d ' ' -f 1)" "$(run_both sha256 "$work/message")"
done

# 512 numbers; the expected journal from od, sort and awk.
head -c 2048 digits/weights.hpp >"$work/numbers"
word() { printf '%08x' "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/'; }
od -An -v -tu4 -w4 "$work/numbers" | sort -n >"$work/sorted"
sum=$(awk '{ sum = (sum + $1) % 4294967296 } END { printf "%.0f", sum }' "$work/sorted")
expect "sort of 512 numbers" \
  "$(word 512)$(word "$sum")$(word 1)$(word "$(sed -n 1p "$work/sorted")")$(word "$(sed -n 257p "$work/sorted")")$(word "$(sed -n 512p "$work/sorted")")" \
  "$(run_both sort "$work/numbers")"

# Networks: the expected journals are from the TensorFlow Lite reference kernels.
expect "keyword_spotting hears a word" 80808080807f808080808080 "$(run_both keyword_spotting keyword_spotting/input.i8)"
expect "keyword_spotting hears a word, in software" 80808080807f808080808080 \
  "$(run_both keyword_spotting keyword_spotting/input.i8 keyword_spotting_software)"
expect "image_classification sees a picture" d0808194d081b9838c81 \
  "$(run_both image_classification image_classification/input.i8)"
expect "image_classification sees a picture, in software" d0808194d081b9838c81 \
  "$(run_both image_classification image_classification/input.i8 image_classification_software)"

# Both proved, and verified as the program that its ELF file is.
prove() { # NAME: the verified journal, in hexadecimal
  "$build/zkvm" run --prove "$build/guests/$1.elf" --input "$1/input.i8" -o "$work/$1.receipt" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
  "$build/zkvm" verify "$work/$1.receipt" --elf "$build/guests/$1.elf" --journal "$work/journal" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
  od -An -v -tx1 "$work/journal" | tr -d ' \n'
}
expect "keyword_spotting is proved and verified" 80808080807f808080808080 "$(prove keyword_spotting)"
expect "image_classification is proved and verified" d0808194d081b9838c81 "$(prove image_classification)"

# Guests that reject their input.
if "$build/zkvm" run "$build/guests/digits.elf" --input "$work/numbers" >"$work/log" 2>&1; then
  echo "FAILED - digits accepted an image of 2048 bytes" >&2
  exit 1
fi
grep -q 'expected 64 bytes, found 2048' "$work/log"
echo "ok - digits rejects an image of the wrong size"
for network in keyword_spotting:490 image_classification:3072; do
  if "$build/zkvm" run "$build/guests/${network%:*}_software.elf" --input "$work/numbers" >"$work/log" 2>&1; then
    echo "FAILED - ${network%:*} accepted an input of 2048 bytes" >&2
    exit 1
  fi
  grep -q "expected ${network#*:} bytes, found 2048" "$work/log"
  echo "ok - ${network%:*} rejects an input of the wrong size"
done
