#include "stark/merkle/tree.hpp"

#include <bit>
#include <stdexcept>
#include <string>

#include "stark/hash/rows.hpp"

namespace zkvm::stark {

MerkleTree MerkleTree::build(std::vector<Buffer<Digest>> row_digests) {
  if (row_digests.empty()) throw std::invalid_argument("Merkle tree: expected at least one matrix, found none");
  for (size_t i = 0; i < row_digests.size(); ++i) {
    const size_t n = row_digests[i].size();
    if (!std::has_single_bit(n) || (i > 0 && n >= row_digests[i - 1].size()))
      throw std::invalid_argument("Merkle tree: expected descending powers of two, found " + std::to_string(n) +
                                  " rows in matrix " + std::to_string(i));
  }
  MerkleTree tree;
  size_t next_matrix = 1;
  tree.layers_.push_back(std::move(row_digests[0]));
  for (size_t n = tree.layers_[0].size() / 2; n != 0; n /= 2) {
    const Digest* const children = tree.layers_.back().data();
    Buffer<Digest> layer(n);
    if (next_matrix < row_digests.size() && row_digests[next_matrix].size() == n)
      hash_injected_nodes(children, row_digests[next_matrix++].data(), n, layer.data());
    else
      hash_nodes(children, n, layer.data());
    tree.layers_.push_back(std::move(layer));
  }
  return tree;
}

std::vector<Digest> MerkleTree::open(std::span<const uint64_t> sorted_queries) const {
  std::vector<uint64_t> index(sorted_queries.begin(), sorted_queries.end());
  for (size_t i = 0; i < index.size(); ++i)
    if (index[i] >= layers_[0].size() || (i > 0 && index[i] <= index[i - 1]))
      throw std::invalid_argument("Merkle opening: expected ascending rows below " + std::to_string(layers_[0].size()) +
                                  ", found " + std::to_string(index[i]));
  std::vector<Digest> proof;
  for (size_t layer = 0; layer + 1 < layers_.size(); ++layer) {
    size_t parents = 0;
    for (size_t i = 0; i < index.size(); ++parents) {
      const bool both = (index[i] & 1) == 0 && i + 1 < index.size() && index[i + 1] == index[i] + 1;
      if (!both) proof.push_back(layers_[layer][index[i] ^ 1]);
      index[parents] = index[i] >> 1;
      i += both ? 2 : 1;
    }
    index.resize(parents);
  }
  return proof;
}

}  // namespace zkvm::stark
