#include "stark/merkle/verify.hpp"

#include "stark/hash/suite.hpp"

namespace zkvm::stark {

std::vector<uint64_t> distinct_positions(std::span<const uint64_t> sorted_queries, unsigned shift) {
  std::vector<uint64_t> positions;
  positions.reserve(sorted_queries.size());
  for (const uint64_t q : sorted_queries)
    if (positions.empty() || positions.back() != q >> shift) positions.push_back(q >> shift);
  return positions;
}

bool verify_multi(const Digest& root, std::span<const unsigned> log_heights, std::span<const uint64_t> queries,
                  std::span<const std::span<const Digest>> row_digests, std::span<const Digest> proof) {
  if (log_heights.empty() || queries.empty() || row_digests.size() != log_heights.size()) return false;
  if (log_heights[0] > MAX_LOG_TREE_HEIGHT || queries.back() >> log_heights[0] != 0) return false;
  for (size_t i = 1; i < log_heights.size(); ++i)
    if (log_heights[i] >= log_heights[i - 1]) return false;
  for (size_t i = 1; i < queries.size(); ++i)
    if (queries[i] <= queries[i - 1]) return false;
  if (row_digests[0].size() != queries.size()) return false;

  // Known nodes of the current layer, ascending; compacted in place on the way up.
  std::vector<uint64_t> index(queries.begin(), queries.end());
  std::vector<Digest> node(row_digests[0].begin(), row_digests[0].end());
  size_t known = index.size(), used = 0, next_matrix = 1;
  for (unsigned j = log_heights[0]; j-- > 0;) {
    const bool injects = next_matrix < log_heights.size() && log_heights[next_matrix] == j;
    const std::span<const Digest> rows = injects ? row_digests[next_matrix++] : std::span<const Digest>{};
    size_t parents = 0;
    for (size_t i = 0; i < known; ++parents) {
      const bool is_left = (index[i] & 1) == 0;
      const bool both = is_left && i + 1 < known && index[i + 1] == index[i] + 1;
      if (!both && used == proof.size()) return false;
      if (injects && parents == rows.size()) return false;
      const Digest& other = both ? node[i + 1] : proof[used++];
      const Digest& left = is_left ? node[i] : other;
      const Digest& right = is_left ? other : node[i];
      const Digest parent = injects ? Suite::inject(left, right, rows[parents]) : Suite::node(left, right);
      index[parents] = index[i] >> 1;
      node[parents] = parent;
      i += both ? 2 : 1;
    }
    if (injects && parents != rows.size()) return false;
    known = parents;
  }
  return used == proof.size() && node[0] == root;
}

}  // namespace zkvm::stark
