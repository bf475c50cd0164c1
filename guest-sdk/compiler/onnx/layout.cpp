#include "guest-sdk/compiler/onnx/layout.hpp"

#include <algorithm>

namespace zkvm::compiler::onnx {

Shape Layout::shape() const {
  Shape s;
  int32_t* const sizes[] = {&s.h, &s.w, &s.c};
  for (size_t d = 0; d < dims.size(); ++d)
    if (dims[d] != 1) *sizes[axes[d]] = static_cast<int32_t>(dims[d]);
  return s;
}

int Layout::wide() const {
  return static_cast<int>(std::count_if(dims.begin(), dims.end(), [](int64_t d) { return d != 1; }));
}

bool Layout::is_linear() const {
  int last = -1;
  for (size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 1) continue;
    if (axes[d] < last) return false;
    last = axes[d];
  }
  return true;
}

Layout linear_layout(const std::vector<int64_t>& dims) {
  Layout l{dims, std::vector<int>(dims.size(), 2)};
  int axis = 3 - l.wide();
  for (size_t d = 0; d < dims.size(); ++d) {
    l.axes[d] = std::clamp(axis, 0, 2);
    if (dims[d] != 1) ++axis;
  }
  return l;
}

Layout image_layout(const std::vector<int64_t>& dims) {
  return {dims, dims.size() == 4 ? std::vector<int>{0, 2, 0, 1} : std::vector<int>{0, 2, 1}};
}

Transpose turn(const Layout& from, const Layout& to) {
  // Wide dimensions decide; the axes of size 1 take what is left.
  std::array<int32_t, 3> order{-1, -1, -1};
  bool used[3] = {false, false, false};
  for (size_t d = 0; d < from.dims.size(); ++d) {
    if (from.dims[d] == 1) continue;
    order[static_cast<size_t>(to.axes[d])] = from.axes[d];
    used[from.axes[d]] = true;
  }
  for (int32_t& axis : order) {
    if (axis >= 0) continue;
    axis = static_cast<int32_t>(std::find(used, used + 3, false) - used);
    used[axis] = true;
  }
  return {order};
}

}  // namespace zkvm::compiler::onnx
