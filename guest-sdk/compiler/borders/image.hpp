#pragma once
/// \file
/// Pictures: PNG by libpng, JPEG by libjpeg-turbo, to the bytes of their pixels.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace zkvm::compiler {

/// Rows from the top, pixels from the left, channels last: grey, or red, green, blue.
struct Image {
  uint32_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;
};

struct ImageSize {
  uint32_t height = 0, width = 0;
};

/// What an image may take of memory: checked against its header, before anything of its size is allocated.
inline constexpr uint32_t MAX_IMAGE_SIDE = 1 << 15;
inline constexpr uint64_t MAX_IMAGE_PIXELS = uint64_t{1} << 26;

bool is_png(std::span<const uint8_t> file);
bool is_jpeg(std::span<const uint8_t> file);

/// A PNG or JPEG file, whatever its bytes. Another size than `size`, if that is given, is refused before decoding.
/// Pixels are as stored: no colour management (gAMA, iCCP, ...), no rotation (Exif). Palettes are looked up and fewer
/// bits are scaled to 8; refused are 16 bits, CMYK, and alpha other than opaque. JPEG is decoded with the accurate
/// inverse transform and smooth upsampling, what libjpeg-turbo does by itself. A file with damage that decoders would
/// paint over is refused. Without a value `error` says what was expected and found.
std::optional<Image> read_image(std::span<const uint8_t> file, const std::optional<ImageSize>& size,
                                std::string& error);

/// Bilinear: a triangle as wide as two pixels of the coarser of the two grids, so that shrinking averages; the aspect
/// ratio is not kept. First along rows, then along columns, each rounded to bytes: the results of Pillow 11's
/// Image.resize(..., BILINEAR), byte for byte.
Image resize(const Image& image, ImageSize size);

namespace detail {
/// Of a file that is_png() or is_jpeg().
std::optional<Image> read_png(std::span<const uint8_t> file, const std::optional<ImageSize>& size, std::string& error);
std::optional<Image> read_jpeg(std::span<const uint8_t> file, const std::optional<ImageSize>& size, std::string& error);
/// Whether an image of this size may be decoded, else `error` is set.
bool check_size(uint64_t height, uint64_t width, const std::optional<ImageSize>& size, std::string& error);
}  // namespace detail

}  // namespace zkvm::compiler
