#include "guest-sdk/compiler/borders/image.hpp"

#include "guest-sdk/compiler/borders/samples.hpp"

namespace zkvm::compiler {
namespace {

void expect_pixels(const Image& image, const std::string& array) {
  const Array expected = sample_array(array);
  EXPECT_EQ((std::vector<int64_t>{image.height, image.width, image.channels}), expected.shape) << array;
  EXPECT_EQ(image.pixels, expected.bytes) << array;
}

Image read(const std::string& name) {
  std::string error;
  const auto image = read_image(sample(name), std::nullopt, error);
  EXPECT_TRUE(image) << name << ": " << error;
  return image.value_or(Image{});
}

std::string refusal(const std::vector<uint8_t>& file, const std::optional<ImageSize>& size = std::nullopt) {
  std::string error;
  EXPECT_FALSE(read_image(file, size, error));
  return error;
}

std::vector<uint8_t> with_bytes(std::vector<uint8_t> file, size_t at, std::initializer_list<uint8_t> bytes) {
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
  return file;
}

/// Where the sizes of color.jpg stand: height and width, 16 bits each, big-endian.
size_t jpeg_size_at(const std::vector<uint8_t>& file) {
  for (size_t i = 0; i + 9 < file.size(); ++i)
    if (file[i] == 0xff && file[i + 1] == 0xc0) return i + 5;
  ADD_FAILURE() << "no frame header";
  return 0;
}

TEST(image, pixels_are_those_that_pillow_reads) {
  for (const char* name : {"color.png", "grey.png", "palette.png", "opaque.png", "opaque_grey.png", "gamma.png",
                           "interlaced.png", "bits4.png", "color.jpg", "full.jpg", "progressive.jpg", "grey.jpg"})
    expect_pixels(read(name), std::string(name) + ".npy");
}

TEST(image, resizing_gives_what_pillow_gives) {
  const Image color = read("color.png");
  expect_pixels(resize(color, {5, 7}), "color.png.5x7.npy");
  expect_pixels(resize(color, {30, 20}), "color.png.30x20.npy");
  EXPECT_EQ(resize(color, {13, 17}).pixels, color.pixels);
}

TEST(image, resizing_keeps_flat_areas_and_extremes) {
  for (const uint8_t level : {uint8_t{0}, uint8_t{1}, uint8_t{254}, uint8_t{255}}) {
    const Image flat{37, 41, 1, std::vector<uint8_t>(37 * 41, level)};
    for (const ImageSize size : {ImageSize{1, 1}, ImageSize{5, 300}, ImageSize{101, 3}})
      EXPECT_EQ(resize(flat, size).pixels, std::vector<uint8_t>(size_t{size.height} * size.width, level));
  }
}

TEST(image, another_size_is_refused_with_both_sizes) {
  for (const char* name : {"color.png", "color.jpg"}) {
    std::string error;
    EXPECT_TRUE(read_image(sample(name), ImageSize{13, 17}, error)) << error;
    error = refusal(sample(name), ImageSize{17, 13});
    expect_message(error, "expected an image of 13 x 17 pixels (width x height), found 17 x 13");
    expect_message(error, "--resize");
  }
}

TEST(image, what_cannot_be_kept_exactly_is_refused_by_name) {
  expect_message(refusal(sample("transparent.png")), "transparent pixel at 3, 2");
  expect_message(refusal(sample("bits16.png")), "found 16");
  expect_message(refusal(sample("cmyk.jpg")), "CMYK");
  expect_message(refusal(sample("int8.npy")), "PNG or JPEG");
}

/// The header is all there is of these images: memory for their pixels would be 16 GiB.
TEST(image, huge_sizes_are_refused_by_the_header) {
  const std::vector<uint8_t> png = sample("color.png"), jpeg = sample("color.jpg");
  constexpr size_t PNG_SIZE_AT = 16;
  expect_message(refusal(with_bytes(png, PNG_SIZE_AT, {0, 1, 0, 0, 0, 1, 0, 0})), "65536 x 65536");
  expect_message(refusal(with_bytes(png, PNG_SIZE_AT, {0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1})), "2147483647 x 1");
  expect_message(refusal(with_bytes(png, PNG_SIZE_AT, {0, 0, 0x40, 0, 0, 0, 0x40, 0})), "16384 x 16384");
  expect_message(refusal(with_bytes(png, PNG_SIZE_AT, {0, 0, 0, 0, 0, 0, 0, 0})), "0 x 0");
  expect_message(refusal(with_bytes(jpeg, jpeg_size_at(jpeg), {0xfd, 0xe8, 0xfd, 0xe8})), "65000 x 65000");
  expect_message(refusal(with_bytes(jpeg, jpeg_size_at(jpeg), {0x40, 0, 0x40, 0})), "16384 x 16384");
}

TEST(image, a_png_file_cut_anywhere_is_refused) {
  for (const char* name : {"color.png", "interlaced.png", "palette.png"}) {
    const std::vector<uint8_t> good = sample(name);
    for (size_t size = 0; size < good.size(); ++size)
      expect_message(refusal({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}), "");
  }
}

/// All but the marker of the end, which adds nothing.
TEST(image, a_jpeg_file_cut_anywhere_is_refused) {
  for (const char* name : {"color.jpg", "grey.jpg", "progressive.jpg"}) {
    const std::vector<uint8_t> good = sample(name);
    for (size_t size = 0; size < good.size() - 2; ++size)
      expect_message(refusal({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}), "");
  }
}

TEST(image, a_flipped_bit_in_a_png_file_is_refused_or_harmless) {
  const std::vector<uint8_t> good = sample("color.png");
  const std::vector<uint8_t> pixels = read("color.png").pixels;
  for (size_t i = 8; i < good.size(); ++i) {
    std::vector<uint8_t> bad = good;
    bad[i] ^= 0x04;
    std::string error;
    const auto image = read_image(bad, ImageSize{13, 17}, error);
    EXPECT_TRUE(!image || image->pixels == pixels) << i;
  }
}

}  // namespace
}  // namespace zkvm::compiler
