// A mix of everyday work in the spirit of CoreMark, written for this benchmark: sorting and searching a linked list,
// 16-bit matrix products with 32-bit sums, a state machine that scans numbers in text, and CRC-16 over all results.
//
// Input:   optionally a 32-bit number of iterations (default 4, just above 2^20 cycles).
// Journal: iterations, then for each kernel and for all together a 16-bit checksum in 32 bits.

#include <cstdint>

#include "support.hpp"

namespace {

using bench::next_random;

constexpr std::uint32_t DEFAULT_ITERATIONS = 4;

// CRC-16/CCITT, bit by bit: shifts, masks and branches that depend on data.
std::uint16_t crc16(std::uint16_t crc, std::uint32_t value, int bits) {
  for (int i = 0; i < bits; ++i) {
    const bool carry = ((value ^ crc) & 1) != 0;
    crc = static_cast<std::uint16_t>(crc >> 1);
    value >>= 1;
    if (carry) crc ^= 0x8408;
  }
  return crc;
}

// --- Linked list: insertion, search, reversal, merge sort
// --------------------------------------------------------------

struct Item {
  Item* next;
  std::int16_t key;
  std::int16_t payload;
};

constexpr int ITEMS = 256;
Item items[ITEMS];

Item* build_list(std::uint32_t& random) {
  Item* head = nullptr;
  for (Item& item : items) {
    const std::uint32_t r = next_random(random);
    item = {head, static_cast<std::int16_t>(r), static_cast<std::int16_t>(r >> 16)};
    head = &item;
  }
  return head;
}

Item* reverse(Item* list) {
  Item* reversed = nullptr;
  while (list != nullptr) {
    Item* rest = list->next;
    list->next = reversed;
    reversed = list;
    list = rest;
  }
  return reversed;
}

const Item* find(const Item* list, std::int16_t key) {
  while (list != nullptr && list->key != key) list = list->next;
  return list;
}

using Before = bool (*)(const Item&, const Item&);
bool key_before(const Item& a, const Item& b) { return a.key < b.key; }
bool payload_before(const Item& a, const Item& b) { return a.payload < b.payload; }

// Bottom-up merge sort with a comparison that is called through a pointer.
Item* sort(Item* list, Before before) {
  for (int run = 1;; run *= 2) {
    Item* rest = list;
    Item* sorted = nullptr;
    Item** tail = &sorted;
    int merges = 0;
    while (rest != nullptr) {
      ++merges;
      Item* left = rest;
      int left_size = 0;
      for (; left_size < run && rest != nullptr; ++left_size) rest = rest->next;
      Item* right = rest;
      int right_size = run;
      while (left_size > 0 || (right_size > 0 && right != nullptr)) {
        const bool take_right = left_size == 0 || (right_size > 0 && right != nullptr && before(*right, *left));
        Item*& from = take_right ? right : left;
        --(take_right ? right_size : left_size);
        *tail = from;
        tail = &from->next;
        from = from->next;
      }
      rest = right;
    }
    *tail = nullptr;
    list = sorted;
    if (merges <= 1) return list;
  }
}

std::uint16_t list_kernel(std::uint32_t& random) {
  Item* list = build_list(random);
  std::uint16_t crc = 0;
  for (int i = 0; i < 16; ++i) {
    const std::int16_t key = items[next_random(random) % ITEMS].key;
    const Item* found = find(list, key);
    list = reverse(list);
    crc = crc16(crc, static_cast<std::uint16_t>(found->payload), 16);
  }
  list = sort(list, payload_before);
  crc = crc16(crc, static_cast<std::uint16_t>(list->key), 16);
  list = sort(list, key_before);
  for (const Item* item = list; item != nullptr; item = item->next) {
    crc = crc16(crc, static_cast<std::uint16_t>(item->key), 8);
  }
  return crc;
}

// --- Matrices: 16-bit factors, 32-bit sums
// --------------------------------------------------------------------------------

constexpr int N = 20;
std::int16_t a[N][N], b[N][N];
std::int32_t c[N][N];

std::uint16_t matrix_kernel(std::uint32_t& random) {
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) {
      const std::uint32_t r = next_random(random);
      a[i][j] = static_cast<std::int16_t>(r & 0xfff);
      b[i][j] = static_cast<std::int16_t>(r >> 20);
    }
  }
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) {
      std::int32_t sum = 0;
      for (int k = 0; k < N; ++k) sum += static_cast<std::int32_t>(a[i][k]) * b[k][j];
      c[i][j] = sum;
    }
  }
  // Products of bit fields, then a scan that counts rising and falling steps.
  std::int32_t previous = 0, steps = 0;
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) {
      const std::int32_t value = c[i][j] + ((a[i][j] >> 2) & 0xf) * ((b[j][i] >> 5) & 0x7f);
      steps += value > previous ? 10 : -1;
      previous = value;
      c[j][i] ^= value;
    }
  }
  std::uint16_t crc = crc16(0, static_cast<std::uint32_t>(steps), 32);
  for (int i = 0; i < N; ++i) crc = crc16(crc, static_cast<std::uint32_t>(c[i][N - 1 - i]), 32);
  return crc;
}

// --- State machine: what kind of number is each word?
// -----------------------------------------------------------------------

enum State { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

State step(State state, char ch) {
  const bool digit = ch >= '0' && ch <= '9';
  switch (state) {
    case START:
      if (digit) return INTEGER;
      if (ch == '+' || ch == '-') return SIGN;
      return ch == '.' ? POINT : INVALID;
    case SIGN:
      return digit ? INTEGER : ch == '.' ? POINT : INVALID;
    case INTEGER:
      if (digit) return INTEGER;
      if (ch == '.') return FRACTION;
      return ch == 'e' || ch == 'E' ? EXPONENT : INVALID;
    case POINT:
      return digit ? FRACTION : INVALID;
    case FRACTION:
      if (digit) return FRACTION;
      return ch == 'e' || ch == 'E' ? EXPONENT : INVALID;
    case EXPONENT:
      if (digit) return SCIENTIFIC;
      return ch == '+' || ch == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case SCIENTIFIC:
      return digit ? SCIENTIFIC : INVALID;
    default:
      return INVALID;
  }
}

constexpr int TEXT_SIZE = 1024;
char text[TEXT_SIZE];

void write_text(std::uint32_t& random) {
  static const char* const WORDS[] = {"5012",     "1234",     "-874",     "+122",     "35.54400", ".1234500",
                                      "-110.700", "+0.64400", "5.5e+3",   "-.123e-2", "-87e+832", "+0.6e-12",
                                      "T0.3e-1F", "-T.T++Tq", "1T3.4e4z", "34.0e-T^"};
  int at = 0;
  while (at < TEXT_SIZE) {
    const char* word = WORDS[next_random(random) % 16];
    while (*word != 0 && at < TEXT_SIZE - 1) text[at++] = *word++;
    text[at++] = ',';
  }
}

std::uint16_t state_kernel(std::uint32_t& random) {
  write_text(random);
  std::uint16_t crc = 0;
  for (int pass = 0; pass < 2; ++pass) {
    std::uint32_t final_states[STATES] = {}, transitions[STATES] = {};
    State state = START;
    for (const char ch : text) {
      if (ch == ',') {
        ++final_states[state];
        state = START;
        continue;
      }
      const State next = step(state, ch);
      if (next != state) ++transitions[state];
      state = next;
    }
    for (int i = 0; i < STATES; ++i) crc = crc16(crc, final_states[i] + (transitions[i] << 16), 32);
    // Damage the text for the second pass.
    for (int i = pass; i < TEXT_SIZE; i += 17) {
      if (text[i] != ',') text[i] = static_cast<char>(text[i] ^ 0x11);
    }
  }
  return crc;
}

}  // namespace

int main() {
  const std::uint32_t iterations = bench::parameter(DEFAULT_ITERATIONS);
  std::uint32_t random = 0x3415'3415;
  std::uint16_t list_crc = 0, matrix_crc = 0, state_crc = 0;
  for (std::uint32_t i = 0; i < iterations; ++i) {
    list_crc = crc16(list_crc, list_kernel(random), 16);
    matrix_crc = crc16(matrix_crc, matrix_kernel(random), 16);
    state_crc = crc16(state_crc, state_kernel(random), 16);
    if (i == 0) {
      // As computed by the same source on x86-64.
      bench::require(list_crc == 0x6037 && matrix_crc == 0x70f6 && state_crc == 0x3860,
                     "checksums of the first iteration");
    }
  }
  std::uint16_t all = crc16(0, list_crc, 16);
  all = crc16(all, matrix_crc, 16);
  all = crc16(all, state_crc, 16);
  for (const std::uint32_t value :
       {iterations, std::uint32_t{list_crc}, std::uint32_t{matrix_crc}, std::uint32_t{state_crc}, std::uint32_t{all}}) {
    zkvm::commit_value(value);
  }
  return 0;
}
