#include "stark/verifier/verifier.hpp"

#include <algorithm>

#include "stark/hash/suite.hpp"
#include "stark/merkle/verify.hpp"
#include "stark/protocol/domain.hpp"

namespace zkvm::stark {
namespace {

constexpr unsigned MAX_LOG_BLOWUP = 6;
constexpr unsigned MAX_QUERIES = 1024;
constexpr unsigned MAX_GRINDING_BITS = 40;

/// What all shards share once the barriers are done.
struct Shared {
  const MachineDescription& machine;
  const Parameters& parameters;
  AnchorChallenges anchor_a, anchor_b;
  bool any_forms;
  std::vector<E> accumulator_challenges;
  BusChallenges bus;
};

/// Every array of the shard's proof has the size that the layout says.
const char* check_sizes(const Shared& shared, const ShardLayout& layout, const ShardProof& proof) {
  const size_t tables = layout.tables.size();
  if (proof.main_anchors.size() != tables) return "wrong number of anchors";
  if (proof.form_anchors.size() != (layout.has_forms() ? tables : 0)) return "wrong number of form anchors";
  if (!layout.has_forms() && proof.form_root != Digest{}) return "a form commitment without form columns";
  for (size_t t = 0; t < proof.form_anchors.size(); ++t)
    if (shared.machine.chips[layout.tables[t].chip].air.form_width() == 0 && !proof.form_anchors[t].is_zero())
      return "a form anchor of a table without form columns";
  if (proof.bus_sums.size() != tables) return "wrong number of bus sums";
  if (proof.at_z.size() != layout.trees.size()) return "wrong number of opened trees";
  for (size_t t = 0; t < layout.trees.size(); ++t) {
    const auto& groups = layout.trees[t].groups;
    if (proof.at_z[t].size() != groups.size()) return "wrong number of opened column groups";
    for (size_t g = 0; g < groups.size(); ++g)
      if (proof.at_z[t][g].size() != groups[g].width) return "wrong number of opened columns";
  }
  if (proof.at_next.size() != tables) return "wrong number of next-row openings";
  for (size_t t = 0; t < tables; ++t) {
    const Air& air = shared.machine.chips[layout.tables[t].chip].air;
    if (proof.at_next[t].size() != (air.uses_next() ? air.columns() : 0)) return "wrong number of next-row columns";
  }
  if (proof.fri_roots.size() != layout.folds.size()) return "wrong number of FRI layers";
  if (proof.final_polynomial.size() != size_t{1} << MIN_LOG_HEIGHT) return "wrong degree of the final polynomial";
  if (proof.trees.size() != layout.trees.size()) return "wrong number of tree openings";
  if (proof.fri.size() != layout.folds.size()) return "wrong number of FRI openings";
  return nullptr;
}

/// Values of a table's flat columns (preprocessed, main, form) at z.
std::vector<E> columns_at_z(const MachineDescription& machine, const ShardLayout& layout, const ShardProof& proof,
                            size_t table) {
  std::vector<E> r;
  const ChipInfo& chip = machine.chips[layout.tables[table].chip];
  for (int tree : {layout.preprocessed_tree(chip), layout.main_tree, layout.form_tree}) {
    const ColumnRange range = layout.range(tree, table);
    for (unsigned i = 0; i < range.width; ++i)
      r.push_back(proof.at_z[static_cast<size_t>(tree)][range.group][range.offset + i]);
  }
  return r;
}

/// Checks at the out-of-domain point that the opened columns satisfy all constraints against the opened quotient.
const char* check_constraints(const Shared& shared, const ShardLayout& layout, const ShardProof& proof, size_t shard,
                              const E& alpha, const E& z) {
  std::vector<E> alpha_powers(layout.total_constraints);
  E power = E::one();
  for (E& a : alpha_powers) {
    a = power;
    power *= alpha;
  }
  const E basis = E{{F::zero(), F::one()}};  // x
  const auto lift = [&](const E* coordinates) {
    E r = coordinates[E::DEGREE - 1];
    for (unsigned i = E::DEGREE - 1; i-- > 0;) r = r * basis + coordinates[i];
    return r;
  };
  E expected = E::zero();
  for (size_t t = 0; t < layout.tables.size(); ++t) {
    const Air& air = shared.machine.chips[layout.tables[t].chip].air;
    const unsigned log_height = layout.tables[t].log_height;
    const E zerofier = vanishing(z, log_height);
    const std::vector<E> columns = columns_at_z(shared.machine, layout, proof, t);
    std::vector<E> slots(air.slots());
    std::copy(columns.begin(), columns.end(), slots.begin());
    std::copy(proof.at_next[t].begin(), proof.at_next[t].end(), slots.begin() + air.next_slot());
    if (air.uses_selectors()) {
      const F last = F::two_adic_root(log_height).inverse();
      slots[air.selector_slot()] = zerofier * (z - F::one()).inverse();
      slots[air.selector_slot() + 1] = zerofier * (z - last).inverse();
      slots[air.selector_slot() + 2] = z - last;
    }
    fill_fixed_slots(air, shared.accumulator_challenges.data(), slots.data());
    E sum = E::zero();
    const E* powers = alpha_powers.data() + layout.constraint_offset[t];
    evaluate_constraints(air, slots.data(), [&](unsigned k, const E& value) { sum += powers[k] * value; });

    const ColumnRange logup = layout.range(layout.logup_tree, t);
    std::vector<E> fingerprints, multiplicities;
    const auto column = [&](uint32_t i) { return columns[i]; };
    for (const Message& m : air.messages()) {
      E d = shared.bus.offset(m.bus, m.local, shard);
      for (size_t f = 0; f < m.fields.size(); ++f) d += m.fields[f].evaluate<E>(column) * shared.bus.field_power(f);
      fingerprints.push_back(d);
      multiplicities.push_back(m.multiplicity.evaluate<E>(column));
    }
    for (unsigned j = 0; j < air.logup_columns(); ++j) {
      const E h = lift(&proof.at_z[static_cast<size_t>(layout.logup_tree)][logup.group][logup.offset + j * E::DEGREE]);
      const E& d1 = fingerprints[2 * j];
      const E& m1 = multiplicities[2 * j];
      E c;
      if (2 * j + 1 < fingerprints.size()) {
        const E& d2 = fingerprints[2 * j + 1];
        c = h * d1 * d2 - m1 * d2 - multiplicities[2 * j + 1] * d1;
      } else {
        c = h * d1 - m1;
      }
      sum += powers[air.constraints() + j] * c;
    }
    expected += sum * zerofier.inverse();
  }
  const std::vector<E>& chunks = proof.at_z[static_cast<size_t>(layout.quotient_tree)][0];
  E quotient = E::zero();
  const E shift = vanishing(z, layout.log_max_height) + F::one();  // z^N
  for (unsigned k = QUOTIENT_CHUNKS; k-- > 0;) quotient = quotient * shift + lift(&chunks[k * E::DEGREE]);
  return quotient == expected ? nullptr : "the constraints do not hold at the out-of-domain point";
}

/// One row's openings of one height, and everything about that height's DEEP combination that does not depend on the
/// row.
struct HeightCombination {
  unsigned log_height;
  std::vector<E> z_coefficients;                 ///< per column of the concatenated groups of all trees
  std::vector<std::pair<size_t, size_t>> parts;  ///< (tree, group)
  E constant_z, constant_next, constant_zero, constant_anchor[2];
  struct Indexed {
    size_t column;  ///< in the concatenated row
    E coefficient;
  };
  std::vector<Indexed> next, zero, anchor[2];
  E next_point;
};

HeightCombination combine(const Shared& shared, const ShardLayout& layout, const ShardProof& proof, size_t height_index,
                          const E& gamma, const E& z) {
  HeightCombination h;
  h.log_height = layout.heights[height_index];
  E power = gamma.pow(layout.deep_offset[height_index]);
  std::vector<size_t> first_column(layout.trees.size(), 0);
  for (size_t t = 0; t < layout.trees.size(); ++t) {
    const int g = layout.trees[t].find(h.log_height);
    if (g < 0) continue;
    const size_t group = static_cast<size_t>(g);
    first_column[t] = h.z_coefficients.size();
    h.parts.push_back({t, group});
    for (const E& value : proof.at_z[t][group]) {
      h.z_coefficients.push_back(power);
      h.constant_z += power * value;
      power *= gamma;
    }
  }
  const auto flat = [&](int tree, size_t table, unsigned i) {
    return first_column[static_cast<size_t>(tree)] + layout.range(tree, table).offset + i;
  };
  h.next_point = z * F::two_adic_root(h.log_height);
  for (size_t t = 0; t < layout.tables.size(); ++t) {
    if (layout.tables[t].log_height != h.log_height) continue;
    const ChipInfo& chip = shared.machine.chips[layout.tables[t].chip];
    if (!chip.air.uses_next()) continue;
    size_t k = 0;
    for (int tree : {layout.preprocessed_tree(chip), layout.main_tree, layout.form_tree}) {
      for (unsigned i = 0; i < layout.range(tree, t).width; ++i, ++k) {
        h.next.push_back({flat(tree, t, i), power});
        h.constant_next += power * proof.at_next[t][k];
        power *= gamma;
      }
    }
  }
  for (size_t t = 0; t < layout.tables.size(); ++t) {
    if (layout.tables[t].log_height != h.log_height) continue;
    E coefficient = power;
    const unsigned width = layout.range(layout.logup_tree, t).width;
    for (unsigned i = 0; i < E::DEGREE; ++i, coefficient *= E{{F::zero(), F::one()}})
      for (unsigned j = i; j < width; j += E::DEGREE) h.zero.push_back({flat(layout.logup_tree, t, j), coefficient});
    h.constant_zero += power * proof.bus_sums[t];
    power *= gamma * gamma;  // the table's second term, S itself, has coefficient power * gamma
  }
  for (size_t t = 0; t < layout.tables.size(); ++t) {
    if (layout.tables[t].log_height != h.log_height) continue;
    const auto add = [&](unsigned point, int tree, const E& anchor_gamma, const E& stated) {
      E coefficient = power;
      for (unsigned i = 0; i < layout.range(tree, t).width; ++i, coefficient *= anchor_gamma)
        h.anchor[point].push_back({flat(tree, t, i), coefficient});
      h.constant_anchor[point] += power * stated;
      power *= gamma;
    };
    add(0, layout.main_tree, shared.anchor_a.gamma, proof.main_anchors[t]);
    if (layout.has_forms()) add(1, layout.form_tree, shared.anchor_b.gamma, proof.form_anchors[t]);
  }
  return h;
}

/// The DEEP combination of one height at one opened row.
E evaluate_combination(const Shared& shared, const HeightCombination& h, std::span<const F> row, F x, const E& z,
                       const E& gamma) {
  E at_z = E::zero();
  for (size_t i = 0; i < row.size(); ++i) at_z += h.z_coefficients[i] * row[i];
  const auto sum = [&](const std::vector<HeightCombination::Indexed>& terms) {
    E r = E::zero();
    for (const auto& t : terms) r += t.coefficient * row[t.column];
    return r;
  };
  const E px = E::from_base(x);
  E g = (at_z - h.constant_z) * (px - z).inverse();
  const E bus_sum = sum(h.zero);
  g += (bus_sum - h.constant_zero) * x.inverse() + bus_sum * gamma;
  g += (sum(h.anchor[0]) - h.constant_anchor[0]) * (px - shared.anchor_a.z0).inverse();
  if (!h.anchor[1].empty()) g += (sum(h.anchor[1]) - h.constant_anchor[1]) * (px - shared.anchor_b.z0).inverse();
  if (!h.next.empty()) g += (sum(h.next) - h.constant_next) * (px - h.next_point).inverse();
  return g;
}

const char* check_shard(const Shared& shared, const Statement& statement, const ShardLayout& layout,
                        const ShardProof& proof, size_t shard, Transcript transcript) {
  transcript.absorb(proof.logup_root);
  transcript.absorb(std::span<const E>(proof.bus_sums));
  const E alpha = transcript.sample_ext();
  transcript.absorb(proof.quotient_root);
  const E z = transcript.sample_out_of_base();
  for (const auto& tree : proof.at_z)
    for (const auto& group : tree) transcript.absorb(std::span<const E>(group));
  for (const auto& table : proof.at_next) transcript.absorb(std::span<const E>(table));
  const E gamma = transcript.sample_ext();
  if (const char* error = check_constraints(shared, layout, proof, shard, alpha, z)) return error;

  std::vector<E> betas;
  for (const Digest& root : proof.fri_roots) {
    transcript.absorb(root);
    betas.push_back(transcript.sample_ext());
  }
  transcript.absorb(std::span<const E>(proof.final_polynomial));
  const Digest seed = transcript.state();
  if (!Suite::check_grind(seed, proof.grinding_nonce, shared.parameters.grinding_bits))
    return "the proof-of-work nonce does not have the required zero bits";
  transcript.absorb_u64(proof.grinding_nonce);
  const unsigned log_domain = layout.log_max_height + shared.parameters.log_blowup;
  std::vector<uint64_t> queries(shared.parameters.queries);
  for (uint64_t& q : queries) q = transcript.sample_bits(log_domain);

  // Trees: every opened row hashes up to its root.
  for (size_t t = 0; t < layout.trees.size(); ++t) {
    const TreeShape& tree = layout.trees[t];
    const TreeOpening& opening = proof.trees[t];
    if (opening.rows.size() != tree.groups.size()) return "wrong number of opened groups";
    std::vector<unsigned> log_heights;
    std::vector<std::vector<Digest>> digests;
    for (size_t g = 0; g < tree.groups.size(); ++g) {
      const unsigned width = tree.groups[g].width;
      const auto positions = opened_positions(queries, layout.log_max_height - tree.groups[g].log_height);
      if (opening.rows[g].size() != positions.size() * width) return "wrong number of opened rows";
      log_heights.push_back(tree.groups[g].log_height + shared.parameters.log_blowup);
      auto& out = digests.emplace_back();
      for (size_t i = 0; i < positions.size(); ++i)
        out.push_back(Suite::leaf(std::span<const F>(opening.rows[g]).subspan(i * width, width)));
    }
    Digest root = proof.main_root;
    for (size_t set = 0; set < layout.tree_of_set.size(); ++set)
      if (layout.tree_of_set[set] == static_cast<int>(t)) root = statement.preprocessed[set].root;
    if (static_cast<int>(t) == layout.form_tree) root = proof.form_root;
    if (static_cast<int>(t) == layout.logup_tree) root = proof.logup_root;
    if (static_cast<int>(t) == layout.quotient_tree) root = proof.quotient_root;
    const auto leaves = opened_positions(queries, layout.log_max_height - tree.groups[0].log_height);
    const std::vector<std::span<const Digest>> views(digests.begin(), digests.end());
    if (!verify_multi(root, log_heights, leaves, views, opening.siblings))
      return "an opened row does not belong to its commitment";
  }

  // DEEP combination of each height at each opened position.
  std::vector<std::vector<uint64_t>> positions;
  std::vector<std::vector<E>> combined;
  for (size_t k = 0; k < layout.heights.size(); ++k) {
    const HeightCombination h = combine(shared, layout, proof, k, gamma, z);
    positions.push_back(opened_positions(queries, layout.log_max_height - h.log_height));
    auto& values = combined.emplace_back();
    std::vector<F> row(h.z_coefficients.size());
    for (size_t i = 0; i < positions[k].size(); ++i) {
      size_t at = 0;
      for (const auto& [tree, group] : h.parts) {
        const unsigned width = layout.trees[tree].groups[group].width;
        const auto opened = std::span<const F>(proof.trees[tree].rows[group]).subspan(i * width, width);
        std::copy(opened.begin(), opened.end(), row.begin() + static_cast<std::ptrdiff_t>(at));
        at += width;
      }
      const F x = extension_point(h.log_height + shared.parameters.log_blowup, positions[k][i]);
      values.push_back(evaluate_combination(shared, h, row, x, z, gamma));
    }
  }

  // FRI: current[i] is the folded value at positions_now[i].
  std::vector<uint64_t> positions_now = positions[0];
  std::vector<E> current = combined[0];
  size_t next_height = 1;
  for (size_t f = 0; f < layout.folds.size(); ++f) {
    const FoldStep& step = layout.folds[f];
    const unsigned log_size = step.log_height_before + shared.parameters.log_blowup;
    const auto leaves = opened_positions(positions_now, step.log_arity);
    const size_t arity = size_t{1} << step.log_arity;
    const FriLayerOpening& opening = proof.fri[f];
    if (opening.values.size() != leaves.size() * arity) return "wrong number of opened FRI values";
    std::vector<Digest> digests;
    for (size_t i = 0; i < leaves.size(); ++i)
      digests.push_back(Suite::leaf(std::span<const F>(opening.values[i * arity].c, arity * E::DEGREE)));
    const unsigned log_leaves[] = {log_size - step.log_arity};
    const std::span<const Digest> views[] = {digests};
    if (!verify_multi(proof.fri_roots[f], log_leaves, leaves, views, opening.siblings))
      return "an opened FRI layer does not belong to its commitment";
    for (size_t i = 0; i < positions_now.size(); ++i) {
      const size_t leaf = index_of(leaves, positions_now[i] >> step.log_arity);
      if (opening.values[leaf * arity + (positions_now[i] & (arity - 1))] != current[i])
        return "a FRI layer disagrees with the one before it";
    }
    std::vector<E> folded(leaves.size());
    const E inject = betas[f].pow(uint64_t{1} << step.log_arity);
    for (size_t i = 0; i < leaves.size(); ++i) {
      folded[i] =
          fold_leaf(std::span<const E>(opening.values).subspan(i * arity, arity), log_size, leaves[i], betas[f]);
      if (step.injects) folded[i] += inject * combined[next_height][index_of(positions[next_height], leaves[i])];
    }
    if (step.injects) ++next_height;
    positions_now = leaves;
    current = std::move(folded);
  }
  for (size_t i = 0; i < positions_now.size(); ++i) {
    const F y = subgroup_point(MIN_LOG_HEIGHT + shared.parameters.log_blowup, positions_now[i]);
    E value = E::zero();
    for (size_t k = proof.final_polynomial.size(); k-- > 0;) value = value * y + proof.final_polynomial[k];
    if (value != current[i]) return "the final polynomial disagrees with the last FRI layer";
  }
  return nullptr;
}

}  // namespace

Verdict verify(const MachineDescription& machine, const Digest& machine_digest, const Statement& statement,
               const Proof& proof) {
  const Parameters& parameters = proof.parameters;
  if (parameters.log_blowup < 1 || parameters.log_blowup > MAX_LOG_BLOWUP) return {"unsupported blow-up factor"};
  if (parameters.queries == 0 || parameters.queries > MAX_QUERIES) return {"unsupported number of queries"};
  if (parameters.grinding_bits > MAX_GRINDING_BITS) return {"unsupported number of grinding bits"};
  if (proof.shards.empty() || proof.shards.size() > MAX_SHARDS) return {"unsupported number of shards"};

  std::vector<ShardLayout> layouts(proof.shards.size());
  bool any_forms = false;
  for (size_t i = 0; i < layouts.size(); ++i) {
    if (const char* error = make_layout(machine, statement.preprocessed, proof.shards[i].tables, layouts[i]))
      return {error, i};
    if (layouts[i].log_max_height + parameters.log_blowup > F::TWO_ADICITY) return {"a table is too tall", i};
    any_forms = any_forms || layouts[i].has_forms();
  }
  if (const char* error = check_shards(machine, layouts, statement.boundary_messages())) return {error};

  Shared shared{machine, parameters, {}, {}, any_forms, {}, {}};
  GlobalTranscript global(machine, machine_digest, parameters, statement, proof.shards.size());
  for (size_t i = 0; i < layouts.size(); ++i)
    if (const char* error = check_sizes(shared, layouts[i], proof.shards[i])) return {error, i};
  for (const ShardProof& s : proof.shards) global.absorb_main(s);
  shared.anchor_a = global.draw_anchor_challenges();
  for (const ShardProof& s : proof.shards) global.absorb_anchors(s.main_anchors);
  shared.accumulator_challenges.resize(machine.challenges());
  if (any_forms) {
    shared.accumulator_challenges = global.draw_accumulator_challenges();
    for (const ShardProof& s : proof.shards) global.absorb_form(s.form_root);
    shared.anchor_b = global.draw_anchor_challenges();
    for (const ShardProof& s : proof.shards) global.absorb_anchors(s.form_anchors);
  }
  shared.bus = global.draw_bus_challenges();

  bool ok = true;
  E total = boundary_sum(statement, shared.bus, ok);
  if (!ok) return {"a boundary message is malformed"};
  for (size_t i = 0; i < layouts.size(); ++i)
    for (size_t t = 0; t < layouts[i].tables.size(); ++t)
      total += proof.shards[i].bus_sums[t] * F::from(1u << layouts[i].tables[t].log_height);
  if (!total.is_zero()) return {"the buses do not balance"};

  for (size_t i = 0; i < layouts.size(); ++i)
    if (const char* error = check_shard(shared, statement, layouts[i], proof.shards[i], i, global.fork(i)))
      return {error, i};
  return {};
}

}  // namespace zkvm::stark
