// Proves knowledge of a file with a given SHA-256 digest.
//
// Input:   the file, any length.
// Journal: its 32-byte digest.

#include "sha256.hpp"

#include "zkvm/guest.hpp"

int main() {
  const sha256::Digest digest = sha256::hash(zkvm::input());
  zkvm::commit(digest);
  return 0;
}
