# Shell functions that make a Debian 12 or 13 machine ready to build this project. Sourced by examples/quickstart.sh and
# tests/run.sh; POSIX sh, no side effect when sourced. ZKVM_ROOT must name the root of the source tree.
#
#   install_packages [EXTRA...]  installs what is missing with apt-get, from the suites the machine is configured for
#   build_capstone               builds Debian 13's capstone into build/capstone where the system has none with RISC-V

# Everything needed to build the prover, compile guests and run the unit tests.
ZKVM_PACKAGES="g++ cmake ninja-build pkg-config libgtest-dev libgmp-dev libelf-dev libzstd-dev libcli11-dev nlohmann-json3-dev
libflatbuffers-dev flatbuffers-compiler libprotobuf-dev protobuf-compiler libonnx-dev libpng-dev libturbojpeg0-dev
gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"

say() { printf '== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "packages are missing and this is neither root nor is sudo installed; as root run: $*"
  fi
}

debian_release() { # prints 12, 13, ...; testing without a number counts as 13
  ( . /etc/os-release 2>/dev/null; printf '%s\n' "${VERSION_ID:-13}" )
}

is_installed() { # NAME; virtual packages do not count
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
  command -v apt-get >/dev/null 2>&1 || die "this set-up needs Debian (12 or 13); apt-get was not found"
  wanted="$ZKVM_PACKAGES $*"
  if [ "$(debian_release)" -ge 13 ]; then
    wanted="$wanted libcapstone-dev libstdc++-riscv64-unknown-elf-picolibc"
  else
    wanted="$wanted dpkg-dev debian-archive-keyring ca-certificates"
  fi
  missing=""
  for package in $wanted; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "installing:$missing"
  # A simulation tells whether the package lists on disk are good enough; a fresh machine has none.
  # shellcheck disable=SC2086
  if ! apt-get install -s -q --no-install-recommends $missing >/dev/null 2>&1; then
    as_root apt-get update -q
  fi
  # shellcheck disable=SC2086
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; then
    # The lists may be stale (the archive drops superseded versions): refresh once and try again.
    as_root apt-get update -q
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
      || die "apt-get could not install:$missing"
  fi
}

# Capstone knows RISC-V from version 5 on.
has_system_capstone() {
  header=/usr/include/capstone/capstone.h
  [ -f "$header" ] && grep -Eq '#define[[:space:]]+CS_API_MAJOR[[:space:]]+([5-9]|[1-9][0-9])' "$header"
}

# The Debian mirror that the machine's own suites come from.
debian_mirror() {
  codename=$( . /etc/os-release; printf '%s' "${VERSION_CODENAME:-stable}" )
  found=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null |
    awk -v c="$codename" '($1 == c || $1 == "stable" || $1 == "oldstable") && $2 !~ /security/ { print $2; exit }')
  # Without package lists, from the sources themselves: one-line format, then deb822.
  [ -n "$found" ] || found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | grep -v security | head -n 1)
  [ -n "$found" ] || found=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -v security | head -n 1)
  [ -n "$found" ] || die "no Debian mirror is configured: expected one in /etc/apt/sources.list or sources.list.d"
  printf '%s\n' "$found"
}

# Debian 12: fetches the source package of Debian 13's capstone with apt, which checks its signature, through package
# lists, cache and state of its own under build/apt-trixie, so that the machine's apt never hears of Debian 13; then
# builds the RISC-V disassembler alone as a static library.
build_capstone() {
  has_system_capstone && return 0
  prefix="$ZKVM_ROOT/build/capstone"
  [ -f "$prefix/lib/libcapstone.a" ] && return 0
  work="$ZKVM_ROOT/build/apt-trixie"
  log="$work/build.log"
  say "building Debian 13's capstone for RISC-V into build/capstone"
  rm -rf "$work"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/state" "$work/source" "$work/parts"
  : >"$work/state/status"
  printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$(debian_mirror)" \
    >"$work/sources.list"
  private_apt() {
    apt-get -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts="$work/parts" \
      -o Dir::Etc::PreferencesParts="$work/parts" -o Dir::Etc::Preferences=/dev/null \
      -o Dir::State="$work/state" -o Dir::State::Lists="$work/lists" -o Dir::State::status="$work/state/status" \
      -o Dir::Cache="$work/cache" -o Dir::Cache::archives="$work/cache/archives" \
      -o APT::Sandbox::User="$(id -un)" -o APT::Get::AllowUnauthenticated=false -o Acquire::Languages=none "$@"
  }
  if ! {
    private_apt update && ( cd "$work/source" && private_apt source --download-only capstone ) &&
      dpkg-source --no-check -x "$work"/source/capstone_*.dsc "$work/source/capstone" &&
      cmake -S "$work/source/capstone" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
        -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF \
        -DCAPSTONE_BUILD_SHARED=OFF -DCAPSTONE_BUILD_SHARED_LIBS=OFF -DCAPSTONE_BUILD_TESTS=OFF \
        -DCAPSTONE_BUILD_CSTOOL=OFF -DCAPSTONE_ARCHITECTURE_DEFAULT=OFF -DCAPSTONE_RISCV_SUPPORT=ON &&
      cmake --build "$work/build" -j "$(nproc)" && cmake --install "$work/build"
  } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "capstone could not be built; the whole log is in $log"
  fi
  rm -rf "$work" # 90 MB, most of it package lists
}
