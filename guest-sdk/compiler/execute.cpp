// Programs on the host: tensors in one block of bytes as in the guest, records by their software definition.
#include <algorithm>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/lower.hpp"
#include "guest-sdk/include/zkvm/nn/software.hpp"

namespace zkvm::compiler {
namespace {

size_t index(int64_t i) { return static_cast<size_t>(i); }

class Host {
 public:
  Host(const Program& program, std::span<const uint8_t> input) : p_(program), arena_(index(program.arena_bytes)) {
    for (const uint8_t byte : input) input_.push_back(static_cast<int8_t>(byte));
    constants_.resize(p_.graph.nodes.size());
    for (const Tensor& t : p_.tensors)
      if (t.home == Tensor::Home::CONSTANT) {
        auto& values = constants_[index(t.constant)];
        values.assign(index(t.bytes()), 0);
        const auto& elements = std::get<Constant>(p_.graph.nodes[index(t.constant)].operation).values;
        scatter(t, values.data(), elements);
      }
  }

  std::vector<uint8_t> run() {
    for (const Step& s : p_.steps) step(s);
    const Tensor& t = p_.tensor(p_.result);
    std::vector<uint8_t> out;
    for (const int8_t x : gather(t)) out.push_back(static_cast<uint8_t>(x));
    return out;
  }

 private:
  int8_t* at(const Tensor& t) {
    switch (t.home) {
      case Tensor::Home::INPUT:
        return input_.data() + t.offset;
      case Tensor::Home::CONSTANT:
        return constants_[index(t.constant)].data();
      default:
        return arena_.data() + t.offset;
    }
  }
  static void scatter(const Tensor& t, int8_t* to, const std::vector<int8_t>& elements) {
    for (size_t i = 0; i < elements.size(); i += index(t.shape.c), to += t.stride)
      std::copy_n(elements.begin() + static_cast<ptrdiff_t>(i), t.shape.c, to);
  }
  std::vector<int8_t> gather(const Tensor& t) {
    std::vector<int8_t> elements;
    const int8_t* from = at(t);
    for (int64_t i = 0; i < int64_t{t.shape.h} * t.shape.w; ++i, from += t.stride)
      elements.insert(elements.end(), from, from + t.shape.c);
    return elements;
  }

  void step(const Step& s) {
    const Tensor& out = p_.tensor(s.output);
    switch (s.work) {
      case Work::LINEAR:
      case Work::MATMUL:
      case Work::ADD:
      case Work::TABLE:
      case Work::POOL:
        nn::software::run(s.record.data(), at(p_.tensor(s.inputs[0])),
                          s.inputs.size() > 1 ? at(p_.tensor(s.inputs[1])) : nullptr, at(out));
        return;
      case Work::COPY: {
        std::vector<int8_t> elements = gather(p_.tensor(s.inputs[0]));
        if (s.flips)
          for (int8_t& x : elements) x = static_cast<int8_t>(x ^ -128);
        return scatter(out, at(out), elements);
      }
      case Work::RESHAPE:
        return scatter(out, at(out), gather(p_.tensor(s.inputs[0])));
      case Work::PLACE: {
        const Tensor& in = p_.tensor(s.inputs[0]);
        Tensor part = out;
        part.shape = {1, in.shape.w, in.shape.c};
        const std::vector<int8_t> elements = gather(in);
        const auto row = index(int64_t{in.shape.w} * in.shape.c);
        for (int32_t y = 0; y < in.shape.h; ++y)
          scatter(part, at(out) + ((s.at[0] + y) * out.shape.w + s.at[1]) * out.stride + s.at[2],
                  {elements.begin() + static_cast<ptrdiff_t>(index(y) * row),
                   elements.begin() + static_cast<ptrdiff_t>((index(y) + 1) * row)});
        return;
      }
      case Work::FILL:
        for (int64_t i = 0; i < int64_t{out.shape.h} * out.shape.w; ++i)
          std::fill_n(at(out) + i * out.stride + out.shape.c, out.stride - out.shape.c, s.fill);
        return;
      default:
        return operate(s);
    }
  }

  /// By the operator's definition.
  void operate(const Step& s) {
    Graph g;
    std::vector<uint8_t> input;
    Node node = p_.node(s);
    for (size_t i = 0; i < s.inputs.size(); ++i) {
      const Tensor& t = p_.tensor(s.inputs[i]);
      g.values.push_back({"", t.shape, {}});
      node.inputs[i] = static_cast<ValueId>(i);
      g.inputs.push_back({static_cast<ValueId>(i), "", {}, false, false});
      for (const int8_t x : gather(t)) input.push_back(static_cast<uint8_t>(x));
    }
    const Tensor& out = p_.tensor(s.output);
    node.output = static_cast<ValueId>(g.values.size());
    g.values.push_back({"", out.shape, {}});
    g.outputs.push_back({node.output, "", {}, false, false});
    g.nodes.push_back(std::move(node));
    std::vector<int8_t> elements;
    for (const uint8_t x : evaluate(g, input)) elements.push_back(static_cast<int8_t>(x));
    scatter(out, at(out), elements);
  }

  const Program& p_;
  std::vector<int8_t> input_, arena_;
  std::vector<std::vector<int8_t>> constants_;
};

}  // namespace

std::vector<uint8_t> execute(const Program& program, std::span<const uint8_t> input) {
  return Host(program, input).run();
}

}  // namespace zkvm::compiler
