#include "guest-sdk/compiler/borders/input.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "guest-sdk/compiler/borders/samples.hpp"

namespace zkvm::compiler {
namespace {

using Bytes = std::vector<uint8_t>;

/// Its range is [0, 1]: elements are the pixels' bytes - 128.
TensorInfo image_tensor(std::vector<int64_t> shape = {1, 13, 17, 3}) {
  return {"image", std::move(shape), false, 1.0F / 255, -128, false};
}
ModelInfo model(TensorInfo tensor, Disclosure disclosure = {}) {
  return {"m", "TensorFlow Lite", {std::move(tensor)}, {{"y", {1, 2}, false, 1, 0, false}}, disclosure};
}

Bytes tensors(const ModelInfo& info, const std::vector<InputFile>& files, const InputOptions& options = {}) {
  std::string error;
  const auto input = read_input(info, files, options, error);
  EXPECT_TRUE(input) << error;
  return input ? input->tensors : Bytes{};
}
std::string refusal(const ModelInfo& info, const std::vector<InputFile>& files, const InputOptions& options = {}) {
  std::string error;
  EXPECT_FALSE(read_input(info, files, options, error));
  EXPECT_NE(error.find("expected"), std::string::npos) << error;
  EXPECT_NE(error.find("found"), std::string::npos) << error;
  return error;
}

Bytes shifted(Bytes pixels) {
  for (uint8_t& p : pixels) p = static_cast<uint8_t>(p - 128);
  return pixels;
}

Bytes npy(const std::string& descr, const std::string& shape, const void* data, size_t size) {
  const std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}";
  Bytes file = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<uint8_t>(header.size()), 0};
  file.insert(file.end(), header.begin(), header.end());
  const auto* bytes = static_cast<const uint8_t*>(data);
  file.insert(file.end(), bytes, bytes + size);
  return file;
}
template <class T>
Bytes npy(const std::string& descr, const std::string& shape, const std::vector<T>& values) {
  return npy(descr, shape, values.data(), values.size() * sizeof(T));
}

TEST(input, raw_bytes_are_taken_as_they_are_with_or_without_the_salt) {
  const ModelInfo info = model({"x", {1, 4}, false, 0.5F, 3, false});
  std::string error;
  auto input = read_input(info, std::vector<InputFile>{{"x.bin", {1, 2, 3, 255}}}, {}, error);
  ASSERT_TRUE(input) << error;
  EXPECT_EQ(input->tensors, (Bytes{1, 2, 3, 255}));
  EXPECT_FALSE(input->salt);
  Bytes salted{1, 2, 3, 255};
  for (uint8_t i = 0; i < 32; ++i) salted.push_back(i);
  input = read_input(info, std::vector<InputFile>{{"x.bin", salted}}, {}, error);
  ASSERT_TRUE(input) << error;
  EXPECT_EQ(input->tensors, (Bytes{1, 2, 3, 255}));
  ASSERT_TRUE(input->salt);
  EXPECT_EQ((*input->salt)[31], 31);
  // A model that hides nothing has no salt.
  const ModelInfo open = model(info.inputs[0], {true, true});
  EXPECT_NE(refusal(open, {{"x.bin", salted}}).find("expected 4 bytes (int8 [1, 4]), a .npy"), std::string::npos);
}

TEST(input, another_length_is_refused_with_what_would_fit) {
  const std::string error = refusal(model(image_tensor()), {{"x.bin", Bytes(100)}});
  EXPECT_NE(error.find("'x.bin': expected 663 bytes (int8 [1, 13, 17, 3]), or 695 with the salt"), std::string::npos)
      << error;
  EXPECT_NE(error.find("found 100 bytes"), std::string::npos) << error;
}

TEST(input, several_inputs_come_in_order_or_as_one_file) {
  ModelInfo info = model({"a", {2}, false, 1, 0, false});
  info.inputs.push_back({"b", {1, 3}, true, 1, 0, false});
  EXPECT_EQ(tensors(info, {{"a", {1, 2}}, {"b", {3, 4, 5}}}), (Bytes{1, 2, 3, 4, 5}));
  EXPECT_EQ(tensors(info, {{"all", {1, 2, 3, 4, 5}}}), (Bytes{1, 2, 3, 4, 5}));
  EXPECT_EQ(tensors(info, {{"a", npy("<f4", "(2,)", std::vector<float>{-7, 9})}, {"b", {3, 4, 5}}}),
            (Bytes{0xf9, 9, 3, 4, 5}));
  EXPECT_NE(refusal(info, {{"a", {1, 2}}})
                .find("expected 2 inputs, each with an --input, or one file of all bytes (a "
                      "int8 [2], b uint8 [1, 3]), found 1"),
            std::string::npos);
  EXPECT_NE(refusal(info, {{"b", {3, 4, 5}}, {"a", {1, 2}}}).find("'b': expected 2 bytes"), std::string::npos);
  EXPECT_NE(refusal(info, {}).find("found 0"), std::string::npos);
}

TEST(input, a_name_decides_what_a_file_is_before_its_length_and_its_length_before_its_bytes) {
  const Bytes png = sample("grey.png");
  const ModelInfo raw = model({"x", {static_cast<int64_t>(png.size())}, false, 1, 0, false});
  EXPECT_EQ(tensors(raw, {{"picture", png}}), png);
  EXPECT_NE(refusal(raw, {{"picture.PNG", png}}).find("is no image"), std::string::npos);
  EXPECT_NE(refusal(raw, {{"x.npy", png}}).find("expected a .npy file"), std::string::npos);
  EXPECT_EQ(tensors(model(image_tensor({13, 17, 1})), {{"picture", png}}), shifted(sample_array("grey.png.npy").bytes));
}

TEST(input, images_are_laid_out_as_the_tensor_is) {
  const Array color = sample_array("color.png.npy"), grey = sample_array("grey.png.npy");
  const InputFile color_file{"color.png", sample("color.png")}, grey_file{"grey.png", sample("grey.png")};
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{1, 13, 17, 3}, {13, 17, 3}})
    EXPECT_EQ(tensors(model(image_tensor(shape)), {color_file}), shifted(color.bytes));
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{1, 13, 17, 1}, {13, 17, 1}, {1, 13, 17}})
    EXPECT_EQ(tensors(model(image_tensor(shape)), {grey_file}), shifted(grey.bytes));

  TensorInfo planes = image_tensor({1, 3, 13, 17});
  planes.channels_first = true;
  Bytes expected;
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = c; i < color.bytes.size(); i += 3) expected.push_back(color.bytes[i]);
  EXPECT_EQ(tensors(model(planes), {color_file}), shifted(expected));

  // Grey serves for colour, not the other way round.
  expected.clear();
  for (const uint8_t p : grey.bytes) expected.insert(expected.end(), 3, p);
  EXPECT_EQ(tensors(model(image_tensor()), {grey_file}), shifted(expected));
  EXPECT_NE(refusal(model(image_tensor({1, 13, 17, 1})), {color_file}).find("expected a grey image (1 channel)"),
            std::string::npos);
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{1, 221}, {1, 13, 17, 4}, {2, 13, 17, 3}, {663}})
    EXPECT_NE(refusal(model(image_tensor(shape)), {color_file}).find("is no image"), std::string::npos);
}

TEST(input, images_of_other_sizes_are_scaled_if_asked) {
  const InputFile file{"color.png", sample("color.png")};
  const ModelInfo info = model(image_tensor({1, 5, 7, 3}));
  EXPECT_NE(refusal(info, {file}).find("'color.png': expected an image of 7 x 5 pixels"), std::string::npos);
  InputOptions scaled;
  scaled.resize = true;
  EXPECT_EQ(tensors(info, {file}, scaled), shifted(sample_array("color.png.5x7.npy").bytes));
  EXPECT_NE(refusal(info, {{"x.bin", Bytes(105)}}, scaled).find("--resize"), std::string::npos);
}

TEST(input, what_pixels_stand_for_is_told_from_the_usual_ranges_only) {
  const Bytes pixels = sample_array("grey.png.npy").bytes;
  const InputFile file{"grey.png", sample("grey.png")};
  const auto quantised = [&](bool is_unsigned, float scale, int32_t zero_point) {
    return tensors(model({"x", {13, 17, 1}, is_unsigned, scale, zero_point, false}), {file});
  };
  EXPECT_EQ(quantised(false, 1.0F / 255, -128), shifted(pixels));
  EXPECT_EQ(quantised(true, 1.0F / 255, 0), pixels);
  EXPECT_EQ(quantised(false, 1.0F / 256, -128), [&] {
    Bytes expected;
    for (const uint8_t p : pixels)
      expected.push_back(static_cast<uint8_t>(std::min(std::lround(static_cast<float>(p) / 255 * 256), 255L) - 128));
    return expected;
  }());
  EXPECT_EQ(quantised(false, 1, -128), shifted(pixels));
  EXPECT_EQ(quantised(false, 2.0F / 255, 0), [&] {
    Bytes expected;  // [-1.004, 0.996]: pixels are numbers from -1 to 1
    for (const uint8_t p : pixels)
      expected.push_back(static_cast<uint8_t>(
          std::clamp(std::lround((static_cast<float>(p) / 255 - 0.5F) / 0.5F / (2.0F / 255)), -128L, 127L)));
    return expected;
  }());
  const std::string error = refusal(model({"x", {13, 17, 1}, false, 0.0187F, -14, false}), {file});
  EXPECT_NE(error.find("expected --mean and --std"), std::string::npos) << error;
  EXPECT_NE(error.find("[-2.1"), std::string::npos) << error;
}

TEST(input, images_are_normalised_by_channel_as_asked) {
  const Bytes pixels = sample_array("color.png.npy").bytes;
  const InputFile file{"color.png", sample("color.png")};
  TensorInfo t = image_tensor();
  t.scale = 0.0187F;
  t.zero_point = -14;
  InputOptions options;
  options.mean = {0.485F, 0.456F, 0.406F};
  options.deviation = {0.229F, 0.224F, 0.225F};
  Bytes expected;
  for (size_t i = 0; i < pixels.size(); ++i)
    expected.push_back(static_cast<uint8_t>(std::clamp(
        std::lround((static_cast<float>(pixels[i]) / 255 - options.mean[i % 3]) / options.deviation[i % 3] / t.scale) -
            14,
        -128L, 127L)));
  EXPECT_EQ(tensors(model(t), {file}, options), expected);
  // One number serves for all channels; the other has its default.
  options = {};
  options.deviation = {1.0F / 255};
  t = {"x", {1, 13, 17, 3}, true, 1, 0, false};
  EXPECT_EQ(tensors(model(t), {file}, options), pixels);
  options.deviation = {1, 1};
  EXPECT_NE(refusal(model(t), {file}, options).find("one for each of the image's 3 channels, found 2"),
            std::string::npos);
  EXPECT_NE(refusal(model({"x", {2}, true, 1, 0, false}), {{"x", {1, 2}}}, options).find("--std"), std::string::npos);
}

TEST(input, arrays_of_the_tensors_type_are_elements) {
  const ModelInfo info = model({"x", {1, 2, 3}, false, 0.5F, 3, false});
  const std::vector<int8_t> values{-128, -1, 0, 1, 2, 127};
  for (const char* shape : {"(1, 2, 3)", "(2, 3)", "(1, 1, 2, 3)"})
    EXPECT_EQ(tensors(info, {{"x", npy("|i1", shape, values)}}), (Bytes{0x80, 0xff, 0, 1, 2, 0x7f})) << shape;
  for (const char* shape : {"(6,)", "(3, 2)", "(1, 6)", "(2, 3, 1)"})
    EXPECT_NE(refusal(info, {{"x", npy("|i1", shape, values)}}).find("shape [1, 2, 3]"), std::string::npos) << shape;
  EXPECT_NE(refusal(info, {{"x", npy("|u1", "(2, 3)", values)}}).find("expected an array of int8 elements"),
            std::string::npos);
}

TEST(input, real_numbers_are_quantised_and_must_be_numbers) {
  const ModelInfo info = model({"x", {6}, true, 0.5F, 10, false});
  const std::vector<double> values{-1e300, -5.3, 0, 0.25, 117.6, 1e300};
  EXPECT_EQ(tensors(info, {{"x", npy("<f8", "(6,)", values)}}), (Bytes{0, 0, 10, 11, 245, 255}));
  const std::vector<float> single{-5, -4.5F, 0, 0.3F, 122.5F, 123};
  EXPECT_EQ(tensors(info, {{"x", npy("<f4", "(6,)", single)}}), (Bytes{0, 1, 10, 11, 255, 255}));
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
    std::vector<float> wrong = single;
    wrong[4] = bad;
    EXPECT_NE(refusal(info, {{"x", npy("<f4", "(6,)", wrong)}}).find("as element 4"), std::string::npos);
  }
}

TEST(quantise, rounds_halves_as_the_format_does_and_saturates) {
  const TensorInfo t{"x", {1}, false, 0.5F, -1, false};
  const auto away = [&](float x) { return static_cast<int8_t>(quantise(t, x, false)); };
  const auto even = [&](float x) { return static_cast<int8_t>(quantise(t, x, true)); };
  // Halves: 0.25 / 0.5 = 0.5, and so on.
  EXPECT_EQ(away(0.25F), 0);
  EXPECT_EQ(even(0.25F), -1);
  EXPECT_EQ(away(0.75F), 1);
  EXPECT_EQ(even(0.75F), 1);
  EXPECT_EQ(away(-0.25F), -2);
  EXPECT_EQ(even(-0.25F), -1);
  EXPECT_EQ(away(-1.25F), -4);
  EXPECT_EQ(even(-1.25F), -3);
  for (const bool half_to_even : {false, true}) {
    EXPECT_EQ(static_cast<int8_t>(quantise(t, 64, half_to_even)), 127);  // 128 - 1
    EXPECT_EQ(static_cast<int8_t>(quantise(t, 63.5F, half_to_even)), 126);
    EXPECT_EQ(static_cast<int8_t>(quantise(t, -63.5F, half_to_even)), -128);
    EXPECT_EQ(static_cast<int8_t>(quantise(t, -64, half_to_even)), -128);
    EXPECT_EQ(static_cast<int8_t>(quantise(t, 3e38F, half_to_even)), 127);
    EXPECT_EQ(static_cast<int8_t>(quantise(t, -3e38F, half_to_even)), -128);
  }
  const TensorInfo tiny{"x", {1}, true, 1e-40F, 255, false};  // quotients are infinite
  EXPECT_EQ(quantise(tiny, 1, false), 255);
  EXPECT_EQ(quantise(tiny, -1, false), 0);
  EXPECT_EQ(quantise(tiny, 0, false), 255);
}

}  // namespace
}  // namespace zkvm::compiler
