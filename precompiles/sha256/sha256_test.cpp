// The precompile against FIPS 180-4, another implementation and hashlib; its tables against the machine's checker; and
// what it costs.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "examples/sha256/sha256.hpp"
#include "precompiles/sha256/test_machine.hpp"

namespace zkvm::precompiles::sha256 {
namespace {

using test::Calls;
using test::check;
using test::TestHost;

constexpr State START = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr uint32_t STATE_AT = 0x40'0000, BLOCK_AT = 0x41'0000;

/// A message with FIPS padding, as words of memory.
std::vector<uint32_t> pad(std::vector<uint8_t> m) {
  const uint64_t bits = uint64_t{8} * m.size();
  m.push_back(0x80);
  while (m.size() % 64 != 56) m.push_back(0);
  for (int i = 7; i >= 0; --i) m.push_back(static_cast<uint8_t>(bits >> (8 * i)));
  std::vector<uint32_t> words(m.size() / 4);
  std::memcpy(words.data(), m.data(), m.size());
  return words;
}
std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

State state_at(const TestHost& host, uint32_t addr) {
  State s;
  for (uint32_t i = 0; i < STATE_WORDS; ++i) s[i] = host.load(addr + 4 * i);
  return s;
}
std::string hex(const State& s) {
  std::string out;
  for (uint32_t w : s) {
    char text[9];
    std::snprintf(text, sizeof text, "%08x", w);
    out += text;
  }
  return out;
}

/// A call per block of the message; the state is at STATE_AT.
Calls hash(const std::vector<uint8_t>& message) {
  const std::vector<uint32_t> words = pad(message);
  Calls calls;
  calls.host.add(STATE_AT, START);
  calls.host.add(BLOCK_AT, words);
  for (uint32_t i = 0; i < words.size(); i += BLOCK_WORDS) EXPECT_EQ(calls.call(STATE_AT, BLOCK_AT + 4 * i), "");
  return calls;
}

void expect_provable(const Calls& calls) {
  const auto report = check(calls.tables(), calls.boundary());
  EXPECT_TRUE(report.ok()) << report.text();
}

template <size_t N>
std::array<uint32_t, N> random_words(std::mt19937& random) {
  std::array<uint32_t, N> out;
  for (uint32_t& w : out) w = static_cast<uint32_t>(random());
  return out;
}

/// By the implementation of the example.
State by_the_example(State state, const Block& block) {
  std::array<uint8_t, 64> bytes;
  std::memcpy(bytes.data(), block.data(), bytes.size());
  ::sha256::detail::compress(state, bytes.data());
  return state;
}

TEST(Sha256, constants_are_cube_roots_of_primes) {
  unsigned n = 0;
  for (uint64_t p = 2; n < ROUNDS; ++p) {
    bool prime = true;
    for (uint64_t d = 2; d * d <= p; ++d) prime = prime && p % d != 0;
    if (!prime) continue;
    // The largest r with r^3 <= p 2^96.
    const unsigned __int128 target = static_cast<unsigned __int128>(p) << 96;
    unsigned __int128 r = 0;
    for (int bit = 35; bit >= 0; --bit) {
      const unsigned __int128 next = r | static_cast<unsigned __int128>(1) << bit;
      if (next * next * next <= target) r = next;
    }
    EXPECT_EQ(K[n++], static_cast<uint32_t>(r)) << p;
  }
}

TEST(Sha256, computes_the_examples_of_fips_180_4) {
  const Calls one = hash(bytes_of("abc"));
  EXPECT_EQ(hex(state_at(one.host, STATE_AT)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect_provable(one);
  const Calls two = hash(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
  EXPECT_EQ(hex(state_at(two.host, STATE_AT)), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  expect_provable(two);
}

TEST(Sha256, computes_what_hashlib_does) {
  // Python: hashlib.sha256(bytes((i * i * 7 + i * 13 + 5 + n) & 255 for i in range(n))).hexdigest()
  const struct {
    size_t n;
    const char* digest;
  } vectors[] = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {1, "67586e98fad27da0b9968bc039a1ef34c939b9b8e523a8bef89d478608c5ecf6"},
      {55, "49f99e736044ff5c90da60abf622762260ba6947f5ee6dbcdb66fa3f9a6fb366"},
      {56, "5466132a749fd982ddf051e547dab50043946b051af0a6ad1da4d610dcf3cac1"},
      {63, "245cebf0e5b0cff373eea1d7b7cc5c8c7ad97ca5b83f08c24789c66df9927906"},
      {64, "62032ea9570b297ad6f0dfdafb92d145d5c4c7bd9e343822d85a3d001ad2f8ef"},
      {65, "b36e4b1a2819a2c8a5302f3403bf996fecc9769e7569b84130963a14d8dd96eb"},
      {119, "ed5f5ce67165a9a6f3c6e4df9e0dff82deafa50dcabfea7580afd368435eb0cc"},
      {128, "b99a095cd9b3e60f0d0377373e7ac48465ee7fd20ffe839cffb2a84a3ff95164"},
      {1000, "015d59230994923340d3513aea2cfb2df8582b44530bcfdd6b1ccfb4b076b5d3"},
  };
  for (const auto& [n, digest] : vectors) {
    std::vector<uint8_t> message(n);
    for (size_t i = 0; i < n; ++i) message[i] = static_cast<uint8_t>(i * i * 7 + i * 13 + 5 + n);
    EXPECT_EQ(hex(state_at(hash(message).host, STATE_AT)), digest) << n;
  }
}

TEST(Sha256, random_blocks_give_what_another_implementation_does) {
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    const State state = random_words<STATE_WORDS>(random);
    const Block block = random_words<BLOCK_WORDS>(random);
    Calls calls;
    calls.host.add(STATE_AT, state);
    calls.host.add(BLOCK_AT, block);
    ASSERT_EQ(calls.call(STATE_AT, BLOCK_AT), "");
    ASSERT_EQ(state_at(calls.host, STATE_AT), by_the_example(state, block));
  }
}

TEST(Sha256, extreme_words_are_provable) {
  for (const uint32_t s : {0u, 0xffff'ffffu, 0x8000'0001u})
    for (const uint32_t w : {0u, 0xffff'ffffu, 0xffffu, 0xffff'0000u}) {
      State state;
      Block block;
      state.fill(s);
      block.fill(w);
      Calls calls;
      calls.host.add(STATE_AT, state);
      calls.host.add(BLOCK_AT, block);
      ASSERT_EQ(calls.call(STATE_AT, BLOCK_AT), "");
      EXPECT_EQ(state_at(calls.host, STATE_AT), by_the_example(state, block));
      expect_provable(calls);
    }
}

// 16 calls fill 288 of 512 rows; 7 leave 2 of 128. Blocks and states lie apart, in the same place, and across the end
// of a segment.
TEST(Sha256, several_calls_are_provable) {
  for (const unsigned count : {0u, 1u, 7u, 16u, 64u}) {
    std::mt19937 random(count);
    Calls calls;
    const auto words = random_words<256>(random);
    calls.host.add(0x4f'ff00, words);
    for (unsigned i = 0; i < count; ++i) {
      const auto place = [&](unsigned size) {
        return 0x4f'ff00 + 4 * (static_cast<uint32_t>(random()) % (256 - size));
      };
      ASSERT_EQ(calls.call(place(STATE_WORDS), place(BLOCK_WORDS)), "");
    }
    expect_provable(calls);
  }
}

TEST(Sha256, overlapping_words_are_read_as_before_the_call) {
  std::mt19937 random(3);
  for (const uint32_t offset : {0u, 4u, 28u, 36u, 60u, 68u}) {
    Calls calls;
    calls.host.add(BLOCK_AT - 32, random_words<32>(random));
    State state;
    Block block;
    const uint32_t at = BLOCK_AT - 32 + offset;
    for (uint32_t i = 0; i < STATE_WORDS; ++i) state[i] = calls.host.load(at + 4 * i);
    for (uint32_t i = 0; i < BLOCK_WORDS; ++i) block[i] = calls.host.load(BLOCK_AT + 4 * i);
    ASSERT_EQ(calls.call(at, BLOCK_AT), "");
    EXPECT_EQ(state_at(calls.host, at), by_the_example(state, block));
    expect_provable(calls);
  }
}

TEST(Sha256, wrong_pointers_trap_and_change_nothing) {
  const struct {
    uint32_t state, block;
    const char* message;
  } cases[] = {
      {STATE_AT + 2, BLOCK_AT, "SHA-256 call, state (a0): expected a multiple of 4, found 0x00400002"},
      {STATE_AT, BLOCK_AT + 1, "SHA-256 call, block (a1): expected a multiple of 4, found 0x00410001"},
      {MEMORY_END, BLOCK_AT, "SHA-256 call, state (a0): expected an address below 0x60000000, found 0x60000000"},
      {STATE_AT, 0xffff'fffc, "SHA-256 call, block (a1): expected an address below 0x60000000, found 0xfffffffc"},
      {STATE_AT + 4, BLOCK_AT,
       "SHA-256 call, state (a0): expected 32 bytes of writable memory, found none at 0x00400004"},
      {STATE_AT, BLOCK_AT + 4, "SHA-256 call, block (a1): expected 64 bytes of memory, found none at 0x00410004"},
  };
  for (const auto& c : cases) {
    Calls calls;
    calls.host.add(STATE_AT, START);
    calls.host.add(BLOCK_AT, Block{});
    EXPECT_EQ(calls.call(c.state, c.block), c.message);
    EXPECT_EQ(state_at(calls.host, STATE_AT), START);
    for (const auto& [addr, cell] : calls.host.cells) EXPECT_EQ(cell.clk, 0u) << addr;
    EXPECT_TRUE(calls.trace.events.empty());
  }
}

TEST(Sha256, a_block_costs_at_most_20000_cells) {
  const auto cells = [](test::TestChip chip) {
    const stark::Air& air = test::machine().chips[chip].air;
    return air.main_width() + air.logup_width();
  };
  const size_t call = cells(test::CALL), rounds = cells(test::ROUNDS_TABLE);
  const size_t block = call + SHA256_ROWS_PER_CALL * rounds;
  RecordProperty("cells_per_block", static_cast<int>(block));
  std::printf("cells: %zu a call and %zu a row of rounds; %zu a block\n", call, rounds, block);
  EXPECT_LE(block, 20'000u);
}

}  // namespace
}  // namespace zkvm::precompiles::sha256
