#include "guest-sdk/compiler/generate.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "guest-sdk/compiler/text.hpp"

namespace zkvm::compiler {
namespace {

/// Layers beyond this many weights and thresholds are assembled from binary files: g++ takes 3 s for a million.
constexpr size_t LARGE = 200'000;

size_t index(int32_t i) { return static_cast<size_t>(i); }
std::string text(int64_t n) { return std::to_string(n); }

std::string numbered(char letter, size_t number, size_t count) {
  const size_t digits = std::to_string(count).size();
  std::string n = std::to_string(number);
  n.insert(0, digits > n.size() ? digits - n.size() : 0, '0');
  return letter + n;
}

template <class T>
std::vector<std::string> items(const T& values) {
  std::vector<std::string> out;
  for (const auto x : values) out.push_back(std::to_string(x));
  return out;
}

/// "inline constexpr TYPE NAME[N] = {...};"
std::string array(const std::string& type, const std::string& name, const std::vector<std::string>& values,
                  const std::string& qualifiers = "inline constexpr") {
  const std::string head =
      qualifiers + " " + type + " " + name + "[" + text(static_cast<int64_t>(values.size())) + "] = ";
  return head + list_text(values, head.size()) + ";\n";
}

/// A list of initialisers, one behind the other: "{.in_h = 49, .in_w = 10}".
class Options {
 public:
  void add(const char* name, int64_t value, int64_t standard) {
    if (value != standard) add(name, text(value));
  }
  void add(const char* name, const std::string& value) { list_.push_back("." + std::string(name) + " = " + value); }
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

class Generator {
 public:
  Generator(const Program& program, const GenerateOptions& options)
      : p_(program), options_(options), salted_(options.disclosure.salt_bytes() != 0), names_(record_names(program)) {
    name_tensors();
  }

  std::map<std::string, std::string> run() {
    files_["weights.hpp"] = weights();  // decides what is large
    files_["model.hpp"] = model();
    files_["main.cpp"] = main();
    if (!blobs_.empty())
      files_["layers.S"] = "/* Written by zkvm compile: layers that are too large for C++. */\n" + blobs_ +
                           "\n  .section .note.GNU-stack, \"\"\n";
    files_["model.json"] = to_json(describe(p_.graph, options_.disclosure));
    files_["info.S"] =
        "/* For zkvm run and zkvm verify: shapes, quantisation, names. In the ELF file, not in the guest's memory. */\n"
        "  .section .zkvm.model, \"R\"\n"
        "  .incbin \"model.json\"\n"
        "\n"
        "  .section .note.GNU-stack, \"\"\n";
    files_["CMakeLists.txt"] = cmake();
    files_["README.md"] = readme();
    return std::move(files_);
  }

 private:
  // --- Names
  // -----------------------------------------------------------------------------------------------------------

  void name_tensors() {
    tensor_names_.resize(p_.tensors.size());
    used_.assign(p_.tensors.size(), false);
    for (const Step& s : p_.steps) {
      for (const int32_t t : s.inputs) used_[index(t)] = true;
      used_[index(s.output)] = true;
    }
    used_[index(p_.result)] = true;
    for (size_t i = 0; i < p_.tensors.size(); ++i) {
      const std::string part = identifier_part(p_.tensors[i].name, false);
      tensor_names_[i] = numbered('t', i, p_.tensors.size()) + (part.empty() ? "" : "_" + part);
    }
  }
  const std::string& name(int32_t tensor) const { return tensor_names_[index(tensor)]; }

  // --- weights.hpp and layers.S
  // ----------------------------------------------------------------------------------------

  bool is_large(const Step& s) const { return s.work == Work::LINEAR && s.record.size() > LARGE; }

  /// Data as a symbol of its own, from a file beside the assembly.
  void add_blob(const std::string& symbol, const std::string& before, const std::string& bytes, bool in_rom) {
    files_[symbol + ".bin"] = bytes;
    blobs_ += "\n";
    if (in_rom) blobs_ += "#ifndef ZKVM_NN_SOFTWARE\n  .section .zkvm.rom." + symbol + ", \"a\"\n#else\n";
    blobs_ += "  .section .rodata." + symbol + ", \"a\"\n";
    if (in_rom) blobs_ += "#endif\n";
    blobs_ += "  .balign 32\n  .globl " + symbol + "\n" + symbol + ":\n" + before + "  .incbin \"" + symbol +
              ".bin\"\n  .balign 32\n";
  }
  static std::string as_string(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

  std::string heading(const Step& s) const {
    if (s.node < 0) return "";
    const Node& n = p_.node(s);
    std::string line = "\n// " + comment_text(n.name) + ": " + comment_text(n.type, 32) + ", ";
    for (size_t i = 0; i < n.inputs.size(); ++i)
      line += (i != 0 ? ", " : "") + shape_text(p_.graph.value(n.inputs[i]).shape);
    return line + " -> " + shape_text(p_.graph.value(n.output).shape) + ".\n";
  }

  std::string weights() {
    std::string out =
        "// Written by zkvm compile from " + comment_text(p_.graph.name) +
        ": data, not code. Weights are [output][row][column][input] of a\n"
        "// layer's options, or [row][column][channel] of a depthwise layer; scales are multipliers and shifts.\n"
        "#pragma once\n\n#include <array>\n#include <cstdint>\n\n#include \"zkvm/nn/quantise.hpp\"\n"
        "#include \"zkvm/nn/record.h\"\n\nnamespace network {\n";
    for (size_t i = 0; i < p_.steps.size(); ++i) out += data_of(p_.steps[i], names_[i]);
    for (size_t i = 0; i < p_.tensors.size(); ++i)
      if (p_.tensors[i].home == Tensor::Home::CONSTANT && used_[i]) out += constant(p_.tensors[i], tensor_names_[i]);
    return out + "\n}  // namespace network\n";
  }

  std::string data_of(const Step& s, const std::string& name) {
    switch (s.work) {
      case Work::LINEAR:
        return linear_data(s, name);
      case Work::MATMUL:
        return heading(s) + requantisation(std::get<MatMul>(p_.node(s).operation).requantise, {}, s.shape.out_c, name);
      case Work::ADD: {
        const Add& a = std::get<Add>(p_.node(s).operation);
        return heading(s) + array("std::int32_t", name + "_FIRST", items(a.first)) +
               array("std::int32_t", name + "_SECOND", items(a.second));
      }
      case Work::TABLE: {
        const std::vector<std::string> values = items(std::get<Table>(p_.node(s).operation).table);
        const std::string head = "inline constexpr std::array<std::int8_t, 256> " + name + "_VALUES";
        return heading(s) + head + list_text(values, head.size()) + ";\n";
      }
      case Work::SOFTMAX:
        return heading(s) +
               array("std::int32_t", name + "_EXPONENTIAL", items(std::get<Softmax>(p_.node(s).operation).exponential));
      case Work::SOFTMAX_FLOAT: {
        std::vector<std::string> values;
        for (const float x : std::get<SoftmaxFloat>(p_.node(s).operation).exponential) values.push_back(float_text(x));
        return heading(s) + array("float", name + "_EXPONENTIAL", values);
      }
      case Work::BINARY: {
        const std::vector<int8_t>& table = std::get<Binary>(p_.node(s).operation).table;
        add_blob(name + "_TABLE", "", {table.begin(), table.end()}, false);
        return heading(s) + "extern \"C\" const std::int8_t " + name + "_TABLE[65536];  // [first byte][second byte]\n";
      }
      default:
        return "";
    }
  }

  std::string linear_data(const Step& s, const std::string& name) {
    const Linear& l = std::get<Linear>(p_.node(s).operation);
    if (is_large(s)) {
      std::string header;
      for (size_t word = 0; word < ZKVM_NN_HEADER_BYTES / 4; ++word) {
        int32_t value;
        std::memcpy(&value, s.record.data() + 4 * word, 4);
        header += (word % 8 == 0 ? "  .4byte " : ", ") + text(value) + (word % 8 == 7 ? "\n" : "");
      }
      add_blob(name, header, as_string(std::span(s.record).subspan(ZKVM_NN_HEADER_BYTES)), true);
      return heading(s) + "extern \"C\" const zkvm_nn_linear " + name + "[];  // see layers.S\n";
    }
    return heading(s) + array("std::int8_t", name + "_WEIGHTS", items(s.weights)) +
           requantisation(l.requantise, l.biases, s.shape.out_c, name);
  }
  /// Biases and scales, or thresholds; `channels` may be more than there are, the rest is 0.
  static std::string requantisation(const Requantise& r, const std::vector<int32_t>& biases, int32_t channels,
                                    const std::string& name) {
    std::string out;
    if (!r.thresholds.empty()) {
      std::vector<std::string> list;
      for (size_t c = 0; c < index(channels); ++c) {
        std::string one = "{" + text(c < biases.size() ? biases[c] : 0) + ", {";
        for (size_t i = 0; i < 255; ++i)
          list.push_back((i == 0 ? one : "") + text(c < r.thresholds.size() ? r.thresholds[c][i] : NEVER) +
                         (i == 254 ? "}}" : ""));
      }
      const std::string head = "inline constexpr zkvm_nn_thresholds " + name + "_THRESHOLDS[" + text(channels) + "] = ";
      return head + list_text(list, head.size()) + ";\n";
    }
    if (!biases.empty()) out = array("std::int32_t", name + "_BIASES", items(biases));
    std::vector<std::string> list;
    const auto differs = [&](const nn::Scale& s) {
      return s.multiplier != r.scales[0].multiplier || s.shift != r.scales[0].shift;
    };
    const bool one = !biases.empty() && std::none_of(r.scales.begin(), r.scales.end(), differs);
    for (size_t c = 0; c < (one ? 1 : index(channels)); ++c) {
      const nn::Scale s = c < r.scales.size() ? r.scales[c] : nn::Scale{0, 0};
      list.push_back("{" + text(s.multiplier) + ", " + text(s.shift) + "}");
    }
    const std::string head = "inline constexpr std::array<zkvm::nn::Scale, " + text(static_cast<int64_t>(list.size())) +
                             "> " + name + "_SCALES{";
    list.back() += "}";  // the array's own
    return out + head + list_text(list, head.size()) + ";\n";
  }

  std::string constant(const Tensor& t, const std::string& name) {
    const std::vector<int8_t>& elements = std::get<Constant>(p_.graph.nodes[index(t.constant)].operation).values;
    std::vector<int8_t> values(static_cast<size_t>(t.bytes()), 0);
    for (size_t i = 0, at = 0; i < elements.size(); i += index(t.shape.c), at += index(t.stride))
      std::copy_n(elements.begin() + static_cast<ptrdiff_t>(i), t.shape.c, values.begin() + static_cast<ptrdiff_t>(at));
    const std::string note = "\n// " + comment_text(t.name) + ", " + shape_text(t.shape) + ".\n";
    if (values.size() > LARGE) {
      add_blob(constant_name(name), "", {values.begin(), values.end()}, false);
      return note + "extern \"C\" const std::int8_t " + constant_name(name) + "[" + text(t.bytes()) + "];\n";
    }
    return note + array("std::int8_t", constant_name(name), items(values), "alignas(4) inline constexpr");
  }
  static std::string constant_name(const std::string& tensor) {
    std::string out = tensor;
    for (char& c : out)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
  }

  // --- model.hpp
  // -------------------------------------------------------------------------------------------------------

  std::string model() {
    const int64_t in = border_bytes(p_.graph.inputs), out = border_bytes(p_.graph.outputs);
    std::string s = "// The network " + comment_text(p_.graph.name) + ", from " + comment_text(p_.graph.format, 24) +
                    ".\n// Written by zkvm compile; ordinary code that may be edited. Layers are records in read-only "
                    "memory; weights.hpp "
                    "has\n// what they are made of.\n#pragma once\n\n#include \"weights.hpp\"\n"
                    "#include \"zkvm/nn/nn.hpp\"\n#include \"zkvm/nn/tensor_ops.hpp\"\n\nnamespace network {\n\n"
                    "namespace nn = zkvm::nn;\n\n";
    s += borders("Input", p_.graph.inputs) + borders("Output", p_.graph.outputs);
    s += "inline constexpr std::size_t INPUT_BYTES = " + text(in) + ", OUTPUT_BYTES = " + text(out) + ";\n";
    for (size_t i = 0; i < p_.steps.size(); ++i) s += record(p_.steps[i], names_[i]);
    if (p_.arena_bytes > 0)
      s += "\n// All tensors; the most that is in use at once is " + text(p_.live_bytes) +
           " bytes.\nalignas(4) inline std::int8_t arena[" + text(p_.arena_bytes) + "];\n";
    s +=
        "\n// From INPUT_BYTES bytes, at a multiple of 4, to OUTPUT_BYTES bytes, which are there until the next call.\n"
        "inline const std::int8_t* run(const std::int8_t* input) {\n" +
        tensors();
    for (size_t i = 0; i < p_.steps.size(); ++i) s += call(p_.steps[i], names_[i]);
    return s + "  return " + name(p_.result) + ".values;\n}\n\n}  // namespace network\n";
  }

  int64_t border_bytes(const std::vector<Border>& borders) const {
    int64_t bytes = 0;
    for (const Border& b : borders) bytes += p_.graph.value(b.value).shape.elements();
    return bytes;
  }
  std::string borders(const char* what, const std::vector<Border>& list) const {
    std::string out;
    for (const Border& b : list) {
      out +=
          std::string("// ") + what + " " + comment_text(b.name, 48) + ": " + (b.is_unsigned ? "uint8" : "int8") + " [";
      for (size_t i = 0; i < b.shape.size(); ++i) out += (i != 0 ? "][" : "") + text(b.shape[i]);
      const nn::Quantization q = p_.graph.value(b.value).quantization;
      char real[96];
      const int32_t zero_point = q.zero_point + (b.is_unsigned ? 128 : 0);
      std::snprintf(real, sizeof real, "], real value %.6g (q %c %d)", static_cast<double>(q.scale),
                    zero_point < 0 ? '+' : '-', std::abs(zero_point));
      out += std::string(real) + ".\n";
    }
    return out;
  }

  static std::string quantization(const nn::Quantization& q) {
    return "{" + scale_text(q.scale) + ", " + text(q.zero_point) + "}";
  }
  static std::string range(nn::Range r) { return "nn::Range{" + text(r.min) + ", " + text(r.max) + "}"; }

  static Options convolution(const nn::Conv2d& o) {
    Options list;
    list.add("in_h", o.in_h, 1), list.add("in_w", o.in_w, 1), list.add("in_c", o.in_c, 0);
    list.add("out_c", o.out_c, 0);
    list.add("kernel_h", o.kernel_h, 1), list.add("kernel_w", o.kernel_w, 1);
    list.add("stride_h", o.stride_h, 1), list.add("stride_w", o.stride_w, 1);
    padding(list, o.padding.top, o.padding.left, o.padding.bottom, o.padding.right);
    list.add("input", quantization(o.input)), list.add("output", quantization(o.output));
    if (o.range) list.add("range", range(*o.range));
    return list;
  }
  static void padding(Options& list, int top, int left, int bottom, int right) {
    if (top == 0 && left == 0 && bottom == 0 && right == 0) return;
    Options sides;
    sides.add("top", top, 0), sides.add("left", left, 0), sides.add("bottom", bottom, 0), sides.add("right", right, 0);
    list.add("padding", one_line(sides.list()));
  }
  static std::string one_line(const std::vector<std::string>& list) {
    std::string out = "{";
    for (size_t i = 0; i < list.size(); ++i) out += (i != 0 ? ", " : "") + list[i];
    return out + "}";
  }

  /// "ZKVM_NN_ROM(NAME, builder(options, more));", or a plain constant for what guest code runs.
  std::string define(const Step& s, const std::string& name, const std::string& builder, const Options& options,
                     const std::string& more) const {
    std::string head = s.on_machine ? "ZKVM_NN_ROM(" + name + ", " : "inline constexpr auto " + name + " = ";
    std::string list = list_text(options.list(), 4);
    const std::string tail = (more.empty() ? "" : ",\n    " + more) + (s.on_machine ? "));\n" : ");\n");
    return head + builder + "(\n    " + list + tail;
  }

  std::string record(const Step& s, const std::string& name) const {
    switch (s.work) {
      case Work::LINEAR:
        return heading(s) + linear_record(s, name);
      case Work::MATMUL: {
        const MatMul& m = std::get<MatMul>(p_.node(s).operation);
        Options o;
        o.add("m", s.shape.in_w, 1), o.add("k", s.shape.in_c, 0), o.add("n", s.shape.out_c, 0);
        o.add("a", quantization(s.shape.input));
        nn::Quantization b = p_.graph.value(p_.node(s).inputs[1]).quantization;
        b.zero_point = m.b_zero_point;
        o.add("b", quantization(b)), o.add("output", quantization(s.shape.output));
        if (s.shape.range) o.add("range", range(*s.shape.range));
        const std::string more = name + (m.requantise.thresholds.empty() ? "_SCALES" : "_THRESHOLDS");
        return heading(s) + define(s, name, m.transposed ? "nn::matmul_nk_layer" : "nn::matmul_kn_layer", o, more);
      }
      case Work::ADD: {
        const Add& a = std::get<Add>(p_.node(s).operation);
        return heading(s) + plain(s, name, "nn::add_layer",
                                  {text(p_.tensor(s.output).bytes()), name + "_FIRST", name + "_SECOND",
                                   "{" + text(a.scale.multiplier) + ", " + text(a.scale.shift) + "}",
                                   text(a.zero_point), "{" + text(a.range.min) + ", " + text(a.range.max) + "}"});
      }
      case Work::TABLE:
        return heading(s) + plain(s, name, "nn::table_layer", {text(p_.tensor(s.output).bytes()), name + "_VALUES"});
      case Work::POOL: {
        const Pool& pool = std::get<Pool>(p_.node(s).operation);
        const Tensor& in = p_.tensor(s.inputs[0]);
        const Window& w = pool.window;
        Options o;
        o.add("in_h", in.shape.h, 1), o.add("in_w", in.shape.w, 1), o.add("channels", in.stride, 0);
        o.add("kernel_h", w.kernel_h, 1), o.add("kernel_w", w.kernel_w, 1);
        o.add("stride_h", w.stride_h, 1), o.add("stride_w", w.stride_w, 1);
        padding(o, w.top, w.left, w.bottom, w.right);
        if (pool.range.min != -128 || pool.range.max != 127) o.add("range", range(pool.range));
        return heading(s) + define(s, name, pool.is_max ? "nn::max_pool2d_layer" : "nn::average_pool2d_layer", o, "");
      }
      default:
        return "";
    }
  }
  /// The same with a builder that takes a few arguments.
  static std::string plain(const Step& s, const std::string& name, const std::string& builder,
                           const std::vector<std::string>& arguments) {
    const std::string head =
        (s.on_machine ? "ZKVM_NN_ROM(" + name + ", " : "inline constexpr auto " + name + " = ") + builder;
    std::string list = list_text(arguments, head.size() + 1);
    list.front() = '(', list.back() = ')';
    return head + list + (s.on_machine ? ");\n" : ";\n");
  }
  std::string linear_record(const Step& s, const std::string& name) const {
    const Linear& l = std::get<Linear>(p_.node(s).operation);
    const bool by_thresholds = !l.requantise.thresholds.empty();
    const Options o = convolution(s.shape);
    if (is_large(s)) {
      const std::string builder = s.operand == ZKVM_NN_DEPTHWISE ? "nn::depthwise_conv2d_shape" : "nn::conv2d_shape";
      return "inline constexpr zkvm_nn_linear " + name + "_SHAPE = " + builder + "(\n    " + list_text(o.list(), 4) +
             (by_thresholds ? ",\n    ZKVM_NN_THRESHOLDS" : "") + ");\n";
    }
    std::string note;
    if (l.kind == Linear::Kind::FULLY_CONNECTED && s.shape.kernel_w > 1)
      note = "// One row of " + text(s.shape.in_w) + " positions: cheaper to prove than so many more channels.\n";
    const std::string builder = s.operand == ZKVM_NN_DEPTHWISE ? "nn::depthwise_conv2d_layer" : "nn::conv2d_layer";
    return note + define(s, name, builder, o,
                         by_thresholds ? name + "_WEIGHTS, " + name + "_THRESHOLDS"
                                       : name + "_WEIGHTS, " + name + "_BIASES, " + name + "_SCALES");
  }

  std::string view(const Tensor& t, bool constant) const {
    std::string out = std::string(constant ? "nn::ConstView<" : "nn::View<") + text(t.shape.h) + ", " +
                      text(t.shape.w) + ", " + text(t.shape.c);
    if (t.stride != nn::padded(t.shape.c)) out += ", " + text(t.stride);
    return out + ">";
  }
  std::string tensors() const {
    std::string out;
    for (size_t i = 0; i < p_.tensors.size(); ++i) {
      if (!used_[i]) continue;
      const Tensor& t = p_.tensors[i];
      const bool arena = t.home == Tensor::Home::ARENA;
      std::string line = "  const " + view(t, !arena) + " " + tensor_names_[i] + "{" +
                         (arena                           ? "arena"
                          : t.home == Tensor::Home::INPUT ? "input"
                                                          : constant_name(tensor_names_[i])) +
                         (t.offset != 0 ? " + " + text(t.offset) : "") + "};";
      if (arena) {
        const Storage& s = p_.storages[index(t.storage)];
        line += "  // steps " + text(s.first + 1) + " to " +
                (s.last < static_cast<int32_t>(p_.steps.size()) ? text(s.last + 1) : "the end");
      }
      out += line + "\n";
    }
    return out;
  }

  std::string call(const Step& s, const std::string& name) const {
    const auto argument = [&](size_t i, int64_t bytes) {
      const Tensor& t = p_.tensor(s.inputs[i]);
      if (t.bytes() == bytes) return this->name(s.inputs[i]);
      return "std::span<const std::int8_t, " + text(bytes) + ">(" + this->name(s.inputs[i]) + ".values, " +
             text(bytes) + ")";
    };
    const std::string out = this->name(s.output);
    const auto line = [](std::string text) {
      constexpr size_t WIDTH = 120 - 3;  // two spaces before, a semicolon behind
      for (size_t begin = 0; text.size() - begin > WIDTH;) {
        const size_t comma = text.rfind(", ", begin + WIDTH - 2);
        if (comma == std::string::npos || comma <= begin) break;
        text.replace(comma, 2, ",\n      ");
        begin = comma + 2 + 4;  // as if it were indented by two
      }
      return "  " + text + ";\n";
    };
    const auto in = [&](size_t i) { return this->name(s.inputs[i]); };
    switch (s.work) {
      case Work::LINEAR: {
        if (is_large(s)) return line("nn::linear<" + name + "_SHAPE>(" + name + ", " + in(0) + ", " + out + ")");
        const nn::Conv2d& o = s.shape;
        const bool is_product = s.operand == ZKVM_NN_DENSE && o.kernel_h == 1 && o.kernel_w == 1 && o.in_h == 1 &&
                                o.stride_w == 1 && o.padding.top == 0 && o.padding.left == 0 &&
                                std::get<Linear>(p_.node(s).operation).kind == Linear::Kind::FULLY_CONNECTED;
        const std::string function = s.operand == ZKVM_NN_DEPTHWISE ? "depthwise_conv2d"
                                     : is_product                   ? "fully_connected"
                                                                    : "conv2d";
        return line("nn::" + function + "<" + name + ">(" + in(0) + ", " + out + ")");
      }
      case Work::MATMUL: {
        const int64_t b = int64_t{s.shape.in_c} * s.shape.out_c;
        return line(std::string(s.operand == ZKVM_NN_RAM_NK ? "nn::matmul_nk<" : "nn::matmul_kn<") + name + ">(" +
                    in(0) + ", " + argument(1, b) + ", " + out + ")");
      }
      case Work::ADD:
        return line("nn::add<" + name + ">(" + in(0) + ", " + in(1) + ", " + out + ")");
      case Work::TABLE:
        return line("nn::activation<" + name + ">(" + in(0) + ", " + out + ")");
      case Work::POOL: {
        const bool is_max = std::get<Pool>(p_.node(s).operation).is_max;
        return line(std::string(is_max ? "nn::max_pool2d<" : "nn::average_pool2d<") + name + ">(" + in(0) + ", " + out +
                    ")");
      }
      case Work::SOFTMAX:
        return line("nn::softmax_rows(" + name + "_EXPONENTIAL, " + in(0) + ", " + out + ")");
      case Work::SOFTMAX_FLOAT: {
        const nn::Quantization q = std::get<SoftmaxFloat>(p_.node(s).operation).output;
        return line("nn::softmax_float_rows(" + name + "_EXPONENTIAL, {" + float_text(q.scale) + ", " +
                    text(q.zero_point) + "}, " + in(0) + ", " + out + ")");
      }
      case Work::BINARY:
        return line("nn::binary(" + name + "_TABLE, " + in(0) + ", " + in(1) + ", " + out + ")");
      case Work::TRANSPOSE: {
        const auto& order = std::get<Transpose>(p_.node(s).operation).order;
        return line("nn::transpose<" + text(order[0]) + ", " + text(order[1]) + ", " + text(order[2]) + ">(" + in(0) +
                    ", " + out + ")");
      }
      case Work::PAD: {
        const Pad& pad = std::get<Pad>(p_.node(s).operation);
        return line("nn::pad<" + text(pad.before[0]) + ", " + text(pad.before[1]) + ", " + text(pad.before[2]) + ">(" +
                    in(0) + ", " + out + ", " + text(pad.value) + ")");
      }
      case Work::RESHAPE:
        return line("nn::reshape(" + in(0) + ", " + out + ")");
      case Work::COPY:
        return line(std::string(s.flips ? "nn::copy_unsigned(" : "nn::copy(") + in(0) + ", " + out + ")");
      case Work::PLACE:
        return line("nn::place<" + text(s.at[0]) + ", " + text(s.at[1]) + ", " + text(s.at[2]) + ">(" + in(0) + ", " +
                    out + ")");
      case Work::FILL:
        return line("nn::fill_padding(" + out + ", " + text(s.fill) + ")");
    }
    return "";
  }

  // --- The rest
  // --------------------------------------------------------------------------------------------------------

  std::string main() const {
    const Disclosure& d = options_.disclosure;
    std::string s =
        "// Proves what this network makes of an input" + std::string(d.input ? "" : " that stays private") +
        ".\n// Written by zkvm compile; ordinary code that may be edited.\n//\n"
        "// Input:   INPUT_BYTES bytes of model.hpp" +
        (salted_ ? ", then 32 random bytes of salt" : "") +
        ".\n//          Any other length ends the guest with exit code 65.\n" +
        "// Journal: " + (d.output ? "the output's bytes" : "SHA-256(salt, output)") + ", then " +
        (d.input ? "SHA-256(input)" : "SHA-256(salt, input)") + ".\n\n" +
        "#include \"model.hpp\"\n#include \"zkvm/commitment.hpp\"\n#include \"zkvm/guest.hpp\"\n\nint main() {\n" +
        "  constexpr std::size_t SIZE = network::INPUT_BYTES" + (salted_ ? " + zkvm::SALT_BYTES" : "") + ";\n" +
        "  const std::span<const std::uint8_t> bytes = zkvm::input();\n"
        "  if (bytes.size() != SIZE) zkvm::reject_input(SIZE, \" bytes\", bytes.size());\n"
        "  const auto input = bytes.first<network::INPUT_BYTES>();\n" +
        (salted_ ? "  const auto salt = bytes.last<zkvm::SALT_BYTES>();\n" : "") +
        "  const auto* result = network::run(reinterpret_cast<const std::int8_t*>(input.data()));\n"
        "  const std::span<const std::uint8_t> output(reinterpret_cast<const std::uint8_t*>(result), "
        "network::OUTPUT_BYTES);\n" +
        (d.output ? "  zkvm::commit(output);\n" : "  zkvm::commit_value(zkvm::salted_sha256(salt, output));\n") +
        (d.input ? "  zkvm::commit_value(zkvm::sha256(input));\n"
                 : "  zkvm::commit_value(zkvm::salted_sha256(salt, input));\n") +
        "  return 0;\n}\n";
    return s;
  }

  std::string cmake() const {
    std::string sdk;
    for (const char c : options_.sdk) {
      if (c == '"' || c == '\\' || c == '$' || c == ';') sdk += '\\';
      sdk += c;
    }
    std::string sources = "main.cpp";
    sources += " info.S";
    if (!blobs_.empty()) sources += " layers.S";
    // No program for the host: the SDK's compilers, unless this is a part of a project that is one.
    return "# Builds guest.elf:   cmake -G Ninja -B build && cmake --build build\n"
           "# In a project for the host, add_subdirectory() gives the target `guest` with its ELF file among others.\n"
           "cmake_minimum_required(VERSION 3.25)\n"
           "set(ZKVM_SDK \"" +
           sdk +
           "\" CACHE PATH \"The folder guest-sdk\")\n"
           "if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR AND NOT CMAKE_TOOLCHAIN_FILE)\n"
           "  set(CMAKE_TOOLCHAIN_FILE ${ZKVM_SDK}/toolchain.cmake)\n"
           "endif()\n"
           "project(guest LANGUAGES C CXX ASM)\n\n"
           "include(${ZKVM_SDK}/ZkvmGuest.cmake)\n"
           "zkvm_add_guest(guest " +
           sources +
           "\n  OPTIONS -Wall -Wextra\n  INCLUDES ${CMAKE_CURRENT_SOURCE_DIR})  # where the assembler finds files of "
           ".incbin, too\n";
  }

  std::string readme() const {
    const Disclosure& d = options_.disclosure;
    std::string s = "# A guest that runs " + comment_text(p_.graph.name) +
                    "\n\nWritten by `zkvm compile`. It is ordinary C++ and may be "
                    "edited.\n\n| file | what it is |\n|---|---|\n"
                    "| `main.cpp` | reads the input, runs the network, writes the journal |\n"
                    "| `model.hpp` | the network: a record and a call for each layer, where tensors lie |\n"
                    "| `weights.hpp` | what the records are made of |\n";
    if (!blobs_.empty()) s += "| `layers.S`, `*.bin` | layers and tables that are too large for C++ |\n";
    s += "| `model.json`, `info.S` | shapes, quantisation and names, for `zkvm run` and `zkvm verify` |\n";
    std::string sources = "main.cpp";
    sources += " info.S";
    if (!blobs_.empty()) sources += " layers.S";
    s += "\nRebuild in this folder with CMake, which writes `build/guest.elf`, or with the SDK's compiler:\n\n"
         "    cmake -G Ninja -B build && cmake --build build\n"
         "    .../guest-sdk/bin/zkvm-g++ -I. " +
         sources +
         " -o guest.elf\n\n"
         "Prove, and check the proof:\n\n"
         "    zkvm run --prove guest.elf --input input.bin -o receipt.zkvm\n"
         "    zkvm verify receipt.zkvm --elf guest.elf\n\n"
         "The private input is the " +
         text(border_bytes(p_.graph.inputs)) + " bytes of the input" +
         (salted_ ? ", then 32 random bytes of salt, which\n`zkvm run` adds where they are missing" : "") +
         ". The journal is " +
         (d.output ? "the output's " + text(border_bytes(p_.graph.outputs)) + " bytes" : "SHA-256(salt, output)") +
         ", then " + (d.input ? "SHA-256(input)" : "SHA-256(salt, input)") + ".\n";
    return s;
  }

  const Program& p_;
  const GenerateOptions& options_;
  const bool salted_;
  std::vector<std::string> names_, tensor_names_;
  std::vector<bool> used_;
  std::map<std::string, std::string> files_;
  std::string blobs_;
};

}  // namespace

std::vector<std::string> record_names(const Program& program) {
  std::vector<std::string> names(program.steps.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const Step& s = program.steps[i];
    std::string part = s.node < 0 ? "" : identifier_part(program.node(s).name, true);
    if (part.empty() && s.node >= 0) part = identifier_part(program.node(s).type, true);
    names[i] = numbered('L', i + 1, names.size()) + (part.empty() ? "" : "_" + part);
  }
  return names;
}

std::map<std::string, std::string> generate(const Program& program, const GenerateOptions& options) {
  return Generator(program, options).run();
}

}  // namespace zkvm::compiler
