// Proves that this network sees a certain digit in an image that stays private to whoever runs the guest.
//
// Input:   64 bytes, an 8x8 image of grey levels 0 (background) to 16, row by row. Anything else ends the guest with exit
//          code 65.
// Journal: one byte, the digit.

#include "network.hpp"
#include "zkvm/guest.hpp"

int main() {
  const auto image = zkvm::input();
  if (image.size() != digits::INPUTS) zkvm::reject_input(digits::INPUTS, " bytes", image.size());
  for (const std::uint8_t pixel : image) {
    if (pixel > 16) zkvm::reject_input(16, " as the greatest grey level", pixel);
  }
  zkvm::commit_value(digits::classify(image.first<digits::INPUTS>()));
  return 0;
}
