#include "guest-sdk/compiler/borders/image.hpp"

#include <algorithm>
#include <cmath>

namespace zkvm::compiler {
namespace {

/// Weights of one output position: of inputs from `first` on.
struct Taps {
  size_t first = 0;
  std::vector<int32_t> weights;  ///< 22 fractional bits
};
constexpr int WEIGHT_BITS = 22;

std::vector<Taps> make_taps(size_t from, size_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to), width = std::max(scale, 1.0);
  std::vector<Taps> taps(to);
  for (size_t i = 0; i < to; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const auto first = static_cast<size_t>(std::max(center - width + 0.5, 0.0));
    const size_t end = std::min(static_cast<size_t>(center + width + 0.5), from);
    std::vector<double> weights;
    double sum = 0;
    for (size_t x = first; x < end; ++x) {
      const double distance = std::abs((static_cast<double>(x) - center + 0.5) * (1.0 / width));
      weights.push_back(distance < 1.0 ? 1.0 - distance : 0.0);
      sum += weights.back();
    }
    taps[i].first = first;
    for (const double w : weights)
      taps[i].weights.push_back(static_cast<int32_t>(0.5 + (sum != 0 ? w / sum : w) * (1 << WEIGHT_BITS)));
  }
  return taps;
}

/// One output byte from inputs that are `stride` bytes apart.
uint8_t weighted(const uint8_t* from, size_t stride, const Taps& taps) {
  // At most 255 * (2^22 + rounding), which fits.
  int32_t sum = 1 << (WEIGHT_BITS - 1);
  for (size_t k = 0; k < taps.weights.size(); ++k) sum += from[(taps.first + k) * stride] * taps.weights[k];
  return static_cast<uint8_t>(std::clamp(sum >> WEIGHT_BITS, 0, 255));
}

}  // namespace

bool is_png(std::span<const uint8_t> file) {
  static constexpr uint8_t SIGNATURE[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return file.size() >= sizeof SIGNATURE && std::equal(SIGNATURE, SIGNATURE + sizeof SIGNATURE, file.begin());
}

bool is_jpeg(std::span<const uint8_t> file) {
  return file.size() >= 3 && file[0] == 0xff && file[1] == 0xd8 && file[2] == 0xff;
}

bool detail::check_size(uint64_t height, uint64_t width, const std::optional<ImageSize>& size, std::string& error) {
  const auto text = [](uint64_t h, uint64_t w) { return std::to_string(w) + " x " + std::to_string(h); };
  if (height == 0 || width == 0 || height > MAX_IMAGE_SIDE || width > MAX_IMAGE_SIDE ||
      height * width > MAX_IMAGE_PIXELS) {
    error = "expected an image with sides of at most 32,768 pixels, at most 2^26 in all, found " + text(height, width);
  } else if (size && (size->height != height || size->width != width)) {
    error = "expected an image of " + text(size->height, size->width) + " pixels (width x height), found " +
            text(height, width) + "; --resize scales it";
  } else {
    return true;
  }
  return false;
}

std::optional<Image> read_image(std::span<const uint8_t> file, const std::optional<ImageSize>& size,
                                std::string& error) {
  if (is_png(file)) return detail::read_png(file, size, error);
  if (is_jpeg(file)) return detail::read_jpeg(file, size, error);
  error = "expected a PNG or JPEG image, found other first bytes";
  return std::nullopt;
}

Image resize(const Image& image, ImageSize size) {
  const size_t channels = image.channels;
  const std::vector<Taps> columns = make_taps(image.width, size.width), rows = make_taps(image.height, size.height);
  std::vector<uint8_t> wide(size_t{image.height} * size.width * channels);
  uint8_t* to = wide.data();
  for (size_t y = 0; y < image.height; ++y)
    for (size_t x = 0; x < size.width; ++x)
      for (size_t c = 0; c < channels; ++c)
        *to++ = weighted(image.pixels.data() + y * image.width * channels + c, channels, columns[x]);
  Image out{size.height, size.width, image.channels, std::vector<uint8_t>(size_t{size.height} * size.width * channels)};
  to = out.pixels.data();
  const size_t line = size_t{size.width} * channels;
  for (size_t y = 0; y < size.height; ++y)
    for (size_t x = 0; x < line; ++x) *to++ = weighted(wide.data() + x, line, rows[y]);
  return out;
}

}  // namespace zkvm::compiler
