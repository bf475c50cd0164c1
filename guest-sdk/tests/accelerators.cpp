// zkvm/accelerators.h: examples of the standards, and a chain over all lengths and alignments.
#include "zkvm/accelerators.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"

namespace {

template <std::size_t N>
std::string hex(const std::uint8_t (&bytes)[N]) {
  std::string out;
  for (const unsigned b : bytes) {
    out += "0123456789abcdef"[b / 16];
    out += "0123456789abcdef"[b % 16];
  }
  return out;
}

std::string sha256(std::string_view text) {
  zkvm_sha256_hash hash;
  CHECK(zkvm_sha256(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), &hash) == ZKVM_EOK);
  return hex(hash.data);
}

void sha256_of_the_standards_examples() {
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256(std::string(1000, 'a')) == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}

// Python:
//   h = bytes(32)
//   for n in range(300): h = sha256(h + sha256(bytes((i * 7 + n) & 255 for i in range(n))).digest()).digest()
void sha256_of_every_length_and_alignment() {
  zkvm_sha256_hash pair[2] = {};
  std::vector<std::uint8_t> message(304);
  for (std::size_t n = 0; n < 300; ++n) {
    std::uint8_t* const data = message.data() + n % 4;
    for (std::size_t i = 0; i < n; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + n);
    CHECK(zkvm_sha256(data, n, &pair[1]) == ZKVM_EOK);
    CHECK(zkvm_sha256(pair[0].data, 64, &pair[0]) == ZKVM_EOK);
  }
  CHECK(hex(pair[0].data) == "4dddc40d9b1fcd9c7a2a2b455e7cac581e0b0dd5e1a7b419400a52e254e93af7");
}

void sha256_fails_without_data_or_output() {
  zkvm_sha256_hash hash;
  CHECK(zkvm_sha256(nullptr, 0, &hash) == ZKVM_EOK);
  CHECK(zkvm_sha256(nullptr, 1, &hash) == ZKVM_EFAIL);
  CHECK(zkvm_sha256(hash.data, 1, nullptr) == ZKVM_EFAIL);
}

std::string keccak256(std::string_view text) {
  zkvm_keccak256_hash hash;
  CHECK(zkvm_keccak256(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), &hash) == ZKVM_EOK);
  return hex(hash.data);
}

void keccak256_of_known_answers() {
  CHECK(keccak256("") == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  CHECK(keccak256("abc") == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  CHECK(keccak256(std::string(1000, 'a')) == "b6a4ac1f51884d71f30fa397a5e155de3099e11fc0edef5d08b646e621e19de9");
}

// Python, with K = Crypto.Hash.keccak of 256 bits:
//   h = bytes(32)
//   for n in range(300): h = K(h + K(bytes((i * 7 + n) & 255 for i in range(n))))
void keccak256_of_every_length_and_alignment() {
  zkvm_keccak256_hash pair[2] = {};
  std::vector<std::uint8_t> message(304);
  for (std::size_t n = 0; n < 300; ++n) {
    std::uint8_t* const data = message.data() + n % 4;
    for (std::size_t i = 0; i < n; ++i) data[i] = static_cast<std::uint8_t>(i * 7 + n);
    CHECK(zkvm_keccak256(data, n, &pair[1]) == ZKVM_EOK);
    CHECK(zkvm_keccak256(pair[0].data, 64, &pair[0]) == ZKVM_EOK);
  }
  CHECK(hex(pair[0].data) == "864817a16a7525a317e9b8befb7d50fac0a1ceee51bc55cbdc443bb5a4ba8023");
}

// The first lanes of Keccak-f[1600] of zeros, and of that.
void keccak_permutes_zeros() {
  std::uint64_t state[25] = {};
  zkvm_keccak_permute(state);
  CHECK(state[0] == 0xf1258f7940e1dde7 && state[1] == 0x84d5ccf933c0478a && state[24] == 0xeaf1ff7b5ceca249);
  zkvm_keccak_permute(state);
  CHECK(state[0] == 0x2d5c954df96ecb3c && state[1] == 0x6a332cd07057b56d && state[24] == 0x20d06cd26a8fbf5c);
}

void keccak256_fails_without_data_or_output() {
  zkvm_keccak256_hash hash;
  CHECK(zkvm_keccak256(nullptr, 0, &hash) == ZKVM_EOK);
  CHECK(zkvm_keccak256(nullptr, 1, &hash) == ZKVM_EFAIL);
  CHECK(zkvm_keccak256(hash.data, 1, nullptr) == ZKVM_EFAIL);
}

}  // namespace

int main() {
  sha256_of_the_standards_examples();
  sha256_of_every_length_and_alignment();
  sha256_fails_without_data_or_output();
  keccak256_of_known_answers();
  keccak256_of_every_length_and_alignment();
  keccak_permutes_zeros();
  keccak256_fails_without_data_or_output();
  return check::report();
}
