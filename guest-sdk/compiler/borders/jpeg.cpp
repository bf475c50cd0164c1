#include <turbojpeg.h>

#include <memory>

#include "guest-sdk/compiler/borders/image.hpp"

namespace zkvm::compiler::detail {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};

}  // namespace

// The TurboJPEG interface keeps libjpeg's error handling by longjmp inside the library.
std::optional<Image> read_jpeg(std::span<const uint8_t> file, const std::optional<ImageSize>& size,
                               std::string& error) {
  const std::unique_ptr<void, Destroy> handle(tjInitDecompress());
  const auto damaged = [&] {
    error = std::string("expected a sound JPEG file, found: ") + tjGetErrorStr2(handle.get());
    return std::nullopt;
  };
  int width = 0, height = 0, subsampling = 0, colors = 0;
  if (!handle || tjDecompressHeader3(handle.get(), file.data(), file.size(), &width, &height, &subsampling, &colors))
    return damaged();
  if (colors != TJCS_GRAY && colors != TJCS_YCbCr && colors != TJCS_RGB) {
    error = "expected a grey or a colour JPEG image, found one of four channels (CMYK)";
    return std::nullopt;
  }
  if (!check_size(static_cast<uint64_t>(height), static_cast<uint64_t>(width), size, error)) return std::nullopt;
  const bool grey = colors == TJCS_GRAY;
  Image image{static_cast<uint32_t>(height), static_cast<uint32_t>(width), grey ? 1u : 3u, {}};
  image.pixels.resize(size_t{image.height} * image.width * image.channels);
  // Scans are limited because a small file can make a decoder go over the image thousands of times.
  const int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(handle.get(), file.data(), file.size(), image.pixels.data(), width, 0, height,
                    grey ? TJPF_GRAY : TJPF_RGB, flags) != 0)
    return damaged();
  return image;
}

}  // namespace zkvm::compiler::detail
