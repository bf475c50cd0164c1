#include "guest-sdk/compiler/lower.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "guest-sdk/compiler/memory.hpp"
#include "guest-sdk/compiler/records.hpp"

namespace zkvm::compiler {
namespace {

/// RAM ends at 512 MiB; code, constants and stack need some of it.
constexpr int64_t MAX_ARENA_BYTES = int64_t{448} << 20;

size_t index(int32_t i) { return static_cast<size_t>(i); }

/// Makes steps of the nodes one after the other. Tensors that a machine's layer reads are padded; what comes from
/// outside is dense and gets copied where that matters.
class Lowering {
 public:
  explicit Lowering(Graph graph) {
    p_.graph = std::move(graph);
    of_value_.assign(p_.graph.values.size(), -1);
    readers_.assign(p_.graph.values.size(), 0);
    for (const Node& n : p_.graph.nodes)
      for (const ValueId id : n.inputs) ++readers_[index(id)];
    for (const Border& b : p_.graph.outputs) ++readers_[index(b.value)];
  }

  Program run() {
    join_concats();
    make_inputs();
    for (node_ = 0; node_ < static_cast<int32_t>(p_.graph.nodes.size()); ++node_) {
      const Node& n = p_.graph.nodes[index(node_)];
      std::visit([&](const auto& operation) { lower(n, operation); }, n.operation);
    }
    node_ = -1;
    make_result();
    plan();
    return std::move(p_);
  }

 private:
  // --- Tensors
  // ---------------------------------------------------------------------------------------------------------

  Shape shape_of(ValueId id) const { return p_.graph.value(id).shape; }
  int32_t add_tensor(Tensor t) {
    p_.tensors.push_back(std::move(t));
    return static_cast<int32_t>(p_.tensors.size()) - 1;
  }
  int32_t add_storage(int64_t bytes) {
    p_.storages.push_back({bytes, 0, -1, -1});
    return static_cast<int32_t>(p_.storages.size()) - 1;
  }
  /// A tensor of its own in the arena, with room for `bytes` if that is more than it has.
  int32_t arena_tensor(std::string name, Shape shape, int64_t bytes = 0) {
    Tensor t{std::move(name), shape, nn::padded(shape.c)};
    t.storage = add_storage(std::max(bytes, t.bytes()));
    return add_tensor(std::move(t));
  }
  /// The tensor of a node's output: a part of a concatenation's, or its own.
  int32_t output_tensor(const Node& n, int64_t bytes = 0) {
    const ValueId id = n.output;
    int32_t& tensor = of_value_[index(id)];
    if (const auto part = parts_.find(id); part != parts_.end()) {
      Tensor t{p_.graph.value(id).name, shape_of(id), nn::padded(shape_of(id).c)};
      t.storage = concat_storage(part->second.first);
      t.offset = part->second.second;
      return tensor = add_tensor(std::move(t));
    }
    return tensor = arena_tensor(p_.graph.value(id).name, shape_of(id), bytes);
  }
  /// Another view of the same memory.
  int32_t alias(int32_t tensor, std::string name, Shape shape, int32_t stride) {
    Tensor t = p_.tensor(tensor);
    t.name = std::move(name);
    t.shape = shape;
    t.stride = stride;
    return add_tensor(std::move(t));
  }
  bool is_machine_layout(int32_t id) const {
    const Tensor& t = p_.tensor(id);
    return t.stride == nn::padded(t.shape.c) && t.offset % 4 == 0;
  }
  /// The value as a layer reads it.
  int32_t padded(int32_t tensor) {
    if (is_machine_layout(tensor)) return tensor;
    const auto [at, is_new] = padded_.try_emplace(tensor, -1);
    if (is_new) at->second = copy(tensor);
    return at->second;
  }
  int32_t copy(int32_t tensor, bool flips = false) {
    const int32_t to = arena_tensor(p_.tensor(tensor).name, p_.tensor(tensor).shape);
    Step& s = add_step(Work::COPY, {tensor}, to);
    s.flips = flips;
    return to;
  }
  int32_t input(const Node& n, size_t i) const { return of_value_[index(n.inputs[i])]; }

  // --- Steps
  // -----------------------------------------------------------------------------------------------------------

  Step& add_step(Work work, std::vector<int32_t> inputs, int32_t output) {
    Step s;
    s.work = work;
    s.node = node_;
    s.inputs = std::move(inputs);
    s.output = output;
    p_.steps.push_back(std::move(s));
    return p_.steps.back();
  }
  void complain(const std::string& what) {
    Problem problem;
    if (node_ >= 0) {
      problem.layer = p_.graph.nodes[index(node_)].name;
      problem.type = p_.graph.nodes[index(node_)].type;
    }
    problem.what = what;
    p_.problems.push_back(std::move(problem));
  }
  /// The record is for the machine, or for guest code if `otherwise_software`.
  void set_record(Step& s, std::vector<uint8_t> record, bool otherwise_software) {
    s.record = record;
    const std::string wrong = refusal(std::move(record));
    s.on_machine = wrong.empty();
    if (!s.on_machine && !otherwise_software) complain(wrong);
  }

  // --- Concatenation
  // ---------------------------------------------------------------------------------------------------

  /// Where the parts of a concatenation follow each other in memory, each is computed where it belongs.
  void join_concats() {
    std::vector<bool> computed(p_.graph.values.size(), false);
    for (const Node& n : p_.graph.nodes) {
      const bool moves = std::holds_alternative<Reshape>(n.operation) || std::holds_alternative<Constant>(n.operation);
      computed[index(n.output)] = !moves;
    }
    for (const Node& n : p_.graph.nodes) {
      const auto* c = std::get_if<Concat>(&n.operation);
      if (c == nullptr) continue;
      const Shape out = shape_of(n.output);
      const bool rows = c->axis == 0 || (c->axis == 1 && out.h == 1);
      bool possible = rows || (c->axis == 2 && out.h == 1 && out.w == 1);
      for (size_t i = 0; i < n.inputs.size() && possible; ++i) {
        const ValueId id = n.inputs[i];
        possible = computed[index(id)] && !parts_.contains(id) &&
                   std::count(n.inputs.begin(), n.inputs.end(), id) == 1 &&
                   (rows || i + 1 == n.inputs.size() || shape_of(id).c % 4 == 0);
      }
      if (!possible) continue;
      int64_t offset = 0;
      for (const ValueId id : n.inputs) {
        const Shape s = shape_of(id);
        parts_[id] = {n.output, offset};
        offset += int64_t{s.h} * s.w * nn::padded(s.c);
      }
      // It is no part itself: one level is enough in practice.
      computed[index(n.output)] = false;
    }
  }
  int32_t concat_storage(ValueId concat) {
    const auto [at, is_new] = concat_storages_.try_emplace(concat, -1);
    const Shape s = shape_of(concat);
    if (is_new) at->second = add_storage(int64_t{s.h} * s.w * nn::padded(s.c));
    return at->second;
  }

  // --- Borders
  // ---------------------------------------------------------------------------------------------------------

  void make_inputs() {
    int64_t offset = 0;
    for (const Border& b : p_.graph.inputs) {
      const Shape s = shape_of(b.value);
      Tensor t{p_.graph.value(b.value).name, s, s.c};
      t.home = Tensor::Home::INPUT;
      t.offset = offset;
      offset += s.elements();
      int32_t id = add_tensor(std::move(t));
      if (b.is_unsigned) id = copy(id, true);
      of_value_[index(b.value)] = id;
    }
  }

  void make_result() {
    const std::vector<Border>& outputs = p_.graph.outputs;
    if (outputs.size() == 1 && !outputs[0].is_unsigned) {
      const int32_t t = of_value_[index(outputs[0].value)];
      if (p_.tensor(t).is_dense()) {
        p_.result = t;
        return;
      }
    }
    int64_t bytes = 0;
    for (const Border& b : outputs) bytes += shape_of(b.value).elements();
    Tensor all{"output", {1, 1, static_cast<int32_t>(bytes)}, static_cast<int32_t>(bytes)};
    all.storage = add_storage(bytes);
    p_.result = add_tensor(all);
    int64_t offset = 0;
    for (const Border& b : outputs) {
      const int32_t from = of_value_[index(b.value)];
      const Shape s = p_.tensor(from).shape;
      const int32_t to = alias(p_.result, b.name, s, s.c);
      p_.tensors[index(to)].offset = offset;
      add_step(Work::COPY, {from}, to).flips = b.is_unsigned;
      offset += s.elements();
    }
  }

  // --- Operators
  // -------------------------------------------------------------------------------------------------------

  nn::Quantization quantization_of(ValueId id, int32_t zero_point) const {
    nn::Quantization q = p_.graph.value(id).quantization;
    q.zero_point = zero_point;
    return q;
  }
  /// Output quantisation and clamp; for thresholds the zero point is only what padding channels get.
  void set_output(nn::Conv2d& o, const Node& n, const Requantise& r) const {
    const int32_t hint = p_.graph.value(n.output).quantization.zero_point;
    o.output = quantization_of(n.output, r.thresholds.empty() ? r.zero_point : std::clamp(hint, -128, 127));
    if (r.thresholds.empty() && (r.range.min != -128 || r.range.max != 127)) o.range = r.range;
  }

  void lower(const Node& n, const Linear& l) {
    const Shape out = shape_of(n.output);
    const int32_t in = padded(input(n, 0));
    const Tensor& t = p_.tensor(in);
    nn::Conv2d o;
    o.out_c = out.c;
    o.input = quantization_of(n.inputs[0], l.input_zero_point);
    set_output(o, n, l.requantise);
    std::vector<int8_t> weights = l.weights;
    const Window& w = l.window;
    const bool depthwise = l.kind == Linear::Kind::DEPTHWISE;
    const bool whole =
        !depthwise && out.h == 1 && out.w == 1 && w.top == 0 && w.left == 0 &&
        (l.kind == Linear::Kind::FULLY_CONNECTED || (w.kernel_h == t.shape.h && w.kernel_w == t.shape.w));
    if (whole) {
      o.in_w = in_one_row(t, static_cast<int32_t>(out.c), weights, o.in_c);
      o.kernel_w = o.in_w;
    } else if (l.kind == Linear::Kind::FULLY_CONNECTED) {
      o.in_w = t.shape.w;
      o.in_c = t.shape.c;
    } else {
      o.in_h = t.shape.h, o.in_w = t.shape.w, o.in_c = t.shape.c;
      o.kernel_h = w.kernel_h, o.kernel_w = w.kernel_w;
      o.stride_h = w.stride_h, o.stride_w = w.stride_w;
      o.padding = {.top = w.top, .left = w.left, .bottom = w.bottom, .right = w.right};
    }
    const int32_t to = output_tensor(n);
    Step& s = add_step(Work::LINEAR, {in}, to);
    s.shape = o;
    s.operand = depthwise ? ZKVM_NN_DEPTHWISE : ZKVM_NN_DENSE;
    s.weights = std::move(weights);
    if (const std::string wrong = check_shape(o, s.operand); !wrong.empty()) return complain(wrong);
    set_record(s, linear_record(o, s.operand, s.weights, l.biases, l.requantise), false);
  }

  /// A product with all elements of a tensor, as a convolution of one row: the tensor's bytes as `width` positions of
  /// `channels`. A position is cheaper than a channel as long as rows of eight are not full, and the border that a
  /// kernel makes costs less: 4000 inputs of 4 outputs take 49,000 cells with 8 positions, 373,000 with one. Weights of
  /// padding channels are 0.
  static int32_t in_one_row(const Tensor& t, int32_t outputs, std::vector<int8_t>& weights, int32_t& channels) {
    const int64_t bytes = t.bytes();
    if (t.stride != t.shape.c && (t.shape.h > 1 || t.shape.w > 1)) {
      std::vector<int8_t> wide;
      wide.reserve(index(outputs) * static_cast<size_t>(bytes));
      for (size_t at = 0; at < weights.size(); at += index(t.shape.c)) {
        wide.insert(wide.end(), weights.begin() + static_cast<ptrdiff_t>(at),
                    weights.begin() + static_cast<ptrdiff_t>(at) + t.shape.c);
        wide.resize(wide.size() + index(t.stride - t.shape.c));
      }
      weights = std::move(wide);
    } else if (t.stride != t.shape.c) {
      channels = t.shape.c;
      return 1;
    }
    // Cells by width: ACTIVATIONS and LEDGER rows of quads of channels, BORDER rows of 32 values (precompiles/nn).
    const auto cells = [&](int64_t width) {
      const int64_t quads = bytes / width / 4;
      return quads * ((width + 7) / 8 * 265 + 108) + 2 * (width - 1) * ((outputs + 31) / 32) * 97;
    };
    int32_t best = 0;
    for (int32_t width = 1; width <= 64 && width * 4 <= bytes; ++width)
      if (bytes % (4 * width) == 0 && bytes / width <= 1 << 15 && (best == 0 || cells(width) < cells(best)))
        best = width;
    if (best == 0) best = 1;  // too long in any case; check_shape says so
    channels = static_cast<int32_t>(bytes / best);
    return best;
  }

  void lower(const Node& n, const MatMul& m) {
    const Shape a = shape_of(n.inputs[0]), b = shape_of(n.inputs[1]), out = shape_of(n.output);
    nn::Conv2d o;
    o.in_w = a.w, o.in_c = nn::padded(a.c), o.out_c = nn::padded(out.c);
    o.input = quantization_of(n.inputs[0], m.a_zero_point);
    set_output(o, n, m.requantise);
    Requantise requantise = m.requantise;
    requantise.scales.resize(requantise.scales.empty() ? 0 : index(o.out_c), nn::Scale{0, 0});
    requantise.thresholds.resize(requantise.thresholds.empty() ? 0 : index(o.out_c), never());
    int32_t first = padded(input(n, 0)), second = padded(input(n, 1));
    // The inner dimension's padding must count for nothing, and rows that a multiple of 4 adds must be there to read.
    const bool odd_k = a.c % 4 != 0, odd_rows = b.w % 4 != 0;
    if (odd_k) first = own(first, 0);
    const int64_t room = int64_t{nn::padded(b.w)} * nn::padded(b.c);
    if (odd_rows || (odd_k && m.transposed) || p_.tensor(second).storage == p_.tensor(first).storage)
      second = own(second, room);
    if (odd_k) add_step(Work::FILL, {}, first).fill = static_cast<int8_t>(m.a_zero_point);
    if (odd_k && m.transposed) add_step(Work::FILL, {}, second).fill = static_cast<int8_t>(m.b_zero_point);
    Step& s = add_step(Work::MATMUL, {first, second}, output_tensor(n));
    s.shape = o;
    s.operand = m.transposed ? ZKVM_NN_RAM_NK : ZKVM_NN_RAM_KN;
    if (const std::string wrong = check_shape(o, s.operand); !wrong.empty()) return complain(wrong);
    std::vector<uint8_t> record = linear_record(o, s.operand, {}, {}, requantise);
    const int32_t b_zero_point = m.b_zero_point;
    std::copy_n(reinterpret_cast<const uint8_t*>(&b_zero_point), 4, record.data() + offsetof(zkvm_nn_linear, b_zp));
    set_record(s, std::move(record), false);
  }
  static Thresholds never() {
    Thresholds t;
    t.fill(NEVER);
    return t;
  }
  /// A copy that nothing else reads.
  int32_t own(int32_t tensor, int64_t room) {
    const int32_t to = arena_tensor(p_.tensor(tensor).name, p_.tensor(tensor).shape, room);
    add_step(Work::COPY, {tensor}, to);
    return to;
  }

  void lower(const Node& n, const Add& a) {
    const int32_t first = padded(input(n, 0));
    int32_t second = padded(input(n, 1));
    if (first == second || same_memory(first, second)) second = own(second, 0);
    Step& s = add_step(Work::ADD, {first, second}, output_tensor(n));
    set_record(s, add_record(a, static_cast<int32_t>(p_.tensor(first).bytes())), true);
  }
  bool same_memory(int32_t a, int32_t b) const {
    const Tensor &x = p_.tensor(a), &y = p_.tensor(b);
    return x.home == y.home && x.storage == y.storage && x.offset == y.offset && x.constant == y.constant;
  }
  void lower(const Node& n, const Table& t) {
    const int32_t in = padded(input(n, 0));
    Step& s = add_step(Work::TABLE, {in}, output_tensor(n));
    set_record(s, table_record(t, static_cast<int32_t>(p_.tensor(in).bytes())), true);
  }
  void lower(const Node& n, const Pool& pool) {
    const int32_t in = padded(input(n, 0));
    Step& s = add_step(Work::POOL, {in}, output_tensor(n));
    set_record(s, pool_record(pool, shape_of(n.inputs[0]), shape_of(n.output)), true);
  }
  void lower(const Node& n, const Softmax&) {
    if (const int32_t c = shape_of(n.output).c; c > 4095)
      complain("expected a softmax of at most 4095 columns, found " + std::to_string(c));
    add_step(Work::SOFTMAX, {input(n, 0)}, output_tensor(n));
  }
  void lower(const Node& n, const SoftmaxFloat&) { add_step(Work::SOFTMAX_FLOAT, {input(n, 0)}, output_tensor(n)); }
  void lower(const Node& n, const Binary&) { add_step(Work::BINARY, {input(n, 0), input(n, 1)}, output_tensor(n)); }
  void lower(const Node& n, const Pad&) { add_step(Work::PAD, {input(n, 0)}, output_tensor(n)); }
  void lower(const Node& n, const Transpose&) { add_step(Work::TRANSPOSE, {input(n, 0)}, output_tensor(n)); }

  void lower(const Node& n, const Concat& c) {
    const bool joined = parts_.contains(n.inputs[0]) && parts_.at(n.inputs[0]).first == n.output;
    if (joined) {
      Tensor t{p_.graph.value(n.output).name, shape_of(n.output), nn::padded(shape_of(n.output).c)};
      t.storage = concat_storage(n.output);
      of_value_[index(n.output)] = add_tensor(std::move(t));
      return;
    }
    const int32_t to = output_tensor(n);
    std::array<int32_t, 3> at{};
    for (size_t i = 0; i < n.inputs.size(); ++i) {
      add_step(Work::PLACE, {input(n, i)}, to).at = at;
      const Shape s = shape_of(n.inputs[i]);
      at[index(c.axis)] += c.axis == 0 ? s.h : c.axis == 1 ? s.w : s.c;
    }
  }

  void lower(const Node& n, const Reshape&) {
    const int32_t in = input(n, 0);
    const Tensor t = p_.tensor(in);
    const Shape out = shape_of(n.output);
    int32_t& to = of_value_[index(n.output)];
    const std::string name = p_.graph.value(n.output).name;
    if (t.stride == t.shape.c && (out.c % 4 == 0 || t.home == Tensor::Home::INPUT)) {
      to = alias(in, name, out, out.c);
    } else if (t.shape.c == out.c && t.shape.elements() == out.elements()) {
      to = alias(in, name, out, t.stride);
    } else if (only_products_of_all(n.output)) {
      // They put zero weights where the padding is.
      to = alias(in, name, t.shape, t.stride);
    } else {
      to = output_tensor(n);
      add_step(Work::RESHAPE, {in}, to);
    }
  }
  /// All readers are fully connected layers of one row.
  bool only_products_of_all(ValueId id) const {
    if (shape_of(id).w != 1 || shape_of(id).h != 1) return false;
    for (const Border& b : p_.graph.outputs)
      if (b.value == id) return false;
    for (const Node& n : p_.graph.nodes)
      if (std::count(n.inputs.begin(), n.inputs.end(), id) != 0) {
        const auto* l = std::get_if<Linear>(&n.operation);
        if (l == nullptr || l->kind != Linear::Kind::FULLY_CONNECTED) return false;
      }
    return true;
  }

  void lower(const Node& n, const Constant&) {
    const Shape s = shape_of(n.output);
    Tensor t{p_.graph.value(n.output).name, s, nn::padded(s.c)};
    t.home = Tensor::Home::CONSTANT;
    t.constant = node_;
    of_value_[index(n.output)] = add_tensor(std::move(t));
  }

  // --- Memory
  // ----------------------------------------------------------------------------------------------------------

  void plan() {
    const auto count = static_cast<int32_t>(p_.steps.size());
    const auto use = [&](int32_t tensor, int32_t step) {
      const Tensor& t = p_.tensor(tensor);
      if (t.home != Tensor::Home::ARENA) return;
      Storage& s = p_.storages[index(t.storage)];
      s.first = s.first < 0 ? step : std::min(s.first, step);
      s.last = std::max(s.last, step);
    };
    for (int32_t i = 0; i < count; ++i) {
      for (const int32_t t : p_.steps[index(i)].inputs) use(t, i);
      use(p_.steps[index(i)].output, i);
    }
    use(p_.result, count);
    share_in_place();
    std::vector<Lifetime> lifetimes;
    std::vector<size_t> which;
    for (size_t i = 0; i < p_.storages.size(); ++i)
      if (const Storage& s = p_.storages[i]; s.first >= 0) {
        lifetimes.push_back({s.bytes, s.first, s.last});
        which.push_back(i);
      }
    const MemoryPlan memory = plan_memory(lifetimes);
    for (size_t i = 0; i < which.size(); ++i) p_.storages[which[i]].offset = memory.offsets[i];
    for (Tensor& t : p_.tensors)
      if (t.home == Tensor::Home::ARENA) t.offset += p_.storages[index(t.storage)].offset;
    p_.arena_bytes = memory.bytes;
    p_.live_bytes = memory.live_bytes;
    if (p_.arena_bytes > MAX_ARENA_BYTES)
      complain("expected tensors that fit into " + std::to_string(MAX_ARENA_BYTES >> 20) + " MiB at once, found " +
               std::to_string(p_.arena_bytes >> 20));
  }

  /// Element by element, the output may take the place of an input that nothing reads later.
  void share_in_place() {
    for (int32_t i = 0; i < static_cast<int32_t>(p_.steps.size()); ++i) {
      const Step& s = p_.steps[index(i)];
      if (s.work != Work::ADD && s.work != Work::TABLE && s.work != Work::SOFTMAX && s.work != Work::SOFTMAX_FLOAT &&
          s.work != Work::BINARY)
        continue;
      const int32_t out = p_.tensor(s.output).storage;
      for (size_t k = 0; k < s.inputs.size(); ++k) {
        if (k == 1 && s.work != Work::ADD) break;
        const Tensor &a = p_.tensor(s.inputs[k]), &b = p_.tensor(s.output);
        if (a.home != Tensor::Home::ARENA || a.storage == out || a.offset != 0 || b.offset != 0 || a.stride != b.stride)
          continue;
        Storage &from = p_.storages[index(a.storage)], &to = p_.storages[index(out)];
        if (from.last != i || to.first != i || from.bytes != to.bytes) continue;
        from.last = to.last;
        to = {};
        const int32_t kept = a.storage;
        for (Tensor& t : p_.tensors)
          if (t.storage == out) t.storage = kept;
        break;
      }
    }
  }

  Program p_;
  int32_t node_ = -1;
  std::vector<int32_t> of_value_, readers_;
  std::map<int32_t, int32_t> padded_;                     ///< tensor -> its copy with padding channels
  std::map<ValueId, std::pair<ValueId, int64_t>> parts_;  ///< value -> concatenation and bytes into it
  std::map<ValueId, int32_t> concat_storages_;
};

}  // namespace

Program lower(Graph graph) { return Lowering(std::move(graph)).run(); }

}  // namespace zkvm::compiler
