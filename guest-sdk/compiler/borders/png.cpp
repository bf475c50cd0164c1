#include <png.h>

#include <algorithm>
#include <memory>

#include "guest-sdk/compiler/borders/image.hpp"

namespace zkvm::compiler::detail {
namespace {

uint32_t big_endian(const uint8_t* p) { return uint32_t{p[0]} << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
constexpr uint32_t chunk(const char (&name)[5]) {
  return static_cast<uint32_t>(name[0]) << 24 | static_cast<uint32_t>(name[1]) << 16 |
         static_cast<uint32_t>(name[2]) << 8 | static_cast<uint32_t>(name[3]);
}

constexpr size_t SIGNATURE_BYTES = 8, CHUNK_OVERHEAD = 12, HEADER_BYTES = 13;

/// The file without what does not decide its stored pixels: colour spaces, which libpng's simplified reader would
/// convert from, texts, times. Empty if a chunk runs over the file's end or there is no last one.
std::vector<uint8_t> essential(std::span<const uint8_t> file) {
  std::vector<uint8_t> out(file.begin(), file.begin() + SIGNATURE_BYTES);
  for (size_t at = SIGNATURE_BYTES; file.size() - at >= CHUNK_OVERHEAD;) {
    const uint32_t length = big_endian(&file[at]), type = big_endian(&file[at + 4]);
    if (length > file.size() - at - CHUNK_OVERHEAD) return {};
    const auto whole = file.subspan(at, length + CHUNK_OVERHEAD);
    const bool ancillary = (file[at + 4] & 0x20) != 0;
    if (!ancillary || type == chunk("tRNS")) out.insert(out.end(), whole.begin(), whole.end());
    if (type == chunk("IEND")) return out;
    at += whole.size();
  }
  return {};
}

struct Free {
  void operator()(png_image* image) const { png_image_free(image); }
};

}  // namespace

std::optional<Image> read_png(std::span<const uint8_t> file, const std::optional<ImageSize>& size, std::string& error) {
  if (file.size() < SIGNATURE_BYTES + HEADER_BYTES + CHUNK_OVERHEAD ||
      big_endian(&file[SIGNATURE_BYTES]) != HEADER_BYTES || big_endian(&file[SIGNATURE_BYTES + 4]) != chunk("IHDR")) {
    error = "expected a PNG file with a header of 13 bytes, found a damaged or truncated one";
    return std::nullopt;
  }
  const uint8_t* header = &file[SIGNATURE_BYTES + 8];
  if (!check_size(big_endian(header + 4), big_endian(header), size, error)) return std::nullopt;
  if (header[8] > 8) {
    error = "expected a PNG image of at most 8 bits a channel, found " + std::to_string(header[8]);
    return std::nullopt;
  }
  const std::vector<uint8_t> kept = essential(file);
  if (kept.empty()) {
    error = "expected a whole PNG file, found one cut off after " + std::to_string(file.size()) + " bytes";
    return std::nullopt;
  }

  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, Free> guard(&png);
  const auto damaged = [&] {
    error = std::string("expected a sound PNG file, found: ") + png.message;
    return std::nullopt;
  };
  if (png_image_begin_read_from_memory(&png, kept.data(), kept.size()) == 0 || png.warning_or_error != 0)
    return damaged();
  // What the file has; nothing is converted but bit depths and palettes.
  const bool color = (png.format & PNG_FORMAT_FLAG_COLOR) != 0, alpha = (png.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  png.format = color ? (alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB) : (alpha ? PNG_FORMAT_GA : PNG_FORMAT_GRAY);
  if (!check_size(png.height, png.width, size, error)) return std::nullopt;
  Image image{png.height, png.width, color ? 3u : 1u, std::vector<uint8_t>(PNG_IMAGE_SIZE(png))};
  if (png_image_finish_read(&png, nullptr, image.pixels.data(), 0, nullptr) == 0 || png.warning_or_error != 0)
    return damaged();
  if (!alpha) return image;

  const size_t channels = image.channels, pixels = size_t{image.height} * image.width;
  for (size_t i = 0; i < pixels; ++i) {
    const uint8_t* pixel = &image.pixels[i * (channels + 1)];
    if (pixel[channels] != 255) {
      error = "expected an opaque image, found a transparent pixel at " + std::to_string(i % image.width) + ", " +
              std::to_string(i / image.width);
      return std::nullopt;
    }
    std::copy_n(pixel, channels, &image.pixels[i * channels]);
  }
  image.pixels.resize(pixels * channels);
  return image;
}

}  // namespace zkvm::compiler::detail
