#include "guest-sdk/compiler/borders/input.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "guest-sdk/compiler/borders/image.hpp"
#include "guest-sdk/compiler/borders/npy.hpp"

namespace zkvm::compiler {
namespace {

/// Carries what is wrong out of the functions below.
struct Wrong {
  std::string what;
};

enum class Kind { RAW, NPY, IMAGE };

bool ends_with(const std::string& name, std::string_view ending) {
  return name.size() >= ending.size() &&
         std::equal(ending.begin(), ending.end(), name.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b); });
}

/// `raw` is whether the file's length is one that raw bytes can have.
Kind kind_of(const InputFile& file, bool raw) {
  if (ends_with(file.name, ".npy")) return Kind::NPY;
  if (ends_with(file.name, ".png") || ends_with(file.name, ".jpg") || ends_with(file.name, ".jpeg")) return Kind::IMAGE;
  if (raw) return Kind::RAW;
  if (is_npy(file.bytes)) return Kind::NPY;
  if (is_png(file.bytes) || is_jpeg(file.bytes)) return Kind::IMAGE;
  return Kind::RAW;
}

int32_t lowest(const TensorInfo& t) { return t.is_unsigned ? 0 : -128; }

// --- Arrays

std::vector<int64_t> without_batch(std::span<const int64_t> shape) {
  if (!shape.empty() && shape.front() == 1) shape = shape.subspan(1);
  return {shape.begin(), shape.end()};
}

template <class Real>
void quantise_all(const TensorInfo& t, const Array& array, bool half_to_even, std::vector<uint8_t>& out) {
  for (size_t at = 0; at < array.bytes.size(); at += sizeof(Real)) {
    Real x;
    std::memcpy(&x, array.bytes.data() + at, sizeof x);
    if (!std::isfinite(x))
      throw Wrong{"expected finite numbers, found " + std::string(std::isnan(x) ? "not a number" : "infinity") +
                  " as element " + std::to_string(at / sizeof x)};
    // Numbers beyond float's range saturate like all large ones.
    constexpr Real LARGE = 3e38F;
    out.push_back(quantise(t, static_cast<float>(std::clamp(x, -LARGE, LARGE)), half_to_even));
  }
}

void append_array(const TensorInfo& t, const Array& array, bool half_to_even, std::vector<uint8_t>& out) {
  const auto shape = without_batch(array.shape);
  if (array.shape != t.shape && shape != t.shape && array.shape != without_batch(t.shape) &&
      shape != without_batch(t.shape))
    throw Wrong{"expected an array of shape " + shape_text(t.shape) + (t.channels_first ? " (channels first)" : "") +
                ", with or without a leading 1, found " + shape_text(array.shape)};
  switch (array.type) {
    case Array::Type::INT8:
    case Array::Type::UINT8:
      if ((array.type == Array::Type::UINT8) != t.is_unsigned)
        throw Wrong{std::string("expected an array of ") + (t.is_unsigned ? "uint8" : "int8") +
                    " elements, or of real numbers (float32, float64) to be quantised, found " + type_name(array.type)};
      out.insert(out.end(), array.bytes.begin(), array.bytes.end());
      return;
    case Array::Type::FLOAT32:
      return quantise_all<float>(t, array, half_to_even, out);
    case Array::Type::FLOAT64:
      return quantise_all<double>(t, array, half_to_even, out);
  }
}

// --- Images

struct Picture {
  ImageSize size;
  uint32_t channels = 0;
};

/// How a tensor of this shape is a picture, if it is one.
std::optional<Picture> picture_of(const TensorInfo& t) {
  std::span<const int64_t> s = t.shape;
  const auto picture = [](int64_t h, int64_t w, int64_t c) -> std::optional<Picture> {
    if ((c != 1 && c != 3) || h > MAX_IMAGE_SIDE || w > MAX_IMAGE_SIDE) return std::nullopt;
    return Picture{{static_cast<uint32_t>(h), static_cast<uint32_t>(w)}, static_cast<uint32_t>(c)};
  };
  if (s.size() == 4 && s[0] == 1) s = s.subspan(1);
  if (s.size() != 3) return std::nullopt;
  if (const auto found = t.channels_first ? picture(s[1], s[2], s[0]) : picture(s[0], s[1], s[2])) return found;
  // Grey images without an axis for channels: the first axis is the batch.
  return t.shape.size() == 3 && s[0] == 1 ? picture(s[1], s[2], 1) : std::nullopt;
}

/// real = (pixel / 255 - mean) / deviation
struct Normalisation {
  float mean = 0, deviation = 1;
};

/// One for each channel.
std::vector<Normalisation> normalisation(const TensorInfo& t, uint32_t channels, const InputOptions& options) {
  std::vector<Normalisation> out(channels);
  if (options.mean.empty() && options.deviation.empty()) {
    const float low = t.scale * static_cast<float>(lowest(t) - t.zero_point), high = low + t.scale * 255;
    const auto spans = [&](float from, float to) {
      const float slack = 0.02F * (to - from);
      return std::abs(low - from) <= slack && std::abs(high - to) <= slack;
    };
    const Normalisation usual = spans(0, 1)     ? Normalisation{0, 1}
                                : spans(-1, 1)  ? Normalisation{0.5F, 0.5F}
                                : spans(0, 255) ? Normalisation{0, 1.0F / 255}
                                                : Normalisation{0, 0};
    if (usual.deviation == 0)
      throw Wrong{
          "expected --mean and --std, because pixels can stand for other numbers than [0, 1], [-1, 1] or "
          "[0, 255]: found a model that takes [" +
          std::to_string(low) + ", " + std::to_string(high) + "]"};
    std::fill(out.begin(), out.end(), usual);
    return out;
  }
  const auto one_each = [&](const std::vector<float>& values, const char* option, float Normalisation::*field) {
    if (values.empty()) return;
    if (values.size() != 1 && values.size() != channels)
      throw Wrong{std::string("expected one number for ") + option +
                  (channels == 1 ? "" : ", or one for each of the image's " + std::to_string(channels) + " channels") +
                  ", found " + std::to_string(values.size())};
    for (uint32_t c = 0; c < channels; ++c) out[c].*field = values[values.size() == 1 ? 0 : c];
  };
  one_each(options.mean, "--mean", &Normalisation::mean);
  one_each(options.deviation, "--std", &Normalisation::deviation);
  return out;
}

void append_image(const TensorInfo& t, const InputFile& file, const InputOptions& options, bool half_to_even,
                  std::vector<uint8_t>& out) {
  const auto picture = picture_of(t);
  if (!picture)
    throw Wrong{"expected raw bytes or .npy, because the model's input is no image of 1 or 3 channels but " +
                describe(t) + ", found an image"};
  const std::vector<Normalisation> numbers = normalisation(t, picture->channels, options);
  std::string error;
  auto image = read_image(file.bytes, options.resize ? std::nullopt : std::optional(picture->size), error);
  if (!image) throw Wrong{error};
  if (image->channels > picture->channels) throw Wrong{"expected a grey image (1 channel), found one of 3 channels"};
  if (options.resize) image = resize(*image, picture->size);

  const size_t pixels = size_t{image->height} * image->width, channels = picture->channels, start = out.size();
  out.resize(start + pixels * channels);
  for (size_t c = 0; c < channels; ++c) {
    std::array<uint8_t, 256> table;
    for (size_t p = 0; p < table.size(); ++p)
      table[p] = quantise(t, (static_cast<float>(p) / 255 - numbers[c].mean) / numbers[c].deviation, half_to_even);
    const size_t from = image->channels == 1 ? 0 : c;
    uint8_t* to = out.data() + start + (t.channels_first ? c * pixels : c);
    const size_t step = t.channels_first ? 1 : channels;
    for (size_t i = 0; i < pixels; ++i) to[i * step] = table[image->pixels[i * image->channels + from]];
  }
}

// --- All inputs

[[noreturn]] void wrong_length(const ModelInfo& info, const std::string& tensors, int64_t bytes, size_t found,
                               bool with_salt) {
  throw Wrong{"expected " + std::to_string(bytes) + " bytes (" + tensors + ")" +
              (with_salt && info.disclosure.salt_bytes() != 0
                   ? ", or " + std::to_string(bytes + int64_t(info.disclosure.salt_bytes())) + " with the salt"
                   : "") +
              ", a .npy, PNG or JPEG file, found " + std::to_string(found) + " bytes of something else"};
}

PrivateInput read(const ModelInfo& info, std::span<const InputFile> files, const InputOptions& options) {
  const bool half_to_even = info.format == "ONNX";
  const auto total = static_cast<size_t>(info.input_bytes());
  const size_t salt = info.disclosure.salt_bytes();
  PrivateInput out;
  bool images = false;
  if (files.size() == 1) {
    const std::vector<uint8_t>& bytes = files[0].bytes;
    const bool fits = bytes.size() == total || bytes.size() == total + salt;
    if (kind_of(files[0], fits) == Kind::RAW && fits) {
      out.tensors.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(total));
      if (bytes.size() != total) std::copy_n(bytes.end() - 32, 32, out.salt.emplace().begin());
    }
  }
  if (out.tensors.empty()) {
    if (files.size() != info.inputs.size()) {
      std::string names;
      for (const TensorInfo& t : info.inputs) names += (names.empty() ? "" : ", ") + t.name + " " + describe(t);
      throw Wrong{"expected " + std::to_string(info.inputs.size()) +
                  (info.inputs.size() == 1 ? " input (" : " inputs, each with an --input, or one file of all bytes (") +
                  names + "), found " + std::to_string(files.size())};
    }
    out.tensors.reserve(total);
    for (size_t i = 0; i < files.size(); ++i) {
      const TensorInfo& t = info.inputs[i];
      const InputFile& file = files[i];
      try {
        switch (kind_of(file, file.bytes.size() == static_cast<size_t>(t.elements()))) {
          case Kind::RAW:
            if (file.bytes.size() != static_cast<size_t>(t.elements()))
              wrong_length(info, describe(t), t.elements(), file.bytes.size(), files.size() == 1);
            out.tensors.insert(out.tensors.end(), file.bytes.begin(), file.bytes.end());
            break;
          case Kind::NPY: {
            std::string error;
            const auto array = read_npy(file.bytes, error);
            if (!array) throw Wrong{error};
            append_array(t, *array, half_to_even, out.tensors);
            break;
          }
          case Kind::IMAGE:
            append_image(t, file, options, half_to_even, out.tensors);
            images = true;
        }
      } catch (const Wrong& wrong) {
        throw Wrong{"'" + file.name + "': " + wrong.what};
      }
    }
  }
  if (!images && (options.resize || !options.mean.empty() || !options.deviation.empty()))
    throw Wrong{"expected a PNG or JPEG image for --resize, --mean and --std, found other files"};
  return out;
}

}  // namespace

std::optional<PrivateInput> read_input(const ModelInfo& info, std::span<const InputFile> files,
                                       const InputOptions& options, std::string& error) {
  try {
    return read(info, files, options);
  } catch (const Wrong& wrong) {
    error = wrong.what;
    return std::nullopt;
  }
}

uint8_t quantise(const TensorInfo& t, float real, bool half_to_even) {
  const float scaled = real / t.scale;  // infinite at worst
  // std::rint rounds as the environment says: to even, unless somebody changed it.
  const float rounded = half_to_even ? std::rint(scaled) : std::round(scaled);
  const auto low = static_cast<float>(lowest(t) - t.zero_point);
  return static_cast<uint8_t>(static_cast<int32_t>(std::clamp(rounded, low, low + 255)) + t.zero_point);
}

std::string describe(const TensorInfo& t) { return (t.is_unsigned ? "uint8 " : "int8 ") + shape_text(t.shape); }

}  // namespace zkvm::compiler
