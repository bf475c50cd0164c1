// Proves what this network sees in a photograph that stays with whoever runs the guest.
//
// Input:   3072 bytes, a 32x32 picture, row by row, red, green and blue of each pixel as int8: brightness 0 ... 255
// less
//          128. Any other length ends the guest with exit code 65.
// Journal: 10 bytes, for each class its probability as int8, (q + 128) / 256.

#include <cstdint>

#include "model.hpp"
#include "zkvm/guest.hpp"

int main() {
  constexpr std::size_t SIZE = image_classification::SIZE * image_classification::SIZE * image_classification::COLOURS;
  const auto input = zkvm::input();
  if (input.size() != SIZE) zkvm::reject_input(SIZE, " bytes", input.size());
  const std::span<const std::int8_t, SIZE> pixels(reinterpret_cast<const std::int8_t*>(input.data()), SIZE);
  alignas(4) std::int8_t classes[image_classification::CLASSES];
  image_classification::classify(pixels, classes);
  zkvm::commit_value(classes);
  return 0;
}
