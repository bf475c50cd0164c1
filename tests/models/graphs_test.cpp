// Networks at random, as guests on the machine: whatever the compiler writes compiles without warnings, computes what
// the graph's definition says, and costs what was predicted.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "guest-sdk/compiler/build.hpp"
#include "guest-sdk/compiler/cost.hpp"
#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/generate.hpp"
#include "guest-sdk/compiler/passes/optimise.hpp"
#include "guest-sdk/compiler/testing/random_graph.hpp"
#include "tests/cli/command.hpp"

namespace zkvm::tests {
namespace {

using compiler::testing::random_graph;
using compiler::testing::random_input;

constexpr const char* SDK = ZKVM_SOURCE "/guest-sdk";

compiler::Program program_of(const compiler::Graph& graph) {
  compiler::Program p = compiler::lower(compiler::optimise(graph));
  EXPECT_EQ(compiler::describe(p.problems), "");
  return p;
}

/// Compiles the program to NAME/guest.elf in the work place.
void build(const Workplace& at, const std::string& name, const compiler::Program& program) {
  compiler::GenerateOptions options;
  options.sdk = SDK;
  options.disclosure = {true, true};
  compiler::BuildOptions build;
  build.folder = at.path(name);
  build.sdk = SDK;
  build.runtime = ZKVM_BUILD "/guest-sdk";
  ASSERT_EQ(compiler::write_project(compiler::generate(program, options), build).message, "");
}

/// The output's part of the journal.
std::vector<uint8_t> run(const Workplace& at, const std::string& name, const std::vector<uint8_t>& input) {
  at.put("input", input);
  const Outcome o = at.zkvm("run " + name + "/guest.elf --input input --journal journal");
  EXPECT_EQ(o.status, 0) << o.err;
  std::vector<uint8_t> journal = at.get("journal");
  EXPECT_GE(journal.size(), 32U);
  journal.resize(journal.size() - std::min<size_t>(journal.size(), 32));
  return journal;
}

/// As a program for the host.
std::vector<uint8_t> run_natively(const Workplace& at, const std::string& name) {
  const Outcome o = at.shell("cd " + name + " && c++ -std=c++20 -O1 -I. -I'" + SDK + "/include' *.cpp *.S '" + SDK +
                             "/host/io.cpp' -o native && ZKVM_INPUT=../input ZKVM_JOURNAL=../journal ./native");
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  return at.get("journal");
}

/// Layers, a constant and a table too large to be compiled from text.
compiler::Graph large_graph() {
  compiler::testing::GraphBuilder b(1);
  const compiler::Shape shape{1, 64, 4096};
  const compiler::ValueId in = b.input({1, 64, 1024});
  compiler::Linear dense;
  dense.kind = compiler::Linear::Kind::FULLY_CONNECTED;
  for (int i = 0; i < 1024 * 256; ++i) dense.weights.push_back(static_cast<int8_t>(b.number(-2, 2)));
  dense.biases.assign(256, 7);
  dense.requantise.scales.assign(256, nn::quantize_multiplier(0.01));
  const compiler::ValueId y = b.node(std::move(dense), {in}, {1, 64, 256}, "DENSE");
  const compiler::ValueId sum = b.add(b.concat(std::vector<compiler::ValueId>(16, y), 2), b.constant(shape));
  b.output(b.pool(b.binary(sum, b.constant({1, 64, 1})), true));
  return b.graph;
}

TEST(Graphs, guests_compute_what_large_layers_and_constants_do) {
  const Workplace at;
  std::mt19937 random(3);
  const compiler::Graph graph = large_graph();
  const compiler::Program program = program_of(graph);
  build(at, "net", program);
  EXPECT_GT(at.get("net/layers.S").size(), 0U);
  const std::vector<uint8_t> input = random_input(graph, random);
  EXPECT_EQ(run(at, "net", input), compiler::evaluate(graph, input));
}

TEST(Graphs, guests_are_programs_for_the_host_with_the_same_journal) {
  const Workplace at;
  std::mt19937 random(4);
  for (uint32_t seed = 200; seed < 206; ++seed) {
    const compiler::Graph graph = random_graph(seed, true);
    const std::string name = "net" + std::to_string(seed);
    build(at, name, program_of(graph));
    run(at, name, random_input(graph, random));
    const std::vector<uint8_t> journal = at.get("journal");
    EXPECT_EQ(run_natively(at, name), journal) << "seed " << seed;
  }
}

TEST(Graphs, guests_compute_what_random_graphs_do) {
  const Workplace at;
  std::mt19937 random(1);
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const compiler::Graph graph = random_graph(seed, seed % 4 == 0);
    const std::string name = "net" + std::to_string(seed);
    build(at, name, program_of(graph));
    for (int round = 0; round < 2; ++round) {
      const std::vector<uint8_t> input = random_input(graph, random);
      ASSERT_EQ(run(at, name, input), compiler::evaluate(graph, input)) << "seed " << seed;
    }
  }
}

void expect_near(double predicted, double measured, double part, const char* what, uint32_t seed) {
  EXPECT_LT(std::abs(predicted - measured), part * measured)
      << what << " of seed " << seed << ": " << predicted << " predicted, " << measured << " measured";
}

TEST(Graphs, cells_of_proofs_are_predicted_within_a_tenth_and_memory_within_a_third) {
  const Workplace at;
  std::mt19937 random(2);
  for (uint32_t seed = 100; seed < 120; ++seed) {
    const compiler::Graph graph = random_graph(seed, seed % 2 == 0);
    const compiler::Program program = program_of(graph);
    const std::string name = "net" + std::to_string(seed);
    build(at, name, program);
    at.put("input", random_input(graph, random));
    const Outcome o = at.zkvm("run --prove " + name + "/guest.elf --input input -o receipt --json");
    ASSERT_EQ(o.status, 0) << o.err;
    const auto measured = nlohmann::json::parse(o.out);
    const compiler::Cost cost = compiler::predict(program);
    expect_near(static_cast<double>(cost.cells), measured["committed_cells"].get<double>(), 0.1, "cells", seed);
    expect_near(static_cast<double>(cost.peak_bytes), measured["peak_rss_bytes"].get<double>(), 0.35, "memory", seed);
  }
}

}  // namespace
}  // namespace zkvm::tests
