// From reals to integers and back: QuantizeLinear, DequantizeLinear, Cast, and what stands before a QuantizeLinear.
#include <algorithm>

#include "guest-sdk/compiler/onnx/importer.hpp"
#include "guest-sdk/include/zkvm/nn/software.hpp"

namespace zkvm::compiler::onnx {
namespace {

float at_channel(const std::vector<float>& v, size_t c) { return v[v.size() == 1 ? 0 : c]; }

/// The thresholds of a function from accumulators to int8 that does not decrease. Each is found from the one before by
/// doubling steps, then halving.
template <class F>
Thresholds thresholds_of(const F& level) {
  Thresholds t{};
  int32_t from = ALWAYS;
  for (int i = 0; i < 255; ++i) {
    const int wanted = i - 127;
    if (level(from) < wanted) {
      int64_t low = from, step = 1;  // level(low) < wanted
      while (low + step < NEVER && level(static_cast<int32_t>(low + step)) < wanted) {
        low += step;
        step *= 2;
      }
      int64_t high = std::min<int64_t>(low + step, NEVER);  // reached there, or nowhere
      while (high - low > 1) {
        const int64_t middle = (low + high) / 2;
        (level(static_cast<int32_t>(middle)) < wanted ? low : high) = middle;
      }
      from = static_cast<int32_t>(high);
    }
    t[static_cast<size_t>(i)] = from;
    if (from == NEVER) {
      std::fill(t.begin() + i, t.end(), NEVER);
      break;
    }
  }
  return t;
}

float run_steps(const std::vector<Step>& steps, float x, size_t channel) {
  for (const Step& s : steps) x = s.apply(x, channel);
  return x;
}

Requantise requantisation(Call& call, const Accumulators& a, const Parameters& to) {
  Requantise r;
  if (!call.importer.afford(static_cast<int64_t>(a.channels * sizeof(Thresholds))))
    call.refuse("the model needs too much memory");
  const bool only_clamps =
      !a.scales.empty() && std::all_of(a.steps.begin(), a.steps.end(), [](const Step& s) { return s.is_clamp; });
  // Like everywhere, many channels have one scale.
  bool same = a.scales.size() <= 1;
  for (const Step& s : a.steps) same = same && s.is_clamp;
  for (size_t c = 0; c < a.channels; ++c) {
    if (same && c > 0) {
      r.thresholds.push_back(r.thresholds[0]);
      continue;
    }
    const float scale = a.scales.empty() ? 1.0F : at_channel(a.scales, c);
    if (only_clamps) {
      // One multiplication by the scales' quotient, as the fused operators have it; clamping commutes with rounding.
      const float multiplier = scale / (to.scale * a.count);
      if (!std::isfinite(multiplier))
        call.refuse("channel " + std::to_string(c) + ": the scales' quotient is too large");
      int low = -128, high = 127;
      for (const Step& s : a.steps) {
        low = std::max<int>(low, to.quantise(s.low));
        high = std::max<int>(low, std::min<int>(high, to.quantise(s.high)));
      }
      r.thresholds.push_back(thresholds_of(
          [&](int32_t sum) { return std::clamp<int>(to.saturate(static_cast<float>(sum) * multiplier), low, high); }));
    } else {
      r.thresholds.push_back(thresholds_of([&](int32_t sum) {
        const float x = (a.scales.empty() ? static_cast<float>(sum) : static_cast<float>(sum) * scale) / a.count;
        return to.quantise(run_steps(a.steps, x, c));
      }));
    }
  }
  return r;
}

/// The table of two int8 tensors' function by bytes. Sums and products of integers that become integers of the same
/// type are what onnxruntime's QLinearAdd and QLinearMul give, into which it fuses them; else each step is in single
/// precision.
std::vector<int8_t> table_of(Call& call, const Pair& p, const Parameters& to) {
  std::vector<int8_t> table(65536);
  const Parameters &a = (p.swapped ? p.b : p.a).parameters, &b = (p.swapped ? p.a : p.b).parameters;
  const auto number = [](const Parameters& q, size_t byte) {
    return static_cast<float>(static_cast<int8_t>(byte) + q.offset());
  };
  const auto zero = [](const Parameters& q) { return static_cast<float>(q.zero_point); };
  const auto saturated = [&](float q) {
    const float integer = std::clamp(std::nearbyint(q), static_cast<float>(to.low()), static_cast<float>(to.high()));
    return static_cast<int8_t>(static_cast<int32_t>(integer) - to.offset());
  };
  const float ratio_a = a.scale / to.scale, ratio_b = b.scale / to.scale, ratio = a.scale * b.scale / to.scale;
  const float fixed = zero(to) - std::fma(ratio_a, zero(a), ratio_b * zero(b));
  const bool fuses = p.steps.empty() && p.a.is_affine && p.b.is_affine && a.type == to.type && b.type == to.type &&
                     std::isfinite(ratio) && std::isfinite(fixed) && std::isfinite(ratio_a + ratio_b);
  const bool is_sum = fuses && p.function == "add", is_product = fuses && p.function == "multiply";
  for (size_t i = 0; i < 65536; ++i) {
    const size_t x = p.swapped ? i % 256 : i / 256, y = p.swapped ? i / 256 : i % 256;
    if (is_sum) {
      table[i] = saturated(std::fma(number(a, x), ratio_a, std::fma(number(b, y), ratio_b, fixed)));
    } else if (is_product) {
      table[i] = saturated((number(a, x) - zero(a)) * (number(b, y) - zero(b)) * ratio + zero(to));
    } else {
      const float real = run_steps(p.steps, p.apply(p.a.reals[i / 256], p.b.reals[i % 256]), 0);
      if (std::isnan(real)) call.refuse("the result of " + p.function + " is not a number for some inputs");
      table[i] = to.quantise(real);
    }
  }
  return table;
}

/// first[i] + second[j] in [low, high] for each cell i, j: near numbers that fit, found by moving those that do not
/// (the shortest paths of Bellman and Ford from the numbers given); false if there are none.
bool fit_sums(std::array<int32_t, 256>& first, std::array<int32_t, 256>& second,
              const std::array<int32_t, 257>& low_of_level, const std::vector<int8_t>& table) {
  constexpr int ROUNDS = 513, FARTHEST = 1 << 20;
  const std::array<int32_t, 256> start = first;
  for (int round = 0; round < ROUNDS; ++round) {
    bool moved = false;
    for (size_t i = 0; i < 256; ++i)
      for (size_t j = 0; j < 256; ++j) {
        const auto level = static_cast<size_t>(table[256 * i + j] + 128);
        const int32_t sum = first[i] + second[j], low = low_of_level[level], above = low_of_level[level + 1];
        if (sum >= above) first[i] = above - 1 - second[j];
        if (sum < low) second[j] = low - first[i];
        moved = moved || sum >= above || sum < low;
      }
    if (!moved) return true;
    for (size_t i = 0; i < 256; ++i)
      if (start[i] - first[i] > FARTHEST) return false;
  }
  return false;
}

/// A sum as graph.hpp's Add, if its fixed-point arithmetic can give `table`.
std::optional<Add> as_add(const Pair& p, const Parameters& to, const std::vector<int8_t>& table) {
  std::array<double, 256> first{}, second{};
  double largest = 0;
  for (size_t i = 0; i < 256; ++i) {
    first[i] = static_cast<double>(p.a.reals[i]) / static_cast<double>(to.scale);
    second[i] = static_cast<double>(p.b.reals[i]) / static_cast<double>(to.scale);
    largest = std::max({largest, std::abs(first[i]), std::abs(second[i])});
  }
  // Tables in 2^-bits of the output's unit, their sums below 2^29.
  int bits = 24;
  while (bits > 8 && std::ldexp(largest, bits) > (1 << 27)) --bits;
  if (bits == 8) return std::nullopt;
  Add add;
  add.scale = {1 << 30, 1 - bits};
  add.zero_point = to.zero_point - to.offset();
  const auto [least, greatest] = std::minmax_element(table.begin(), table.end());
  add.range = {*least, *greatest};  // activations behind the sum clamp
  const auto level = [&](int32_t sum) {
    return nn::software::requantise_to_int8(sum, add.scale, add.zero_point, -128, 127);
  };
  // Where each level starts; the range's ends are open.
  const Thresholds starts = thresholds_of(level);
  std::array<int32_t, 257> low_of_level{};
  for (int q = -128; q <= 128; ++q)
    low_of_level[static_cast<size_t>(q + 128)] = q <= *least     ? ALWAYS
                                                 : q > *greatest ? NEVER
                                                                 : starts[static_cast<size_t>(q + 127)];
  for (size_t i = 0; i < 256; ++i) {
    add.first[i] = static_cast<int32_t>(std::lrint(std::ldexp(first[i], bits)));
    add.second[i] = static_cast<int32_t>(std::lrint(std::ldexp(second[i], bits)));
  }
  if (!fit_sums(add.first, add.second, low_of_level, table)) return std::nullopt;
  return add;
}

}  // namespace

Activation Call::quantise(const Item& from, const Parameters& to, const std::string& name) {
  Activation out;
  out.type = to.type;
  out.parameters = to;
  const auto emit = [&](Operation operation, std::vector<ValueId> inputs, const std::string& layer) {
    out.value = importer.emit({layer, op.type, std::move(inputs), -1, std::move(operation)}, out.layout.shape(), name,
                              to.quantization());
    return out;
  };
  const auto requantised = [&](const Activation& a, const std::string& layer) {
    Table t;
    t.function = a.function;
    bool changes = false;
    for (size_t i = 0; i < 256; ++i) {
      t.table[i] = to.quantise(a.reals[i]);
      changes = changes || static_cast<uint8_t>(t.table[i]) != i;
    }
    out.layout = a.layout;
    out.value = a.value;
    return changes ? emit(t, {a.value}, layer) : out;
  };

  if (const auto* a = std::get_if<Activation>(&from)) {
    if (a->type != Type::FLOAT) refuse("expected a tensor of float, found " + text(a->type));
    return requantised(*a, op.name);
  }
  if (const auto* a = std::get_if<Accumulators>(&from)) {
    if (a->type != Type::FLOAT) refuse("expected a tensor of float, found the int32 sums of " + a->node.name);
    Node node = a->node;
    const Requantise r = requantisation(*this, *a, to);
    if (auto* l = std::get_if<Linear>(&node.operation)) l->requantise = r;
    if (auto* m = std::get_if<MatMul>(&node.operation)) m->requantise = r;
    out.layout = a->layout;
    out.value = importer.emit(std::move(node), out.layout.shape(), name, to.quantization());
    return out;
  }
  if (const auto* p = std::get_if<Pair>(&from)) {
    if (!importer.afford(1 << 17)) refuse("the model needs too much memory");
    Binary b;
    b.function = p->function;
    b.table = table_of(*this, *p, to);
    out.layout = p->a.layout;
    if (p->is_sum && p->a.layout.shape() == p->b.layout.shape())
      if (const auto add = as_add(*p, to, b.table)) return emit(*add, {p->a.value, p->b.value}, op.name);
    return emit(std::move(b), {p->a.value, p->b.value}, op.name);
  }
  if (const auto* p = std::get_if<Parts>(&from)) {
    std::vector<ValueId> values;
    for (size_t i = 0; i < p->parts.size(); ++i)
      values.push_back(requantised(p->parts[i], op.name + "/" + std::to_string(i)).value);
    out.layout = p->layout;
    return emit(Concat{p->axis}, values, op.name);
  }
  if (const auto* d = std::get_if<Distribution>(&from)) {
    SoftmaxFloat s;
    for (size_t i = 0; i < 256; ++i)
      s.exponential[i] =
          static_cast<float>(std::exp(-static_cast<double>(i) * static_cast<double>(d->logits.parameters.scale)));
    s.output = to.quantization();
    out.layout = d->logits.layout;
    return emit(s, {d->logits.value}, d->node);
  }
  refuse("expected a tensor that depends on the input, found a constant");
}

namespace {

void check_common(Call& call) {
  call.expect("block_size", 0);
  call.expect("saturate", 1);
  call.expect("precision", 0);
}

/// Weights that are stored as reals, by one scale or one for each index of dimension `axis`.
Item quantised_reals(Call& call, int64_t axis, Type type) {
  const Tensor &reals = call.constant(0), &scales = call.constant(1);
  if (reals.type != Type::FLOAT || reals.elements() == 0) call.refuse("expected float, found " + call.describe(0));
  if (!call.importer.afford(reals.elements() * 4)) call.refuse("the model needs too much memory");
  if (scales.elements() == 1) {
    const Parameters to = call.parameters(1, 2, type);
    Tensor t{to.type, reals.dims, {}, {}};
    for (const float x : reals.reals) t.integers.push_back(to.quantise(x) + to.offset());
    return std::make_shared<const Tensor>(std::move(t));
  }
  const auto rank = static_cast<int64_t>(reals.dims.size());
  if (axis < 0) axis += rank;
  if (scales.type != Type::FLOAT || scales.dims.size() != 1 || axis < 0 || axis >= rank ||
      scales.dims[0] != reals.dims[static_cast<size_t>(axis)])
    call.refuse("expected a scale, or one for each index of dimension " + std::to_string(axis) + " of " +
                call.describe(0) + ", found " + call.describe(1));
  std::vector<Parameters> each;
  for (const float scale : scales.reals) {
    if (!(scale > 0) || std::isinf(scale)) call.refuse("expected scales above 0, found " + std::to_string(scale));
    each.push_back({scale, 0, type == Type::OTHER ? Type::UINT8 : type});
  }
  if (call.has(2)) {
    const Tensor& zeros = call.constant(2);
    if ((zeros.type != Type::INT8 && zeros.type != Type::UINT8) || zeros.integers.size() != each.size())
      call.refuse("expected zero points of int8 or uint8, as many as scales, found " + call.describe(2));
    for (size_t c = 0; c < each.size(); ++c) each[c] = {each[c].scale, zeros.integers[c], zeros.type};
  }
  int64_t inner = 1;
  for (int64_t d = axis + 1; d < rank; ++d) inner *= reals.dims[static_cast<size_t>(d)];
  Tensor t{each[0].type, reals.dims, {}, {}};
  for (size_t i = 0; i < reals.reals.size(); ++i) {
    const Parameters& to = each[i / static_cast<size_t>(inner) % each.size()];
    t.integers.push_back(to.quantise(reals.reals[i]) + to.offset());
  }
  return std::make_shared<const Tensor>(std::move(t));
}

Item quantize_linear(Call& call) {
  check_common(call);
  const int64_t axis = call.integer("axis", 1);
  const int64_t type = call.integer("output_dtype", 0);  // 2 uint8, 3 int8
  if (type != 0 && type != 2 && type != 3)
    call.refuse("attribute output_dtype: expected uint8 or int8, found type " + std::to_string(type));
  const Type otherwise = call.has(2) || type == 0 ? Type::OTHER : type == 2 ? Type::UINT8 : Type::INT8;
  if (call.is_constant(0)) return quantised_reals(call, axis, otherwise);
  return call.quantise(call.item(0), call.parameters(1, 2, otherwise), call.output());
}

Item dequantize_linear(Call& call) {
  check_common(call);
  call.expect("output_dtype", 0);
  const int64_t axis = call.integer("axis", 1);
  const Item& from = call.item(0);
  if (std::holds_alternative<Constants>(from)) return call.quantised_constant(0, 1, 2, axis);
  if (const auto* a = std::get_if<Accumulators>(&from); a != nullptr && a->type == Type::INT32) {
    Accumulators out = *a;
    out.type = Type::FLOAT;
    out.scales = {call.scalar(1)};
    if (!(out.scales[0] > 0)) call.refuse("expected a scale above 0, found " + std::to_string(out.scales[0]));
    if (call.has(2) && (call.constant(2).elements() != 1 || call.constant(2).at(0) != 0))
      call.refuse("expected a zero point of 0 for int32, found " + call.describe(2));
    return out;
  }
  return call.quantised(0);
}

Item cast(Call& call) {
  const int64_t to = call.integer("to", 0);
  call.integer("saturate", 1);
  call.string("round_mode", "");
  const Item& from = call.item(0);
  const auto refuse = [&] {
    call.refuse("attribute to: expected what keeps the values (float from integers), found type " + std::to_string(to) +
                " from " + call.describe(0));
  };
  const Type target = to == 1 ? Type::FLOAT : to == 6 ? Type::INT32 : to == 7 ? Type::INT64 : Type::OTHER;
  if (call.is_constant(0)) {
    Tensor t = call.constant(0);
    if (target == Type::OTHER || (t.type == Type::FLOAT && target != Type::FLOAT) || t.type == Type::OTHER) refuse();
    if (t.type != Type::FLOAT && target == Type::FLOAT) {
      for (const int32_t x : t.integers) t.reals.push_back(static_cast<float>(x));
      t.integers.clear();
    }
    t.type = target;
    return std::make_shared<const Tensor>(std::move(t));
  }
  if (target != Type::FLOAT) refuse();
  if (const auto* a = std::get_if<Accumulators>(&from)) {
    Accumulators out = *a;
    out.type = Type::FLOAT;
    return out;
  }
  if (const auto* a = std::get_if<Activation>(&from); a != nullptr && a->type != Type::FLOAT) {
    Activation out = *a;
    out.parameters = {1, 0, a->type};
    for (int x = -128; x < 128; ++x) out.reals[static_cast<uint8_t>(x)] = out.parameters.real(static_cast<int8_t>(x));
    out.is_affine = true;
    out.type = Type::FLOAT;
    call.importer.learn(out.value, out.parameters);
    return out;
  }
  return from;
}

}  // namespace

Import find_quantise(const std::string& type, bool microsoft) {
  if (type == "QuantizeLinear") return quantize_linear;
  if (type == "DequantizeLinear") return dequantize_linear;
  if (type == "Cast" && !microsoft) return cast;
  return nullptr;
}

}  // namespace zkvm::compiler::onnx
