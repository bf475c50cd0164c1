#include "tests/receipts/packing.hpp"

#include <zstd.h>

#include <cstring>
#include <stdexcept>

#include "vm/receipt/receipt.hpp"

namespace zkvm::tests {
namespace {

// As vm/receipt/receipt.cpp writes it: magic, version, size of the body, a zstd frame.
constexpr char MAGIC[] = "zkvmrcpt";
constexpr size_t HEADER_BYTES = 8 + 4 + 8;

}  // namespace

std::vector<uint8_t> unpack(std::span<const uint8_t> file) {
  if (file.size() < HEADER_BYTES) return {};
  uint64_t size = 0;
  std::memcpy(&size, file.data() + 12, sizeof size);
  if (size > vm::MAX_RECEIPT_BYTES / 16) return {};
  std::vector<uint8_t> body(size);
  const size_t n = ZSTD_decompress(body.data(), body.size(), file.data() + HEADER_BYTES, file.size() - HEADER_BYTES);
  if (ZSTD_isError(n) != 0 || n != size) return {};
  return body;
}

std::vector<uint8_t> pack(std::span<const uint8_t> body) {
  std::vector<uint8_t> file(HEADER_BYTES + ZSTD_compressBound(body.size()));
  const uint32_t version = vm::RECEIPT_VERSION;
  const uint64_t size = body.size();
  std::memcpy(file.data(), MAGIC, 8);
  std::memcpy(file.data() + 8, &version, sizeof version);
  std::memcpy(file.data() + 12, &size, sizeof size);
  const size_t n = ZSTD_compress(file.data() + HEADER_BYTES, file.size() - HEADER_BYTES, body.data(), body.size(), 1);
  if (ZSTD_isError(n) != 0) throw std::runtime_error("zstd");
  file.resize(HEADER_BYTES + n);
  return file;
}

}  // namespace zkvm::tests
