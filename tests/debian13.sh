#!/bin/sh
# Makes a Debian 13 root with debootstrap under build/debian13, copies the source tree into it, and there runs the quickstart,
# the tests of the model compiler and the self-checking guests of the SDK. Needs root, about 2.5 GB and a Debian mirror; takes the
# mirror that this machine is configured for. A root that exists is used again; --fresh makes a new one.
set -eu
ZKVM_ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ZKVM_ROOT"
. guest-sdk/setup.sh

[ "$(id -u)" = 0 ] || die "chroot and debootstrap need root"
is_installed debootstrap || { ZKVM_PACKAGES="" install_packages debootstrap debian-archive-keyring; }
root=$ZKVM_ROOT/build/debian13
[ "${1:-}" != --fresh ] || rm -rf --one-file-system "$root"
mkdir -p "$ZKVM_ROOT/build"

if [ ! -f "$root/.complete" ]; then
  rm -rf --one-file-system "$root"
  say "debootstrap of Debian 13 into build/debian13"
  debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg trixie "$root" \
    "$(debian_mirror)" >"$ZKVM_ROOT/build/debian13.log" 2>&1 ||
    { tail -n 20 "$ZKVM_ROOT/build/debian13.log" >&2; die "debootstrap failed; see build/debian13.log"; }
  touch "$root/.complete"
fi
# The network set-up of this machine.
cp /etc/resolv.conf "$root/etc/resolv.conf"

say "copying the source tree"
rm -rf "$root/zkvm/source"
mkdir -p "$root/zkvm/source"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$root/zkvm/source"
# Compiled objects of an earlier run are kept.
mkdir -p "$root/zkvm/build"
ln -s ../build "$root/zkvm/source/build"

in_root() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C http_proxy="${http_proxy:-}" \
    https_proxy="${https_proxy:-}" sh -euc "cd /zkvm/source; $1"
}
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc" 2>/dev/null || true' EXIT

say "Debian 13: examples/quickstart.sh"
in_root "examples/quickstart.sh" | tee "$ZKVM_ROOT/build/debian13-quickstart.log"
grep -q 'shows the digit *3$' "$ZKVM_ROOT/build/debian13-quickstart.log" || die "the quickstart did not see the digit"

say "Debian 13: tests of the guest SDK, the examples and the model compiler"
in_root "cmake --build build && ctest --test-dir build --output-on-failure -R '^(sdk_|examples|digits_|compiler_|models_|bad_models_)'"
say "Debian 13: passed"
