// Operators that move elements, on tensors that depend on the input and on constants; shapes that are computed.
#include <algorithm>

#include "guest-sdk/compiler/onnx/importer.hpp"

namespace zkvm::compiler::onnx {
namespace {

/// The layout of an item that depends on the input; null for constants.
const Layout* layout_of(const Item& item) {
  if (const auto* a = std::get_if<Activation>(&item)) return &a->layout;
  if (const auto* a = std::get_if<Accumulators>(&item)) return &a->layout;
  if (const auto* p = std::get_if<Pair>(&item)) return &p->a.layout;
  if (const auto* p = std::get_if<Parts>(&item)) return &p->layout;
  if (const auto* d = std::get_if<Distribution>(&item)) return &d->logits.layout;
  return nullptr;
}
/// The item with another description of the same elements.
Item described(Item item, Layout layout) {
  *const_cast<Layout*>(layout_of(item)) = std::move(layout);
  return item;
}

/// Dimension `d`, which may count from the end.
size_t dimension(Call& call, int64_t d, size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (d < -count || d >= count)
    call.refuse("expected a dimension of " + std::to_string(count) + ", found " + std::to_string(d));
  return static_cast<size_t>(d < 0 ? d + count : d);
}

int64_t product_of(const std::vector<int64_t>& dims, size_t from, size_t to) {
  int64_t product = 1;
  for (size_t d = from; d < to; ++d) product *= dims[d];
  return product;
}

std::vector<int64_t> dims_of(Call& call, const Item& item) {
  if (const Layout* l = layout_of(item)) return l->dims;
  if (const auto* q = std::get_if<Quantised>(&item)) return q->integers->dims;
  if (const auto* c = std::get_if<Constants>(&item)) return (*c)->dims;
  call.refuse("expected a tensor");
}

/// The same elements in the same order, as `dims`, of which there are as many.
Item reshaped(Call& call, const Item& item, const std::vector<int64_t>& dims) {
  if (const auto* c = std::get_if<Constants>(&item)) {
    if (!call.importer.afford((*c)->elements() * 4)) call.refuse("the model needs too much memory");
    Tensor t = **c;
    t.dims = dims;
    return std::make_shared<const Tensor>(std::move(t));
  }
  if (const auto* q = std::get_if<Quantised>(&item)) {
    if (q->scales.size() > 1) call.refuse("expected constants with one scale");
    if (!call.importer.afford(q->integers->elements() * 4)) call.refuse("the model needs too much memory");
    Quantised out = *q;
    Tensor t = *q->integers;
    t.dims = dims;
    out.integers = std::make_shared<const Tensor>(std::move(t));
    return out;
  }
  const Layout& from = *layout_of(item);
  call.check_dims(dims);
  // Dimensions of 1 come and go: where the others are stays.
  std::vector<int64_t> wide;
  std::vector<int> axes;
  for (size_t d = 0; d < from.dims.size(); ++d) {
    if (from.dims[d] == 1) continue;
    wide.push_back(from.dims[d]);
    axes.push_back(from.axes[d]);
  }
  Layout to{dims, std::vector<int>(dims.size(), 2)};
  size_t next = 0;
  bool same = true;
  for (size_t d = 0; same && d < dims.size(); ++d) {
    if (dims[d] == 1) continue;
    same = next < wide.size() && wide[next] == dims[d];
    if (same) to.axes[d] = axes[next++];
  }
  if (same && next == wide.size()) return described(item, to);

  if (!std::holds_alternative<Activation>(item))
    call.refuse("expected QuantizeLinear and DequantizeLinear before it, found " + call.describe(0));
  Activation a = call.in_linear_layout(std::get<Activation>(item));
  a.layout = linear_layout(dims);
  a.value = call.importer.reshape(a.value, a.layout.shape(), call.output());
  return a;
}

Item identity(Call& call) {
  call.real("ratio", 0);  // of Dropout, which does nothing here
  call.integer("seed", 0);
  return call.item(0);
}

Item reshape(Call& call) {
  const Item& item = call.item(0);
  const std::vector<int64_t> dims = dims_of(call, item);
  const bool zeros = call.integer("allowzero", 0) != 0;
  const std::vector<int64_t> wanted = call.has(1) ? call.constant_integers(1) : call.integers("shape", {});
  std::vector<int64_t> to = wanted;
  int64_t known = 1;
  ptrdiff_t open = -1;
  bool fits = true;
  for (size_t d = 0; d < to.size(); ++d) {
    if (to[d] == 0 && !zeros) {
      fits = fits && d < dims.size();
      if (fits) to[d] = dims[d];
    }
    if (to[d] == -1) {
      fits = fits && open < 0;
      open = static_cast<ptrdiff_t>(d);
    } else {
      fits = fits && to[d] > 0;
      known = std::min(known * std::clamp<int64_t>(to[d], 0, MAX_ELEMENTS), MAX_ELEMENTS + 1);
    }
  }
  const int64_t elements = product_of(dims, 0, dims.size());
  if (fits && open >= 0 && elements % known == 0) {
    to[static_cast<size_t>(open)] = elements / known;
    known = elements;
  }
  if (!fits || known != elements) call.refuse("expected a shape for " + text(dims) + ", found " + text(wanted));
  return reshaped(call, item, to);
}

Item flatten(Call& call) {
  const std::vector<int64_t> dims = dims_of(call, call.item(0));
  const int64_t axis = call.integer("axis", 1), rank = static_cast<int64_t>(dims.size());
  if (axis < -rank || axis > rank)
    call.refuse("attribute axis: expected a dimension of " + text(dims) + ", found " + std::to_string(axis));
  const auto split = static_cast<size_t>(axis < 0 ? axis + rank : axis);
  return reshaped(call, call.item(0), {product_of(dims, 0, split), product_of(dims, split, dims.size())});
}

/// Axes of Squeeze and Unsqueeze: an input, or before version 13 an attribute.
std::vector<int64_t> axes_of(Call& call) { return call.has(1) ? call.constant_integers(1) : call.integers("axes", {}); }

Item squeeze(Call& call) {
  const std::vector<int64_t> dims = dims_of(call, call.item(0));
  const std::vector<int64_t> axes = axes_of(call);
  std::vector<bool> gone(dims.size(), false);
  for (size_t d = 0; axes.empty() && d < dims.size(); ++d) gone[d] = dims[d] == 1;
  for (const int64_t axis : axes) {
    const size_t d = dimension(call, axis, dims.size());
    if (dims[d] != 1) call.refuse("axes: expected dimensions of 1, found " + text(axes) + " of " + text(dims));
    gone[d] = true;
  }
  std::vector<int64_t> to;
  for (size_t d = 0; d < dims.size(); ++d)
    if (!gone[d]) to.push_back(dims[d]);
  return reshaped(call, call.item(0), to);
}

Item unsqueeze(Call& call) {
  const std::vector<int64_t> dims = dims_of(call, call.item(0));
  const std::vector<int64_t> axes = axes_of(call);
  std::vector<int64_t> to(dims.size() + axes.size(), 0);
  for (const int64_t axis : axes) {
    int64_t& d = to[dimension(call, axis, to.size())];
    if (d == 1) call.refuse("axes: expected different dimensions, found " + text(axes));
    d = 1;
  }
  size_t next = 0;
  for (int64_t& d : to)
    if (d == 0) d = dims[next++];
  return reshaped(call, call.item(0), to);
}

template <class T>
std::vector<T> permuted(const std::vector<T>& from, const std::vector<size_t>& order) {
  std::vector<T> out;
  for (const size_t d : order) out.push_back(from[d]);
  return out;
}

Tensor transposed(const Tensor& t, const std::vector<size_t>& order) {
  Tensor out{t.type, permuted(t.dims, order), {}, {}};
  std::vector<int64_t> strides(order.size(), 1), index(order.size(), 0);
  for (size_t i = 0; i < order.size(); ++i) strides[i] = product_of(t.dims, order[i] + 1, t.dims.size());
  int64_t from = 0;
  for (int64_t i = 0; i < t.elements(); ++i) {
    if (t.type == Type::FLOAT) out.reals.push_back(t.reals[static_cast<size_t>(from)]);
    if (t.type != Type::FLOAT) out.integers.push_back(t.integers[static_cast<size_t>(from)]);
    for (size_t d = order.size(); d-- > 0;) {  // the next index
      from += strides[d];
      if (++index[d] < out.dims[d]) break;
      from -= strides[d] * out.dims[d];
      index[d] = 0;
    }
  }
  return out;
}

Item transpose(Call& call) {
  const Item& item = call.item(0);
  const std::vector<int64_t> dims = dims_of(call, item);
  std::vector<int64_t> perm;
  for (size_t d = dims.size(); d-- > 0;) perm.push_back(static_cast<int64_t>(d));
  perm = call.integers("perm", perm);
  std::vector<int64_t> sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  bool fits = perm.size() == dims.size();
  for (size_t d = 0; fits && d < sorted.size(); ++d) fits = sorted[d] == static_cast<int64_t>(d);
  if (!fits) call.refuse("attribute perm: expected an order of the dimensions " + text(dims) + ", found " + text(perm));
  std::vector<size_t> order;
  for (const int64_t d : perm) order.push_back(static_cast<size_t>(d));
  if (const Layout* l = layout_of(item)) {
    Layout to{permuted(l->dims, order), permuted(l->axes, order)};
    return described(item, std::move(to));
  }
  if (!call.importer.afford(product_of(dims, 0, dims.size()) * 4)) call.refuse("the model needs too much memory");
  if (const auto* q = std::get_if<Quantised>(&item)) {
    Quantised out = *q;
    out.integers = std::make_shared<const Tensor>(transposed(*q->integers, order));
    if (q->scales.size() > 1) out.axis = std::find(perm.begin(), perm.end(), q->axis) - perm.begin();
    return out;
  }
  return std::make_shared<const Tensor>(transposed(call.constant(0), order));
}

/// A layout for dimensions that have grown out of those of `from`: a dimension that was 1 gets an axis that is free.
Layout grown(Call& call, const Layout& from, const std::vector<int64_t>& dims) {
  call.check_dims(dims);
  Layout to = from;
  to.dims = dims;
  bool used[3] = {false, false, false};
  for (size_t d = 0; d < dims.size(); ++d)
    if (from.dims[d] != 1) used[from.axes[d]] = true;
  for (size_t d = 0; d < dims.size(); ++d) {
    if (from.dims[d] != 1 || dims[d] == 1) continue;
    const int axis = !used[2] ? 2 : !used[1] ? 1 : 0;
    used[axis] = true;
    to.axes[d] = axis;
  }
  return to;
}

/// Parts along dimension `axis`.
Item joined(Call& call, std::vector<Activation> parts, int64_t axis) {
  const Layout& first = parts[0].layout;
  const size_t d = dimension(call, axis, first.dims.size());
  std::vector<int64_t> dims = first.dims;
  dims[d] = 0;
  for (const Activation& p : parts) {
    std::vector<int64_t> across = p.layout.dims;
    if (across.size() == dims.size()) across[d] = first.dims[d];
    if (across != first.dims)
      call.refuse("expected shapes that differ in dimension " + std::to_string(d) + " only, found " + text(first.dims) +
                  " and " + text(p.layout.dims));
    if ((p.type == Type::FLOAT) != (parts[0].type == Type::FLOAT) || (p.type != Type::FLOAT && p.type != parts[0].type))
      call.refuse("expected tensors of one type, found " + text(parts[0].type) + " and " + text(p.type));
    dims[d] += p.layout.dims[d];
  }
  const Layout to = grown(call, first, dims);
  Parts joint{{}, to, dims[d] == 1 ? 2 : to.axes[d]};
  bool same = true;
  for (Activation& p : parts) {
    Layout each = to;
    each.dims = p.layout.dims;
    joint.parts.push_back(call.arranged(std::move(p), each));
    same = same && joint.parts.back().reals == joint.parts[0].reals;
  }
  if (!same) return joint;
  Activation out = joint.parts[0];
  out.layout = to;
  std::vector<ValueId> values;
  for (const Activation& p : joint.parts) values.push_back(p.value);
  if (values.size() > 1)
    out.value = call.importer.emit({call.op.name, call.op.type, values, -1, Concat{joint.axis}}, to.shape(),
                                   call.output(), call.importer.graph.value(values[0]).quantization);
  return out;
}

Item joined_constants(Call& call, int64_t axis) {
  const Tensor& first = call.constant(0);
  const size_t d = dimension(call, axis, first.dims.size());
  Tensor out{first.type, first.dims, {}, {}};
  out.dims[d] = 0;
  int64_t elements = 0;
  for (size_t i = 0; i < call.op.inputs.size(); ++i) {
    const Tensor& t = call.constant(i);
    std::vector<int64_t> across = t.dims;
    if (across.size() == first.dims.size()) across[d] = first.dims[d];
    if (across != first.dims || t.type != first.type || t.type == Type::OTHER)
      call.refuse("expected constants of one type and shapes that fit together, found " + call.describe(i));
    out.dims[d] += t.dims[d];
    elements += t.elements();
  }
  if (elements > MAX_ELEMENTS || !call.importer.afford(elements * 4)) call.refuse("the model needs too much memory");
  for (int64_t outer = 0; outer < product_of(out.dims, 0, d); ++outer)
    for (size_t i = 0; i < call.op.inputs.size(); ++i) {
      const Tensor& t = call.constant(i);
      const int64_t block = product_of(t.dims, d, t.dims.size());
      if (t.type == Type::FLOAT)
        out.reals.insert(out.reals.end(), t.reals.begin() + outer * block, t.reals.begin() + (outer + 1) * block);
      else
        out.integers.insert(out.integers.end(), t.integers.begin() + outer * block,
                            t.integers.begin() + (outer + 1) * block);
    }
  return std::make_shared<const Tensor>(std::move(out));
}

Item concat(Call& call) {
  if (call.attribute("axis") == nullptr) call.refuse("attribute axis: expected one, found none");
  const int64_t axis = call.integer("axis", 0);
  const size_t count = call.op.inputs.size();
  if (count == 0) call.refuse("expected inputs, found none");
  bool constants = true;
  for (size_t i = 0; i < count; ++i) constants = constants && call.is_constant(i);
  if (constants) return joined_constants(call, axis);
  std::vector<Activation> parts;
  for (size_t i = 0; i < count; ++i) parts.push_back(call.activation(i));
  return joined(call, std::move(parts), axis);
}

/// Inputs: scale and zero point of the output, then tensor, scale and zero point of each part.
Item qlinear_concat(Call& call) {
  const int64_t axis = call.integer("axis", 0);
  const size_t count = call.op.inputs.size();
  if (count < 5 || count % 3 != 2)
    call.refuse("expected 3 inputs for each part behind the first 2, found " + std::to_string(count));
  std::vector<Activation> parts;
  for (size_t i = 2; i < count; i += 3) parts.push_back(call.quantised(i));
  const Parameters to = call.parameters(0, 1, parts[0].parameters.type);
  return call.quantise(joined(call, std::move(parts), axis), to, call.output());
}

Item pad(Call& call) {
  if (const std::string mode = call.string("mode", "constant"); mode != "constant")
    call.refuse("attribute mode: expected constant, found " + mode);
  Activation a = call.activation(0);
  const size_t rank = a.layout.dims.size();
  const std::vector<int64_t> pads = call.has(1) ? call.constant_integers(1) : call.integers("pads", {});
  std::vector<int64_t> axes;
  for (size_t d = 0; d < rank; ++d) axes.push_back(static_cast<int64_t>(d));
  if (call.has(3)) axes = call.constant_integers(3);
  if (pads.size() != 2 * axes.size() || std::any_of(pads.begin(), pads.end(), [](int64_t p) { return p < 0; }))
    call.refuse("pads: expected " + std::to_string(2 * axes.size()) + " of at least 0, found " + text(pads));

  std::vector<int64_t> dims = a.layout.dims, before(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t d = dimension(call, axes[i], rank);
    dims[d] += pads[i] + pads[i + axes.size()];
    before[d] = pads[i];
  }
  const Layout to = grown(call, a.layout, dims);

  Pad p;
  if (a.type == Type::FLOAT) {
    const float value = call.has(2) ? call.scalar(2) : call.real("value", 0);
    const auto found = std::find(a.reals.begin(), a.reals.end(), value);
    if (found == a.reals.end())
      call.refuse("expected a value that the input's quantisation can hold, found " + std::to_string(value));
    p.value = static_cast<int8_t>(found - a.reals.begin());
  } else {
    int32_t value = 0;
    if (call.has(2)) {
      const Tensor& t = call.constant(2);
      if (t.type != a.type || t.elements() != 1)
        call.refuse("expected one value of " + text(a.type) + ", found " + call.describe(2));
      value = t.integers[0];
    }
    p.value = static_cast<int8_t>(value - (a.type == Type::UINT8 ? 128 : 0));
  }
  if (dims == a.layout.dims) return a;
  const Shape shape = to.shape(), in = [&] {
    Layout l = to;
    l.dims = a.layout.dims;
    return l.shape();
  }();
  a.value = call.importer.reshape(a.value, in, call.output());  // with the new axes
  for (size_t d = 0; d < rank; ++d)
    if (dims[d] != 1) p.before[static_cast<size_t>(to.axes[d])] = static_cast<int32_t>(before[d]);
  p.after = {shape.h - in.h - p.before[0], shape.w - in.w - p.before[1], shape.c - in.c - p.before[2]};
  a.value = call.importer.emit({call.op.name, call.op.type, {a.value}, -1, p}, shape, call.output(),
                               call.importer.graph.value(a.value).quantization);
  a.layout = to;
  return a;
}

Constants integer_list(const std::vector<int64_t>& list) {
  Tensor t{Type::INT64, {static_cast<int64_t>(list.size())}, {}, {}};
  for (const int64_t i : list)
    t.integers.push_back(static_cast<int32_t>(std::clamp(i, int64_t{INT32_MIN}, int64_t{INT32_MAX})));
  return std::make_shared<const Tensor>(std::move(t));
}

Item shape(Call& call) {
  const std::vector<int64_t> dims = dims_of(call, call.item(0));
  const auto rank = static_cast<int64_t>(dims.size());
  const auto position = [&](int64_t d) { return std::clamp<int64_t>(d < 0 ? d + rank : d, 0, rank); };
  const int64_t start = position(call.integer("start", 0)), end = position(call.integer("end", rank));
  return integer_list({dims.begin() + std::min(start, end), dims.begin() + end});
}

/// Of constants along their first dimension: parts of shapes.
Item gather(Call& call) {
  call.expect("axis", 0);
  const Tensor &t = call.constant(0), &which = call.constant(1);
  if (t.dims.size() != 1 || t.type == Type::FLOAT || t.type == Type::OTHER || which.dims.size() > 1 ||
      (which.type != Type::INT64 && which.type != Type::INT32) || which.elements() > 16)
    call.refuse("expected a list of integers and at most 16 indices, found " + call.describe(0) + " and " +
                call.describe(1));
  Tensor out{t.type, which.dims, {}, {}};
  for (const int32_t i : which.integers) out.integers.push_back(t.integers[dimension(call, i, t.integers.size())]);
  return std::make_shared<const Tensor>(std::move(out));
}

Item constant(Call& call) {
  if (const Attribute* a = call.attribute("value"); a != nullptr && a->kind == Attribute::Kind::TENSOR)
    return std::make_shared<const Tensor>(a->tensor);
  if (call.attribute("value_ints") != nullptr) return integer_list(call.integers("value_ints", {}));
  if (call.attribute("value_int") != nullptr) {
    Tensor t = *integer_list({call.integer("value_int", 0)});
    t.dims.clear();
    return std::make_shared<const Tensor>(std::move(t));
  }
  if (call.attribute("value_float") != nullptr)
    return std::make_shared<const Tensor>(Tensor{Type::FLOAT, {}, {call.real("value_float", 0)}, {}});
  if (const Attribute* a = call.attribute("value_floats"); a != nullptr && a->kind == Attribute::Kind::FLOATS)
    return std::make_shared<const Tensor>(Tensor{Type::FLOAT, {static_cast<int64_t>(a->reals.size())}, a->reals, {}});
  call.refuse("expected a tensor or numbers");
}

}  // namespace

Import find_movement(const std::string& type, bool microsoft) {
  static const std::unordered_map<std::string, Import> STANDARD{
      {"Identity", identity}, {"Dropout", identity},    {"Reshape", reshape},     {"Flatten", flatten},
      {"Squeeze", squeeze},   {"Unsqueeze", unsqueeze}, {"Transpose", transpose}, {"Concat", concat},
      {"Pad", pad},           {"Shape", shape},         {"Gather", gather},       {"Constant", constant}};
  if (microsoft) return type == "QLinearConcat" ? qlinear_concat : nullptr;
  const auto found = STANDARD.find(type);
  return found == STANDARD.end() ? nullptr : found->second;
}

}  // namespace zkvm::compiler::onnx
