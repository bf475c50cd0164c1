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

void get_shard(ByteReader& r, ShardProof& s) {
  s.tables.resize(r.u8());
  for (TableShape& t : s.tables) {
    t.chip = static_cast<uint16_t>(r.u16());
    t.log_height = static_cast<uint8_t>(r.u8());
  }
  s.main_root = r.digest();
  s.form_root = r.digest();
  s.main_anchors = r.ext_elements();
  s.form_anchors = r.ext_elements();
  s.logup_root = r.digest();
  s.bus_sums = r.ext_elements();
  s.quotient_root = r.digest();
  s.at_z.resize(r.u8());
  for (auto& tree : s.at_z) {
    tree.resize(r.u8());
    for (auto& group : tree) group = r.ext_elements();
  }
  s.at_next.resize(r.u8());
  for (auto& table : s.at_next) table = r.ext_elements();
  s.fri_roots = r.digests();
  s.final_polynomial = r.ext_elements();
  s.grinding_nonce = r.u64();
  s.trees.resize(r.u8());
  for (TreeOpening& tree : s.trees) {
    tree.rows.resize(r.u8());
    for (auto& rows : tree.rows) rows = r.elements();
    tree.siblings = r.digests();
  }
  s.fri.resize(r.u8());
  for (FriLayerOpening& layer : s.fri) {
    layer.values = r.ext_elements();
    layer.siblings = r.digests();
  }
}

}  // namespace

void serialize(const Proof& proof, std::vector<uint8_t>& out) {
  ByteWriter w(out);
  w.u8(proof.parameters.log_blowup);
  w.u16(proof.parameters.queries);
  w.u8(proof.parameters.grinding_bits);
  w.u16(proof.shards.size());
  for (const ShardProof& s : proof.shards) put_shard(s, w);
}

const char* deserialize(std::span<const uint8_t> bytes, Proof& out) {
  out = Proof{};
  ByteReader r(bytes);
  out.parameters.log_blowup = static_cast<unsigned>(r.u8());
  out.parameters.queries = static_cast<unsigned>(r.u16());
  out.parameters.grinding_bits = static_cast<unsigned>(r.u8());
  const size_t shards = r.u16();
  if (!r.ok() || shards == 0 || shards > MAX_SHARDS) return "the seal states an impossible number of shards";
  for (size_t i = 0; i < shards && r.ok(); ++i) get_shard(r, out.shards.emplace_back());
  if (!r.ok()) return "the seal is truncated or has an ill-formed field element";
  if (!r.at_end()) return "the seal has bytes after its end";
  return nullptr;
}

}  // namespace zkvm::stark
