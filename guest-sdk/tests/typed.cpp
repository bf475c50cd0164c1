// Typed input and output. The first byte of the input says what to do with the rest: 0 reads everything in its form and
// writes it back; other cases read what is not there, and must end the run with exit code 65 and a message (typed.sh).

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "zkvm/guest.hpp"

namespace {

// Floats have several representations of a value (0.0 and -0.0); no byte is padding.
struct Point {
  float x, y;
  std::int32_t weight;
};
enum class Colour : std::uint8_t { RED, GREEN };
struct Padded {
  char c;
  int i;
};
struct TailPadded {
  double d;
  float f;
};
struct BitField {
  unsigned a : 3;
};
struct Full {
  unsigned a : 3, b : 29;
};
struct NoConstant {
  NoConstant() {}
  int a, b;
};
struct Pointing {
  const int* p = nullptr;
};
struct Empty {};
struct Large {
  float values[3000];
};
union Same {
  int i;
  unsigned u;
};
union Unlike {
  int i;
  char c;
};

using zkvm::Plain;
static_assert(Plain<int> && Plain<bool> && Plain<float> && Plain<double> && Plain<const std::uint64_t> && Plain<Colour>);
static_assert(Plain<float[3]> && Plain<std::array<double, 2>> && Plain<std::array<Point, 2>[4]>);
static_assert(Plain<Point> && Plain<Full> && Plain<NoConstant> && Plain<Large> && Plain<Same>);
static_assert(!Plain<Padded> && !Plain<Padded[2]> && !Plain<std::array<Padded, 2>> && !Plain<TailPadded>);
static_assert(!Plain<BitField> && !Plain<Empty> && !Plain<Unlike> && !Plain<long double>);
static_assert(!Plain<int*> && !Plain<Pointing> && !Plain<std::span<int>> && !Plain<std::string_view>);
static_assert(!Plain<std::string> && !Plain<std::nullptr_t> && !Plain<int Point::*>);
static_assert(!zkvm::PlainElement<bool>);

void reads_back(zkvm::Reader reader) {
  const auto text = reader.read_string();
  const auto points = reader.read_vector<Point>();
  const auto none = reader.read_vector<std::uint64_t>();
  const auto flag = reader.read<bool>();
  const auto colour = reader.read<Colour>();
  const auto pair = reader.read<std::array<std::uint16_t, 2>>();
  const auto count = reader.read<std::uint32_t>();
  reader.bytes(3); // to a multiple of 4 of the whole input
  const auto words = reader.view<std::uint32_t>(count);
  float numbers[2];
  reader.read(std::span(numbers));
  reader.expect_end();
  CHECK(none.empty() && flag && colour == Colour::GREEN);
  CHECK(points.size() == 2 && points[1].x == -0.5f && points[1].weight == -7);
  CHECK(count == 3 && words[0] == 1 && words[2] == 0xffffffff);
  CHECK(numbers[0] == 1.5f && numbers[1] == 0.0f);

  zkvm::commit_sized(text);
  zkvm::commit_sized(points);
  zkvm::commit_sized(none);
  zkvm::commit_value(flag);
  zkvm::commit_value(colour);
  zkvm::commit_value(pair);
  zkvm::commit_values(std::string_view("|"));
  zkvm::commit_sized(words);
  zkvm::commit_values(numbers);
}

}  // namespace

int main() {
  zkvm::Reader reader;
  switch (reader.read<std::uint8_t>()) {
    case 0: reads_back(reader); break;
    case 1: reader.read_string(); break;
    case 2: reader.read_vector<std::uint64_t>(); break;
    case 3: reader.read<bool>(); break;
    case 4: reader.view<std::uint32_t>(1); break;
    case 5: reader.view<std::uint8_t>(0xfffffff0); break;
    case 6: reader.expect_end(); break;
    case 7: reader.read<Point>(); break;
    case 8: {
      std::array<std::uint32_t, 4> words;
      reader.read(std::span(words));
      break;
    }
    default: CHECK(false);
  }
  return check::report();
}
