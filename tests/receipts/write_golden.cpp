// Rewrites the golden receipt: golden_receipt FILE. Prints the image ID that golden_test.cpp must then name.
#include <cstdio>
#include <fstream>

#include "tests/receipts/receipt_maker.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  const zkvm::vm::Receipt receipt = zkvm::tests::make_receipt(zkvm::tests::GOLDEN_BITS);
  const std::vector<uint8_t> file = zkvm::vm::encode_receipt(receipt);
  std::ofstream out(argv[1], std::ios::binary);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  out.close();
  if (!out) {
    std::fprintf(stderr, "cannot write %s\n", argv[1]);
    return 1;
  }
  std::printf("%s\n", zkvm::vm::to_hex(receipt.claim.image_id.bytes).c_str());
  return 0;
}
