// Input and journal. The input is the bytes 0, 1, 2, ... (any number of them); the journal gets pieces of every length and
// alignment whose concatenation is all of the input, again and again, then a trailer.

#include <cstdio>
#include <cstring>
#include <vector>

#include "check.hpp"
#include "zkvm/guest.hpp"

int main() {
  const auto input = zkvm::input();
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  read_input(&data, &size);
  CHECK(size == input.size() && (size == 0 || data == input.data()));
  for (std::size_t i = 0; i < input.size(); ++i) CHECK(input[i] == static_cast<std::uint8_t>(i));

  std::vector<std::uint8_t> copy(64 + input.size());
  std::size_t next = 0;
  for (std::size_t step = 0; step < 60; ++step) {
    for (std::size_t left = input.size(); left > 0;) {
      const std::size_t length = step % 7 + 9 * (step % 3) < left ? step % 7 + 9 * (step % 3) + 1 : left;
      const std::size_t piece = length < left ? length : left;
      const std::size_t alignment = next++ % 4;
      std::memcpy(copy.data() + alignment, input.data() + input.size() - left, piece);
      zkvm::commit({copy.data() + alignment, piece});
      left -= piece;
    }
  }
  zkvm::commit({});

  zkvm::Reader reader;
  CHECK(reader.remaining() == input.size());
  if (input.size() >= 11) {
    CHECK(reader.read<std::uint8_t>() == 0);
    CHECK(reader.read<std::uint32_t>() == 0x04030201);
    std::uint16_t two[2];
    reader.read(std::span(two));
    CHECK(two[0] == 0x0605 && two[1] == 0x0807);
    CHECK(reader.bytes(2)[1] == 10 && reader.remaining() == input.size() - 11);
  }
#ifdef __riscv
  // stdin reads the private input; there are no other files.
  char word[4];
  CHECK(std::fread(word, 1, 3, stdin) == (input.size() < 3 ? input.size() : 3));
  if (input.size() >= 3) CHECK(word[0] == 0 && word[2] == 2);
  while (std::getchar() != EOF) {
  }
  CHECK(std::feof(stdin));
  CHECK(std::fopen("/etc/passwd", "r") == nullptr);
#endif
  const int code = check::report();
  zkvm::commit_value(static_cast<std::uint32_t>(code));
  std::fputs("end without newline", stdout);
  zkvm::exit(code);
}
