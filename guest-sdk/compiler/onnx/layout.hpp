#pragma once
/// \file
/// Where a graph's {h, w, c} holds the dimensions of an ONNX tensor. ONNX tensors have any rank and are channels first;
/// the graph's have three axes and are channels last. So each tensor carries the axis of each of its dimensions, a
/// Transpose in the file only permutes these, and nodes that move elements arise where an operator needs another order.

#include <cstdint>
#include <vector>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler::onnx {

struct Layout {
  std::vector<int64_t> dims;  ///< as in the file; at most three of them are not 1
  std::vector<int> axes;      ///< of each dimension: 0 height, 1 width, 2 channels; without meaning where it is 1

  Shape shape() const;
  /// The axis that holds dimension `d`, -1 if the dimension is 1.
  int axis(size_t d) const { return dims[d] == 1 ? -1 : axes[d]; }
  bool is_linear() const;  ///< the graph's order of elements is the file's
  /// How many of the dimensions are not 1.
  int wide() const;
  bool representable() const { return wide() <= 3; }
};

/// Dimensions in the file's order at the last axes: [1, rows, n] as {1, rows, n}.
Layout linear_layout(const std::vector<int64_t>& dims);
/// [n, c, h, w] or [n, c, w], as convolutions have them.
Layout image_layout(const std::vector<int64_t>& dims);

/// The order of axes that brings elements of layout `from` into layout `to` of the same dimensions.
Transpose turn(const Layout& from, const Layout& to);

}  // namespace zkvm::compiler::onnx
