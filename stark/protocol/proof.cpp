#include "stark/protocol/proof.hpp"

#include "stark/protocol/bytes.hpp"

namespace zkvm::stark {
namespace {

void put_shard(const ShardProof& s, ByteWriter& w) {
  w.u8(s.tables.size());
  for (const TableShape& t : s.tables) {
    w.u16(t.chip);
    w.u8(t.log_height);
  }
  w.digest(s.main_root);
  w.digest(s.form_root);
  w.elements(s.main_anchors);
  w.elements(s.form_anchors);
  w.digest(s.logup_root);
  w.elements(s.bus_sums);
  w.digest(s.quotient_root);
  w.u8(s.at_z.size());
  for (const auto& tree : s.at_z) {
    w.u8(tree.size());
    for (const auto& group : tree) w.elements(group);
  }
  w.u8(s.at_next.size());
  for (const auto& table : s.at_next) w.elements(table);
  w.digests(s.fri_roots);
  w.elements(s.final_polynomial);
  w.u64(s.grinding_nonce);
  w.u8(s.trees.size());
  for (const TreeOpening& tree : s.trees) {
    w.u8(tree.rows.size());
    for (const auto& rows : tree.rows) w.elements(rows);
    w.digests(tree.siblings);
  }
  w.u8(s.fri.size());
  for (const FriLayerOpening& layer : s.fri) {
    w.elements(layer.values);
    w.digests(layer.siblings);
  }
}

/// Whatever is stated about sizes is compared with what the tables imply before anything is made of that size.
const char* get_shard(ByteReader& r, const MachineDescription& machine,
                      std::span<const PreprocessedCommitment> preprocessed, const Parameters& parameters,
                      ShardProof& s) {
  s.tables.resize(r.u8());
  for (TableShape& t : s.tables) {
    t.chip = static_cast<uint16_t>(r.u16());
    t.log_height = static_cast<uint8_t>(r.u8());
  }
  if (!r.ok()) return nullptr;
  ShardLayout layout;
  if (const char* error = make_layout(machine, preprocessed, s.tables, layout)) return error;
  const size_t tables = layout.tables.size(), queries = parameters.queries;
  const unsigned log_domain = layout.log_max_height + parameters.log_blowup;
  s.main_root = r.digest();
  s.form_root = r.digest();
  s.main_anchors = r.ext_elements(tables);
  s.form_anchors = r.ext_elements(layout.has_forms() ? tables : 0);
  s.logup_root = r.digest();
  s.bus_sums = r.ext_elements(tables);
  s.quotient_root = r.digest();
  if (r.count(layout.trees.size())) s.at_z.resize(layout.trees.size());
  for (size_t t = 0; t < s.at_z.size() && r.ok(); ++t) {
    const auto& groups = layout.trees[t].groups;
    if (r.count(groups.size())) s.at_z[t].resize(groups.size());
    for (size_t g = 0; g < s.at_z[t].size(); ++g) s.at_z[t][g] = r.ext_elements(groups[g].width);
  }
  if (r.count(tables)) s.at_next.resize(tables);
  for (size_t t = 0; t < s.at_next.size(); ++t) {
    const Air& air = machine.chips[layout.tables[t].chip].air;
    s.at_next[t] = r.ext_elements(air.uses_next() ? air.columns() : 0);
  }
  s.fri_roots = r.digests(layout.folds.size());
  s.final_polynomial = r.ext_elements(size_t{1} << MIN_LOG_HEIGHT);
  s.grinding_nonce = r.u64();
  if (r.count(layout.trees.size())) s.trees.resize(layout.trees.size());
  for (size_t t = 0; t < s.trees.size() && r.ok(); ++t) {
    const auto& groups = layout.trees[t].groups;
    if (r.count(groups.size())) s.trees[t].rows.resize(groups.size());
    for (size_t g = 0; g < s.trees[t].rows.size(); ++g)
      s.trees[t].rows[g] = r.elements<F>(queries * groups[g].width, groups[g].width);
    s.trees[t].siblings = r.digests(queries * log_domain);
  }
  if (r.count(layout.folds.size())) s.fri.resize(layout.folds.size());
  for (size_t f = 0; f < s.fri.size(); ++f) {
    const size_t arity = size_t{1} << layout.folds[f].log_arity;
    s.fri[f].values = r.elements<E>(queries * arity, arity);
    s.fri[f].siblings = r.digests(queries * log_domain);
  }
  return nullptr;
}

}  // namespace

void serialize(const Proof& proof, std::vector<uint8_t>& out) {
  ByteWriter w(out);
  w.u8(proof.parameters.log_blowup);
  w.u16(proof.parameters.queries);
  w.u8(proof.parameters.grinding_bits);
  w.u16(proof.shards.size());
  for (const ShardProof& s : proof.shards) {
    const size_t at = out.size();
    w.u32(0);
    put_shard(s, w);
    const uint64_t bytes = out.size() - at - 4;
    for (unsigned i = 0; i < 4; ++i) out[at + i] = static_cast<uint8_t>(bytes >> (8 * i));
  }
}

Deserializer::Deserializer(std::span<const uint8_t, HEADER_BYTES> header, Proof& out) : out_(out) {
  out_ = Proof{};
  ByteReader r(header);
  out_.parameters.log_blowup = static_cast<unsigned>(r.u8());
  out_.parameters.queries = static_cast<unsigned>(r.u16());
  out_.parameters.grinding_bits = static_cast<unsigned>(r.u8());
  shards_ = r.u16();
}

const char* Deserializer::add_shard(std::span<const uint8_t> bytes, const MachineDescription& machine,
                                    std::span<const PreprocessedCommitment> preprocessed) {
  ByteReader r(bytes);
  if (const char* error = get_shard(r, machine, preprocessed, out_.parameters, out_.shards.emplace_back()))
    return error;
  if (!r.ok()) return "the seal is truncated, has an ill-formed field element, or other sizes than its tables imply";
  if (!r.at_end()) return "a shard of the seal has bytes after its end";
  return nullptr;
}

const char* deserialize(std::span<const uint8_t> bytes, const MachineDescription& machine,
                        std::span<const PreprocessedCommitment> preprocessed, Proof& out) {
  constexpr size_t HEADER = Deserializer::HEADER_BYTES;
  if (bytes.size() < HEADER) return "the seal is truncated";
  Deserializer shards(bytes.first<HEADER>(), out);
  ByteReader r(bytes.subspan(HEADER));
  for (size_t i = 0; i < shards.shards(); ++i) {
    const auto shard = r.bytes(r.u32());
    if (!r.ok()) return "the seal is truncated";
    if (const char* error = shards.add_shard(shard, machine, preprocessed)) return error;
  }
  return r.at_end() ? nullptr : "the seal has bytes after its end";
}

}  // namespace zkvm::stark
