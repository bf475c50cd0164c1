#!/bin/sh
# Sources that must not compile, and what the compiler must say: for guests, and with host/io.cpp's headers natively.
set -eu
sdk=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
status=0
native=${CXX:-c++}

says() { # COMPILER MESSAGE: the source on stdin does not compile, and the message says so, once
  cat >source.cpp
  if $1 -fsyntax-only -std=c++20 -I"$sdk/include" source.cpp >log 2>&1; then
    printf 'FAILED - compiles with %s: %s\n' "$1" "$2"
    cat source.cpp
    status=1
  elif [ "$(grep -c "error:.*$2" log)" = 1 ]; then
    printf 'ok - %s\n' "$2"
  else
    printf 'FAILED - not said once: %s\n' "$2"
    cat source.cpp log
    status=1
  fi
}

# Bytes that are no value. Each declaration is one source.
while IFS='|' read -r function declarations statement; do
  for compiler in "$sdk/bin/zkvm-g++" "$native"; do
    says "$compiler" "zkvm::$function only types whose bytes are their value" <<CPP
#include "zkvm/guest.hpp"
$declarations
int main() { $statement }
CPP
  done
done <<'CASES'
commit_value publishes|struct Padded { char tag; int secret; };|zkvm::commit_value(Padded{});
commit_value publishes|struct Inner { int a; char b; }; struct Outer { Inner inner[2]; };|zkvm::commit_value(Outer{});
commit_value publishes|struct Mixed { double a; float b; };|zkvm::commit_value(Mixed{});
commit_value publishes|#include <string_view>|zkvm::commit_value(std::string_view("the address, not the text"));
commit_value publishes|#include <optional>|zkvm::commit_value(std::optional<int>(3));
commit_value publishes||int x = 0; zkvm::commit_value(&x);
commit_values publishes|struct Padded { char tag; int secret; };|zkvm::commit_values(std::vector<Padded>(2));
commit_values publishes|struct Padded { char tag; int secret; };|zkvm::commit_sized(std::vector<Padded>(2));
Reader reads|struct Padded { char tag; int secret; };|zkvm::Reader().read<Padded>();
Reader reads|struct Padded { char tag; int secret; };|zkvm::Reader().read_vector<Padded>();
Reader reads|struct Padded { char tag; int secret; };|zkvm::Reader().view<Padded>(1);
Reader reads||bool flags[3]; zkvm::Reader().read(std::span(flags));
CASES

exit $status
