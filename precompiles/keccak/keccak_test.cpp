// The precompile against known answers, hashlib and another implementation; its tables against the machine's checker;
// and what it costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "precompiles/keccak/test_machine.hpp"

namespace zkvm::precompiles::keccak {
namespace {

using test::Calls;
using test::check;
using test::TestHost;

constexpr uint32_t STATE_AT = 0x40'0000;

std::array<uint32_t, STATE_WORDS> words_of(const State& s) {
  std::array<uint32_t, STATE_WORDS> w;
  for (size_t i = 0; i < STATE_WORDS; ++i) w[i] = static_cast<uint32_t>(s[i / 2] >> (32 * (i % 2)));
  return w;
}
State state_at(const TestHost& host, uint32_t addr) {
  State s{};
  for (uint32_t i = 0; i < STATE_WORDS; ++i) s[i / 2] |= uint64_t{host.load(addr + 4 * i)} << (32 * (i % 2));
  return s;
}
State random_state(std::mt19937_64& random) {
  State s;
  for (uint64_t& l : s) l = random();
  return s;
}
std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

void expect_provable(const Calls& calls) {
  const auto report = check(calls.tables(), calls.boundary());
  EXPECT_TRUE(report.ok()) << report.text();
}

/// A sponge of rate 136 bytes over calls; its first 32 bytes in hex.
std::string sponge(std::vector<uint8_t> m, uint8_t suffix, Calls& calls) {
  constexpr size_t RATE = 136;
  m.push_back(suffix);
  m.resize((m.size() + RATE - 1) / RATE * RATE);
  m.back() |= 0x80;
  calls.host.add(STATE_AT, std::array<uint32_t, STATE_WORDS>{});
  for (size_t i = 0; i < m.size(); i += RATE) {
    for (uint32_t j = 0; j < RATE; ++j) {
      const uint32_t at = STATE_AT + j / 4 * 4;
      calls.host.store(at, calls.host.load(at) ^ uint32_t{m[i + j]} << (8 * (j % 4)));
    }
    EXPECT_EQ(calls.call(STATE_AT), "");
  }
  std::string out;
  for (uint32_t i = 0; i < 32; ++i) {
    char text[3];
    std::snprintf(text, sizeof text, "%02x", calls.host.load(STATE_AT + i / 4 * 4) >> (8 * (i % 4)) & 0xffu);
    out += text;
  }
  return out;
}
std::string sha3_256(const std::vector<uint8_t>& m) {
  Calls calls;
  return sponge(m, 0x06, calls);
}
std::string keccak_256(const std::vector<uint8_t>& m) {
  Calls calls;
  return sponge(m, 0x01, calls);
}

/// Bit by bit, from the equations of FIPS 202, sections 3.2.1 to 3.2.5.
State by_the_standard(const State& state) {
  using Bits = std::array<std::array<std::array<bool, 64>, 5>, 5>;
  Bits a;
  for (size_t x = 0; x < 5; ++x)
    for (size_t y = 0; y < 5; ++y)
      for (size_t z = 0; z < 64; ++z) a[x][y][z] = (state[x + 5 * y] >> z & 1) != 0;
  const auto rc = [](size_t t) {
    std::array<bool, 9> r{true};
    for (size_t i = 1; i <= t % 255; ++i) {
      std::rotate(r.begin(), r.end() - 1, r.end());
      r[0] = r[8];  // of the 9 bits the last one is the old r[7]
      for (size_t k : {4u, 5u, 6u}) r[k] = r[k] != r[8];
      r[8] = false;
    }
    return r[0];
  };
  for (size_t round = 0; round < 24; ++round) {
    Bits b;
    for (size_t x = 0; x < 5; ++x)
      for (size_t y = 0; y < 5; ++y)
        for (size_t z = 0; z < 64; ++z) {
          bool bit = a[x][y][z];
          for (size_t k = 0; k < 5; ++k) bit ^= a[(x + 4) % 5][k][z] != a[(x + 1) % 5][k][(z + 63) % 64];
          b[x][y][z] = bit;
        }
    Bits c = b;
    for (size_t t = 0, x = 1, y = 0; t < 24; ++t) {
      for (size_t z = 0; z < 64; ++z) c[x][y][z] = b[x][y][(z + 64 * 6 - (t + 1) * (t + 2) / 2) % 64];
      const size_t next = (2 * x + 3 * y) % 5;
      x = y;
      y = next;
    }
    for (size_t x = 0; x < 5; ++x)
      for (size_t y = 0; y < 5; ++y) b[x][y] = c[(x + 3 * y) % 5][x];
    for (size_t x = 0; x < 5; ++x)
      for (size_t y = 0; y < 5; ++y)
        for (size_t z = 0; z < 64; ++z) a[x][y][z] = b[x][y][z] != (!b[(x + 1) % 5][y][z] && b[(x + 2) % 5][y][z]);
    for (size_t j = 0; j <= 6; ++j) a[0][0][(size_t{1} << j) - 1] ^= rc(j + 7 * round);
  }
  State out{};
  for (size_t x = 0; x < 5; ++x)
    for (size_t y = 0; y < 5; ++y)
      for (size_t z = 0; z < 64; ++z) out[x + 5 * y] |= uint64_t{a[x][y][z]} << z;
  return out;
}

TEST(Keccak, computes_what_the_standards_equations_say) {
  std::mt19937_64 random(1);
  EXPECT_EQ(permute({}), by_the_standard({}));
  for (int i = 0; i < 20; ++i) {
    const State s = random_state(random);
    ASSERT_EQ(permute(s), by_the_standard(s));
  }
}

TEST(Keccak, computes_known_answers_of_keccak_256) {
  EXPECT_EQ(keccak_256({}), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(keccak_256(bytes_of("abc")), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

TEST(Keccak, computes_what_hashlib_does_for_sha3_256) {
  // Python: hashlib.sha3_256(bytes((i * i * 7 + i * 13 + 5 + n) & 255 for i in range(n))).hexdigest()
  const struct {
    size_t n;
    const char* digest;
  } vectors[] = {
      {0, "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
      {1, "5a3442340ee31fa728f182f7dbaef4825025f40378061428bcc9f859aa4c294a"},
      {135, "862a654e0d3dccbcf3c6c7d1cefceff6005c1ed9df67ec53b9517847709225e8"},
      {136, "073d1a6c95ec40196efaeb16bd15420987533c0344f41b11bb7692e43fd60dc0"},
      {137, "06162caa485b4d8fbe7daf55954f70f2fd314da3070953fe07320ac75887d240"},
      {271, "fdbce47ffc33aedb425dfede6dff956d83ccb35c9a58493c4b7d7b01a493cb56"},
      {272, "af7381a13a3cd86ed470d249cd677000f3a2344393efb421b0276a293ec7b19a"},
      {1000, "1ad84162af9f31c3c8fdd4764b0ca570d1fc3a7ec4013107dfded6b36d130a0d"},
  };
  for (const auto& [n, digest] : vectors) {
    std::vector<uint8_t> message(n);
    for (size_t i = 0; i < n; ++i) message[i] = static_cast<uint8_t>(i * i * 7 + i * 13 + 5 + n);
    EXPECT_EQ(sha3_256(message), digest) << n;
  }
}

TEST(Keccak, a_hash_of_two_blocks_is_provable) {
  Calls calls;
  calls.host.add(STATE_AT, words_of({}));
  std::mt19937_64 random(2);
  ASSERT_EQ(calls.call(STATE_AT), "");
  ASSERT_EQ(calls.call(STATE_AT), "");
  EXPECT_EQ(state_at(calls.host, STATE_AT), by_the_standard(by_the_standard({})));
  expect_provable(calls);
}

TEST(Keccak, extreme_states_are_provable) {
  for (const uint64_t l : {uint64_t{0}, ~uint64_t{0}, uint64_t{0x8000'0000'0000'0001}, uint64_t{0xffff'ffff}}) {
    State s;
    s.fill(l);
    Calls calls;
    calls.host.add(STATE_AT, words_of(s));
    ASSERT_EQ(calls.call(STATE_AT), "");
    EXPECT_EQ(state_at(calls.host, STATE_AT), by_the_standard(s));
    expect_provable(calls);
  }
}

// No call: tables of the smallest height, all padding. 3 calls are 147 rows of 256, 5 are 245. States lie apart,
// overlap and cross the end of a segment.
TEST(Keccak, several_calls_are_provable) {
  for (const unsigned count : {0u, 1u, 3u, 5u}) {
    std::mt19937_64 random(count);
    Calls calls;
    std::array<uint32_t, 128> words;
    for (uint32_t& w : words) w = static_cast<uint32_t>(random());
    calls.host.add(0x4f'ff00, words);
    for (unsigned i = 0; i < count; ++i)
      ASSERT_EQ(calls.call(0x4f'ff00 + 4 * static_cast<uint32_t>(random() % (words.size() - STATE_WORDS + 1))), "");
    expect_provable(calls);
  }
}

// Next-row constraints are cyclic, and none says where a call begins.
TEST(Keccak, rows_may_stand_anywhere_in_their_table) {
  Calls calls;
  std::mt19937_64 random(3);
  calls.host.add(STATE_AT, words_of(random_state(random)));
  ASSERT_EQ(calls.call(STATE_AT), "");
  stark::DebugShard tables = calls.tables();
  auto& main = tables[test::ROUNDS_TABLE].main;
  const auto width = static_cast<std::ptrdiff_t>(sizeof(KeccakRoundsColumns<F>) / sizeof(F));
  for (const int rows : {1, 7, 30}) {
    std::rotate(main.begin(), main.begin() + rows * width, main.end());
    const auto report = check(tables, calls.boundary());
    EXPECT_TRUE(report.ok()) << report.text();
  }
}

TEST(Keccak, wrong_pointers_trap_and_change_nothing) {
  const struct {
    uint32_t state;
    const char* message;
  } cases[] = {
      {STATE_AT + 2, "Keccak call, state (a0): expected a multiple of 4, found 0x00400002"},
      {MEMORY_END, "Keccak call, state (a0): expected an address below 0x60000000, found 0x60000000"},
      {0xffff'fffc, "Keccak call, state (a0): expected an address below 0x60000000, found 0xfffffffc"},
      {STATE_AT + 4, "Keccak call, state (a0): expected 200 bytes of writable memory, found none at 0x00400004"},
  };
  for (const auto& c : cases) {
    Calls calls;
    std::mt19937_64 random(4);
    const State before = random_state(random);
    calls.host.add(STATE_AT, words_of(before));
    EXPECT_EQ(calls.call(c.state), c.message);
    EXPECT_EQ(state_at(calls.host, STATE_AT), before);
    for (const auto& [addr, cell] : calls.host.cells) EXPECT_EQ(cell.clk, 0u) << addr;
    EXPECT_TRUE(calls.trace.events.empty());
  }
}

TEST(Keccak, a_permutation_costs_at_most_70000_cells) {
  const auto cells = [](test::TestChip chip) {
    const stark::Air& air = test::machine().chips[chip].air;
    EXPECT_LE(air.degree(), 3u);
    return air.main_width() + air.logup_width();
  };
  const size_t call = cells(test::CALL), memory = cells(test::MEMORY_TABLE), rounds = cells(test::ROUNDS_TABLE);
  const size_t all = call + KECCAK_MEMORY_ROWS_PER_CALL * memory + KECCAK_ROUNDS_ROWS_PER_CALL * rounds;
  RecordProperty("cells_per_permutation", static_cast<int>(all));
  std::printf("cells: %zu a call, %zu a row of memory, %zu a row of rounds; %zu a permutation\n", call, memory, rounds,
              all);
  EXPECT_LE(all, 70'000u);
}

}  // namespace
}  // namespace zkvm::precompiles::keccak
