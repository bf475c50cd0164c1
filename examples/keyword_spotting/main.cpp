// Proves which spoken word this network hears in a recording that stays with whoever runs the guest.
//
// Input:   490 bytes, the spectrogram as int8: 49 frames of 10 mel-frequency cepstral coefficients, real value =
//          0.584703 (q - 83). Any other length ends the guest with exit code 65.
// Journal: 12 bytes, for each class its probability as int8, (q + 128) / 256.

#include <cstdint>

#include "model.hpp"
#include "zkvm/guest.hpp"

int main() {
  constexpr std::size_t SIZE = keyword_spotting::HEIGHT * keyword_spotting::WIDTH;
  const auto input = zkvm::input();
  if (input.size() != SIZE) zkvm::reject_input(SIZE, " bytes", input.size());
  const std::span<const std::int8_t, SIZE> spectrogram(reinterpret_cast<const std::int8_t*>(input.data()), SIZE);
  zkvm::nn::Tensor<1, 1, keyword_spotting::CLASSES> classes;
  keyword_spotting::classify(spectrogram, classes);
  zkvm::commit_value(classes.values);
  return 0;
}
