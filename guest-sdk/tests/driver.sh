#!/bin/sh
# Tests the drop-in compilers as a user and a Makefile would call them. The results are inspected, not run.
set -eu
bin=$(cd "$(dirname "$0")/../bin" && pwd)
cross=${ZKVM_CROSS:-riscv64-unknown-elf-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ZKVM_SDK_BUILD=$work/runtime
export ZKVM_SDK_BUILD
cd "$work"
status=0

check() { # DESCRIPTION COMMAND...
  description=$1
  shift
  if "$@" >log 2>&1; then
    printf 'ok - %s\n' "$description"
  else
    printf 'FAILED - %s\n' "$description"
    cat log
    status=1
  fi
}
refuses() { ! "$@"; }

cat >hello.cpp <<'CPP'
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include "part.h"
int main() { std::map<std::string, int> m{{"a", 1}}; std::printf("%d\n", m["a"] + part()); }
CPP
printf '#ifdef __cplusplus\nextern "C"\n#endif\nint part(void);\n' >part.h
printf '#include "part.h"\nint part(void) { return 1; }\n' >part.c
printf '#include <stdio.h>\n#include <math.h>\nint main(void) { return printf("%%f", sqrt(2.0)) < 0; }\n' >plain.c

check "C++ and C in one command" "$bin/zkvm-g++" hello.cpp part.c -o hello.elf
check "separate compilation" sh -c "'$bin/zkvm-g++' -c hello.cpp && '$bin/zkvm-gcc' -c part.c -o part.o &&
  '$bin/zkvm-g++' hello.o part.o -o separate.elf"
check "C alone with -lm" "$bin/zkvm-gcc" -O3 -g plain.c -lm -o plain.elf
printf 'int counter = 1;\nint _start(void) { return counter++; }\n' >bare.c
check "without libraries" "$bin/zkvm-gcc" -nostdlib bare.c -o bare.elf
check "-S writes assembly" sh -c "'$bin/zkvm-gcc' -S part.c -o part.s && grep -q 'part:' part.s"
check "-E preprocesses" sh -c "'$bin/zkvm-g++' -E hello.cpp | grep -q 'int main'"
check "standard input with -x" sh -c "echo 'int main() {}' | '$bin/zkvm-g++' -x c++ - -o stdin.elf"
check "--version" sh -c "'$bin/zkvm-g++' --version | grep -q '(GCC)\|Free Software'"
check "link-time optimisation" "$bin/zkvm-gcc" -flto plain.c -o lto.elf
check "another architecture is refused" refuses "$bin/zkvm-gcc" -march=rv32imac -c part.c
says() { # TEXT COMMAND...: fails and says it
  text=$1
  shift
  if "$@" >said 2>&1; then return 1; fi
  grep -q -- "$text" said || { cat said; return 1; }
}
check "misaligned accesses are refused with a reason" says 'they trap' "$bin/zkvm-gcc" -mno-strict-align -c part.c
check "sanitizers are refused with a reason" says 'no run-time library of sanitizers' \
  "$bin/zkvm-g++" -fsanitize=address,undefined hello.cpp part.c -o sanitized.elf
check "but traps are not" "$bin/zkvm-gcc" -fsanitize=undefined -fsanitize-undefined-trap-on-error plain.c -o trapping.elf
# The same program, wherever its sources lie and however they are named.
for place in one "two with spaces/below"; do
  mkdir -p "$place/include"
  printf '#include <cassert>\n#include <cstdio>\n#include <source_location>\n#include "where.h"\nint main(int n, char**) {\n  assert(n < 7); std::puts(__FILE__); where(); std::puts(std::source_location::current().file_name()); }\n' >"$place/main.cpp"
  printf '#include <cstdio>\ninline void where() { std::puts(__FILE__); }\n' >"$place/include/where.h"
  "$bin/zkvm-g++" "$PWD/$place/main.cpp" "-I$PWD/$place/include" -o "$place/absolute.elf"
  (cd "$place" && "$bin/zkvm-g++" main.cpp -I include -o relative.elf)
done
for elf in one/relative.elf "two with spaces/below/absolute.elf" "two with spaces/below/relative.elf"; do
  check "__FILE__ does not say where the sources lie: $elf" cmp one/absolute.elf "$elf"
done
check "a shared library is refused" refuses "$bin/zkvm-gcc" -shared part.c -o part.so
check "errors in the source fail" refuses sh -c "echo 'int main() { return x; }' | '$bin/zkvm-gcc' -x c - -o bad.elf"
printf 'all: make.elf\nmake.elf: hello.o part.o\n\t$(CXX) $^ -o $@\n' >Makefile
if command -v make >/dev/null 2>&1; then
  check "an ordinary Makefile" make -s CXX="$bin/zkvm-g++" CC="$bin/zkvm-gcc" -B
fi

# Layers: one segment of records, of those that are called; the software build has none.
cat >layers.cpp <<'CPP'
#include "zkvm/nn/nn.hpp"
namespace nn = zkvm::nn;
ZKVM_NN_ROM(CALLED, nn::table_layer(4, nn::relu_table({}, {})));
ZKVM_NN_ROM(UNUSED, nn::table_layer(4, nn::relu_table({}, {})));
extern "C" const zkvm_nn_linear ASSEMBLED[];
nn::Tensor<1, 1, 4> in, out;
int main() {
  nn::activation<CALLED>(in, in);
  nn::linear<nn::fully_connected_shape({.in_c = 4, .out_c = 4})>(ASSEMBLED, in, out);
}
CPP
cat >assembled.S <<'ASM'
  .section .zkvm.rom.ASSEMBLED, "a"
  .balign 32
  .globl ASSEMBLED
ASSEMBLED:
  .zero 192
  .section .zkvm.rom.DROPPED, "a"
  .zero 64
ASM
check "layers in a program" "$bin/zkvm-g++" layers.cpp assembled.S -o layers.elf
check "their records have a segment without gaps" sh -c "${cross}readelf -lW layers.elf |
  grep -Eq '^ +LOAD +0x[0-9a-f]+ 0x60000000 0x60000000 0x00240 0x00240 R +0x'"
check "what is not called is dropped" refuses sh -c "${cross}nm layers.elf | grep -q UNUSED"
check "layers in software" "$bin/zkvm-g++" -DZKVM_NN_SOFTWARE -Os layers.cpp -x assembler-with-cpp - -o software.elf <<'ASM'
  .section .rodata.ASSEMBLED, "a"
  .globl ASSEMBLED
ASSEMBLED:
  .zero 192
ASM
for elf in software.elf hello.elf; do
  check "$elf: two segments" sh -c "[ \$(${cross}readelf -lW $elf | grep -cE '^ +LOAD') = 2 ]"
done

for elf in *.elf; do
  check "$elf: 32-bit executable at 0x10000, integer ABI" sh -c "${cross}readelf -h $elf | grep -q ELF32 &&
    ${cross}readelf -h $elf | grep -Eq 'Entry point address: +0x10000$' && ${cross}readelf -h $elf | grep -Eq 'Flags: +0x0$'"
  # Compressed instructions are 2 bytes long; A, F, D and CSR instructions are named here.
  check "$elf: nothing but RV32IM" sh -c "${cross}objdump -d $elf >dump && ! grep -Eq '^ +[0-9a-f]+:\s[0-9a-f]{4} ' dump &&
    ! grep -Eq '\s(amo[a-z.]+|lr\.w|sc\.w|csr[a-z]+|f[ls][wd]|fmv[.a-z]*)\s' dump"
  check "$elf: data segment on its own page" sh -c "${cross}readelf -lW $elf | grep -E '^ +LOAD.* RW +0x1000'"
done
exit $status
