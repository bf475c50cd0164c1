# The compiler driver behind bin/zkvm-gcc and bin/zkvm-g++: runs the cross compiler with the flags, headers, start-up code,
# linker script and library of the guest SDK. All options of gcc work. POSIX sh; sourced with ZKVM_LANGUAGE = c or c++.
#
# Differences from plain gcc: the target is always rv32im/ilp32; without -O the level is -O2; without -std C++ is
# gnu++20; exceptions, run-time type information and thread-safe statics are off unless asked for. -nostdlib and
# -nostartfiles leave out the start-up code and libraries but keep the linker script, unless -T names another.
#
# Environment:
#   ZKVM_SDK_BUILD  folder for the compiled runtime library, default build/guest-sdk beside the SDK's folder
#   ZKVM_CROSS      prefix of the cross tools, default riscv64-unknown-elf-
#
# --zkvm-build-runtime alone compiles the runtime library if it is missing or stale and prints its path.

sdk=$(dirname -- "$here")
cross=${ZKVM_CROSS:-riscv64-unknown-elf-}
picolibc=/usr/lib/picolibc/riscv64-unknown-elf
target="-march=rv32im -mabi=ilp32"

fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
# 127, as a shell for a command that is not there.
missing() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 127; }

command -v "${cross}gcc" >/dev/null 2>&1 ||
  missing "${cross}gcc not found: install the packages gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf"
[ -d "$picolibc/include" ] || missing "$picolibc not found: install the package picolibc-riscv64-unknown-elf"
version=$("${cross}gcc" -dumpfullversion)

# Where the C++ library comes from. Either the cross compiler's own (Debian 13: libstdc++-riscv64-unknown-elf-picolibc), or
# the host's libstdc++ headers of the same major version behind shim/, with runtime/libstdcxx12.cpp for a library
# (Debian 12).
cxx_library=$picolibc/lib/rv32im/ilp32/libstdc++.a
cxx_flags=""
cxx_sources=""
if [ -f "$cxx_library" ]; then
  own_libstdcxx=yes
  c_headers="-idirafter $picolibc/include"
else
  own_libstdcxx=no
  c_headers="-isystem $picolibc/include"
  host_headers=/usr/include/c++/${version%%.*}
  host_config=$(set -- /usr/include/*-linux-gnu/c++/"${version%%.*}"/bits/c++config.h && printf '%s' "${1%/bits/c++config.h}")
  if [ -d "$host_headers" ] && [ -d "$host_config" ]; then
    cxx_flags="-nostdinc++ -isystem $sdk/shim -isystem $host_headers -isystem $host_config"
    cxx_sources="$sdk/runtime/libstdcxx12.cpp"
  elif [ "$ZKVM_LANGUAGE" = c++ ]; then
    fail "no C++ library: expected $cxx_library (package libstdc++-riscv64-unknown-elf-picolibc)" \
      "or $host_headers (package libstdc++-${version%%.*}-dev)"
  fi
fi

# Options of every compilation; the user's own come after them, $target after those.
# -mtune=size makes the compiler count instructions, which is what a proof costs, instead of a core's latencies.
common="-mstrict-align -mcmodel=medlow -mtune=size -ftls-model=local-exec -ffunction-sections -fdata-sections \
-fno-asynchronous-unwind-tables -fno-unwind-tables"
cxx_common="-fno-exceptions -fno-rtti -fno-threadsafe-statics"

# --- The runtime library --------------------------------------------------------------------------------------------------

build_root=${ZKVM_SDK_BUILD:-$(dirname -- "$sdk")/build/guest-sdk}
runtime="$build_root/gcc-$version"

runtime_is_stale() {
  [ ! -f "$runtime/libzkvm.a" ] ||
    [ -n "$(find "$sdk/runtime" "$sdk/include" "$sdk/shim" "$sdk/driver.sh" -newer "$runtime/libzkvm.a" -print -quit)" ]
}

compile_runtime() {
  parts=$(mktemp -d "$build_root/parts.XXXXXX") || return 1
  for source in "$sdk"/runtime/start.S "$sdk"/runtime/*.c "$sdk/runtime/cxx.cpp" "$sdk/runtime/errors.cpp" $cxx_sources; do
    object="$parts/$(basename "$source").o"
    case "$source" in
      *.cpp) # without C++ headers there is a runtime for C alone
        [ "$own_libstdcxx" = yes ] || [ -n "$cxx_flags" ] || continue
        # shellcheck disable=SC2086
        "${cross}g++" -std=gnu++20 -O2 -Wall -Wextra $common $cxx_common \
          -I"$sdk/include" -I"$sdk/runtime" "-fmacro-prefix-map=$sdk/=" \
          $cxx_flags $c_headers $target -c "$source" -o "$object" || return 1 ;;
      *)
        # The loops of memcpy must not be recognised as memcpy.
        # shellcheck disable=SC2086
        "${cross}gcc" -std=gnu17 -O2 -Wall -Wextra $common -fno-builtin -fno-tree-loop-distribute-patterns \
          -I"$sdk/include" "-fmacro-prefix-map=$sdk/=" $c_headers $target -c "$source" -o "$object" || return 1 ;;
    esac
  done
  # errors.cpp is left out where exceptions are wanted.
  if [ -f "$parts/errors.cpp.o" ]; then
    "${cross}ar" crs "$parts/liberrors.a" "$parts/errors.cpp.o" || return 1
    rm "$parts/errors.cpp.o"
  fi
  "${cross}ar" crs "$parts/libzkvm.a" "$parts"/*.o && mkdir -p "$runtime" && mv "$parts"/lib*.a "$runtime" && rm -rf "$parts"
}

build_runtime() {
  runtime_is_stale || return 0
  mkdir -p "$build_root" || fail "cannot write $build_root; set ZKVM_SDK_BUILD to a folder for the runtime library"
  # One at a time: a parallel make starts many compilers at once.
  exec 9>"$build_root/lock"
  flock 9
  if runtime_is_stale && ! compile_runtime; then
    rm -rf "$build_root"/parts.*
    fail "the runtime library could not be compiled"
  fi
  exec 9>&-
}

# --- The user's command -----------------------------------------------------------------------------------------------

if [ "$*" = --zkvm-build-runtime ]; then
  build_runtime
  printf '%s\n' "$runtime/libzkvm.a"
  exit 0
fi

links=yes        # does this command link?
libraries=yes    # with start-up code and libraries?
script="-T $sdk/link.ld"
optimise=-O2
standard=""
[ "$ZKVM_LANGUAGE" = c++ ] && standard=-std=gnu++20
inputs=no
unwind=no
previous=""
for argument in "$@"; do
  case "$previous" in
    -o | -x | -I | -D | -U | -L | -include | -isystem | -idirafter | -iquote | -MF | -MT | -MQ | -Xlinker | -Xassembler | \
      -Xpreprocessor | -T | -u | -z | --param) previous="" ; continue ;;
  esac
  previous=$argument
  case "$argument" in
    -c | -S | -E | -M | -MM | -fsyntax-only) links=no ;;
    -nostdlib | -nostartfiles | -nodefaultlibs | -r) libraries=no ;;
    -T* | -Wl,-T*) script="" ;;
    -O*) optimise="" ;;
    -std=* | --std=* | -ansi) standard="" ;;
    -fexceptions) unwind=yes ;;
    -mno-strict-align) fail "$argument: the machine has no misaligned loads and stores, they trap" ;;
    -fsanitize=*)
      case " $* " in
        *" -fsanitize-undefined-trap-on-error "*) ;; # needs no run-time library
        *) fail "$argument: there is no run-time library of sanitizers for guests; build the same source natively" \
             "(guest-sdk/host/io.cpp), or add -fsanitize-undefined-trap-on-error to -fsanitize=undefined" ;;
      esac ;;
    -shared | -pie) fail "$argument: guests are statically linked" ;;
    -march=* | -mabi=*)
      case "$argument" in
        -march=rv32im | -mabi=ilp32) ;;
        *) fail "$argument: the machine is rv32im with ilp32, exactly" ;;
      esac ;;
    - | *[!-]*) case "$argument" in -) inputs=yes ;; -*) ;; *) inputs=yes ;; esac ;;
  esac
  case "$argument" in -r) script="" ;; esac
done

# __FILE__ must not say where the sources lie: the image ID of a program would depend on it. Debug information does.
# Of several folders the last one counts: include folders, which may lie in a source's, come behind those.
previous=""
for argument in "$@"; do
  case "$previous" in
    -I | -iquote | -isystem | -idirafter) set -- "-fmacro-prefix-map=${argument%/}/=" "$@" ;;
  esac
  case "$argument" in
    -I?*) folder=${argument#-I} && set -- "-fmacro-prefix-map=${folder%/}/=" "$@" ;;
  esac
  previous=$argument
done
for argument in "$@"; do
  case "$argument" in
    -*) ;;
    */*.[cCS] | */*.cc | */*.cpp | */*.cxx | */*.c++) set -- "-fmacro-prefix-map=${argument%/*}/=" "$@" ;;
  esac
done
set -- "-fmacro-prefix-map=$sdk/include/=" "-fmacro-prefix-map=$picolibc/include/=" "-fmacro-prefix-map=$PWD/=" "$@"

if [ "$ZKVM_LANGUAGE" = c++ ]; then
  compiler="${cross}g++"
  flags="$common $cxx_common"
  [ "$unwind$own_libstdcxx" != yesno ] || fail "-fexceptions needs libstdc++-riscv64-unknown-elf-picolibc (Debian 13)"
  headers="-I$sdk/include $cxx_flags $c_headers"
else
  compiler="${cross}gcc"
  flags=$common
  headers="-I$sdk/include $c_headers"
fi
# Tables for the unwinder only where exceptions are wanted.
[ "$unwind" = yes ] && flags="$flags -fasynchronous-unwind-tables -frtti"

if [ $inputs = no ]; then # --version, -dumpmachine, -print-...
  # shellcheck disable=SC2086
  exec "$compiler" "$@" $target
fi
if [ $links = no ]; then
  # shellcheck disable=SC2086
  exec "$compiler" $optimise $standard $flags "$@" $headers $target
fi

link="-nostartfiles -nostdlib -static $script -Wl,--gc-sections -Wl,-z,max-page-size=4096 -Wl,--build-id=none"
after=""
if [ $libraries = yes ]; then
  build_runtime
  # The runtime comes whole, so that its memcpy and malloc win over picolibc's; --gc-sections drops what is not used.
  ours=$runtime/libzkvm.a
  [ "$unwind" = no ] && [ -f "$runtime/liberrors.a" ] && ours="$ours $runtime/liberrors.a"
  after="-x none -L$picolibc/lib/rv32im/ilp32 -Wl,--whole-archive $ours -Wl,--no-whole-archive -Wl,--start-group"
  [ "$own_libstdcxx" = yes ] && [ "$ZKVM_LANGUAGE" = c++ ] && after="$after -lstdc++"
  after="$after -lc -lgcc -Wl,--end-group"
fi
# shellcheck disable=SC2086
exec "$compiler" $optimise $standard $flags $link "$@" $headers $after $target
