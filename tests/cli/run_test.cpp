// zkvm run, image-id and disasm on guests that work.
#include <gtest/gtest.h>

#include <chrono>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli/command.hpp"
#include "tests/nn/layers.hpp"
#include "tests/support/small_guests.hpp"
#include "vm/cli/status.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::tests {
namespace {

using vm::cli::Status;
using Json = nlohmann::json;

class Run : public testing::Test {
 protected:
  Run() {
    w.put("guest.elf", counting_guest().build());
    w.put("seven.elf", counting_guest(7).build());
    w.put("trap.elf", trapping_guest().build());
    w.put("endless.elf", endless_guest().build());
    w.put("loop.elf", looping_guest(4096 * 50).build());
    w.put("input", COUNTING_INPUT);
  }
  Workplace w;
};

/// The fields that scripts may count on, in every kind of run.
const std::set<std::string> FIELDS = {"cycles",         "execute_seconds", "prove_seconds",   "cycles_per_second",
                                      "peak_rss_bytes", "shards",          "committed_cells", "receipt_bytes",
                                      "security_bits",  "exit_code",       "journal_hex",     "image_id"};

void expect_fields(const Json& object) {
  for (const std::string& field : FIELDS) EXPECT_TRUE(object.contains(field)) << field;
}

TEST_F(Run, shows_the_guests_output_and_writes_the_journal) {
  const Outcome outcome = w.zkvm("run guest.elf --input input --journal out");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, GREETING);
  EXPECT_NE(outcome.err.find("exit code 0"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("2a000000"), std::string::npos) << outcome.err;
  EXPECT_EQ(w.get("out"), COUNTING_JOURNAL);
}

TEST_F(Run, plain_runs_are_described_in_json) {
  const Outcome outcome = w.zkvm("run --json guest.elf --input input");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, GREETING);
  const Json object = Json::parse(outcome.out);
  expect_fields(object);
  EXPECT_EQ(object["cycles"], 15);
  EXPECT_EQ(object["exit_code"], 0);
  EXPECT_EQ(object["journal_hex"], "2a000000");
  EXPECT_EQ(object["image_id"].get<std::string>().size(), 64u);
  EXPECT_TRUE(object["prove_seconds"].is_null());
  EXPECT_TRUE(object["receipt_bytes"].is_null());
  EXPECT_GT(object["peak_rss_bytes"], 1'000'000);
}

TEST_F(Run, a_guest_that_fails_is_reported_by_exit_code_and_message) {
  Outcome outcome = w.zkvm("run seven.elf --journal out");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::GUEST_EXIT));
  EXPECT_NE(outcome.err.find("exit code 7"), std::string::npos) << outcome.err;
  EXPECT_TRUE(w.has("out"));

  for (const char* how : {"run trap.elf --journal none", "run --prove trap.elf -o none"}) {
    outcome = w.zkvm(how);
    EXPECT_EQ(outcome.status, static_cast<int>(Status::GUEST_TRAP)) << how;
    EXPECT_NE(outcome.err.find("0x00010004"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("_start+0x4"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("ebreak"), std::string::npos) << outcome.err;
    EXPECT_FALSE(w.has("none"));
  }
  for (const char* how :
       {"run endless.elf --max-cycles 1000 --journal none", "run --prove endless.elf --max-cycles 1000 -o none"}) {
    outcome = w.zkvm(how);
    EXPECT_EQ(outcome.status, static_cast<int>(Status::GUEST_CYCLE_LIMIT)) << how << outcome.err;
    EXPECT_FALSE(w.has("none"));
  }
  const Json object = Json::parse(w.zkvm("run --json trap.elf").out);
  EXPECT_EQ(object["error"]["class"], "guest failed");
}

/// Forty million cycles take 0.1 s to run and half a minute to prove.
TEST_F(Run, what_cannot_be_proved_is_known_when_it_has_run) {
  w.put("late.elf", loop_and_trap_guest(20'000 * 1024).build());
  w.put("talkative.elf", writing_guest((17u << 20) / 4).build());
  const struct {
    const char* arguments;
    Status status;
    const char* words;
  } CASES[] = {
      {"late.elf", Status::GUEST_TRAP, "ebreak"},
      {"endless.elf --max-cycles 90000000", Status::GUEST_CYCLE_LIMIT, "within 90000000 cycles"},
      {"endless.elf", Status::GUEST_CYCLE_LIMIT, "all that can be proved"},
      {"talkative.elf", Status::REQUEST, "expected at most 16777216 bytes, found 17825792"},
  };
  for (const auto& c : CASES) {
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = w.zkvm("run --prove -o none " + std::string(c.arguments));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(outcome.status, static_cast<int>(c.status)) << c.arguments << outcome.err;
    EXPECT_NE(outcome.err.find(c.words), std::string::npos) << outcome.err;
    EXPECT_LT(seconds.count(), 6) << c.arguments;
    EXPECT_FALSE(w.has("none"));
  }
}

/// Address space is reserved as it is needed, not by powers of two that leave nothing for others.
TEST_F(Run, proves_within_an_address_space_limit) {
  for (const int gib : {2, 3, 5, 9, 17}) {
    const Outcome outcome = w.shell("ulimit -v " + std::to_string(gib << 20) +
                                    "; \"$ZKVM\" run --prove guest.elf --input input -o small.receipt --security 40");
    EXPECT_EQ(outcome.status, 0) << gib << " GiB: " << outcome.err;
  }
  const Outcome outcome = w.shell("ulimit -v 600000; \"$ZKVM\" run --prove guest.elf --input input -o none");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::INTERNAL)) << outcome.err;
  EXPECT_NE(outcome.err.find("ulimit -v"), std::string::npos) << outcome.err;
}

TEST_F(Run, a_dash_is_standard_input_and_output) {
  const auto bytes = [](const std::string& text) { return std::vector<uint8_t>(text.begin(), text.end()); };
  Outcome outcome = w.shell("\"$ZKVM\" run guest.elf --input - --journal - <input");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(bytes(outcome.out), COUNTING_JOURNAL);  // the guest's greeting has made room
  EXPECT_NE(outcome.err.find(GREETING), std::string::npos) << outcome.err;
  outcome = w.shell("\"$ZKVM\" run - --input input <guest.elf");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  outcome =
      w.shell("\"$ZKVM\" run --prove guest.elf --input input -o - | \"$ZKVM\" verify - --elf guest.elf --journal -");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(bytes(outcome.out), COUNTING_JOURNAL);
  for (const char* arguments : {"run - --input -", "run --json guest.elf --journal -",
                                "run --prove guest.elf -o - --journal -", "verify - --elf -"})
    EXPECT_EQ(w.zkvm(arguments).status, static_cast<int>(Status::USAGE)) << arguments;
  EXPECT_FALSE(w.has("-"));
}

TEST_F(Run, a_file_that_may_not_grow_is_an_error_and_leaves_nothing) {
  const auto before = w.listing();
  const Outcome outcome = w.shell("ulimit -f 40; \"$ZKVM\" run --prove guest.elf --input input -o large.receipt");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::FILE)) << outcome.err;
  EXPECT_NE(outcome.err.find("File too large"), std::string::npos) << outcome.err;
  EXPECT_EQ(w.listing(), before);
}

TEST_F(Run, a_long_run_shows_a_sign_of_life_on_a_terminal_only) {
  Outcome outcome =
      w.shell("TERM=xterm script -qec '\"'\"$ZKVM\"'\" run endless.elf --max-cycles 900000000' /dev/null");
  EXPECT_NE((outcome.out + outcome.err).find("running: "), std::string::npos) << outcome.out;
  outcome = w.zkvm("run endless.elf --max-cycles 900000000");
  EXPECT_EQ((outcome.out + outcome.err).find("running: "), std::string::npos) << outcome.err;
}

TEST_F(Run, the_cycle_limit_is_exact) {
  EXPECT_EQ(w.zkvm("run guest.elf --max-cycles 14").status, 0);
  EXPECT_EQ(w.zkvm("run guest.elf --max-cycles 13").status, static_cast<int>(Status::GUEST_CYCLE_LIMIT));
}

TEST_F(Run, stats_add_the_rate) {
  const Outcome outcome = w.zkvm("run --stats loop.elf");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.err.find("409,605 cycles"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("Hz"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("peak memory"), std::string::npos) << outcome.err;
}

TEST_F(Run, profiles_are_collapsed_stacks) {
  const Outcome outcome = w.zkvm("run --profile stacks loop.elf");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto text = w.get("stacks");
  EXPECT_EQ(std::string(text.begin(), text.end()), "_start 409605\n");
  EXPECT_NE(outcome.err.find("100.0%       409,605  _start"), std::string::npos) << outcome.err;
}

/// A layer called once: cycles and cells of the call have a frame of their own.
TEST_F(Run, layers_are_attributed) {
  tests::Random random(1);
  const tests::OneLayer l = tests::one_layer(random, ZKVM_NN_TABLE, 1);
  w.put("layer.elf", tests::layer_elf({l.layer}, l.calls, l.memory));
  const Outcome cycles = w.zkvm("run --profile stacks layer.elf");
  EXPECT_EQ(cycles.status, 0) << cycles.err;
  auto text = w.get("stacks");
  EXPECT_NE(std::string(text.begin(), text.end()).find(";[layer 0x60000000] 2\n"), std::string::npos)
      << std::string(text.begin(), text.end());
  const Outcome cells = w.zkvm("run --profile stacks --profile-unit cells layer.elf");
  EXPECT_EQ(cells.status, 0) << cells.err;
  text = w.get("stacks");
  const uint64_t call = vm::cells_of_call(l.program.rom->layers()[0]);
  EXPECT_NE(std::string(text.begin(), text.end()).find(";[layer 0x60000000] " + std::to_string(call) + "\n"),
            std::string::npos)
      << std::string(text.begin(), text.end());
  const Outcome stats = w.zkvm("run --stats layer.elf");
  EXPECT_NE(stats.err.find("[layer 0x60000000]"), std::string::npos) << stats.err;
  EXPECT_EQ(w.zkvm("run --profile-unit cells layer.elf").status, static_cast<int>(vm::cli::Status::USAGE));
  EXPECT_EQ(w.zkvm("run --profile stacks --profile-unit acres layer.elf").status,
            static_cast<int>(vm::cli::Status::USAGE));

  // What was proved is the estimate and padding.
  const Outcome proved = w.zkvm("run --prove --stats --json --security 40 layer.elf");
  ASSERT_EQ(proved.status, 0) << proved.err;
  const auto object = nlohmann::json::parse(proved.out);
  ASSERT_EQ(object.at("layers").size(), 1u);
  EXPECT_EQ(object.at("layers")[0].at("calls"), 1);
  EXPECT_EQ(object.at("layers")[0].at("cells"), call);
  uint64_t total = 0;
  for (const auto& chip : object.at("chips")) {
    EXPECT_LE(chip.at("rows"), chip.at("padded_rows"));
    total += chip.at("cells").get<uint64_t>();
  }
  EXPECT_GE(total, call);
  EXPECT_EQ(total + object.at("preprocessed_cells").get<uint64_t>(), object.at("committed_cells").get<uint64_t>());
}

TEST_F(Run, progress_and_escapes_appear_only_on_a_terminal) {
  const Outcome outcome = w.zkvm("run --prove --security 40 guest.elf -o out.receipt");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err.find('\r'), std::string::npos);
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
}

TEST_F(Run, the_receipt_is_named_after_the_guest_by_default) {
  const Outcome outcome = w.zkvm("run --prove --security 40 guest.elf");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(w.has("guest.receipt"));
}

TEST_F(Run, a_proved_failure_has_a_receipt) {
  const Outcome outcome = w.zkvm("run --prove --security 40 seven.elf --journal out");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::GUEST_EXIT)) << outcome.err;
  EXPECT_TRUE(w.has("seven.receipt"));
  EXPECT_TRUE(w.has("out"));
  const Outcome verified = w.zkvm("verify --min-security 40 seven.receipt --elf seven.elf");
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_NE(verified.out.find("exit code 7"), std::string::npos) << verified.out;
}

TEST_F(Run, proved_runs_are_described_in_json) {
  const Outcome outcome = w.zkvm("run --json --prove --threads 1 --memory 2G guest.elf --input input");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const Json object = Json::parse(outcome.out);
  expect_fields(object);
  for (const std::string& field : FIELDS) EXPECT_FALSE(object[field].is_null()) << field;
  EXPECT_EQ(object["cycles"], 15);
  EXPECT_EQ(object["shards"], 1);
  EXPECT_GE(object["security_bits"], 128);
  EXPECT_EQ(object["receipt_bytes"], w.get("guest.receipt").size());
  EXPECT_EQ(object["journal_hex"], "2a000000");
  EXPECT_EQ(object["image_id"].get<std::string>() + "\n", w.zkvm("image-id guest.elf").out);
  EXPECT_EQ(outcome.err, GREETING);
}

TEST_F(Run, the_image_id_depends_on_the_program_alone) {
  const std::string id = w.zkvm("image-id guest.elf").out;
  EXPECT_EQ(id.size(), 65u);
  EXPECT_EQ(id, w.zkvm("image-id guest.elf").out);
  vm::ElfBuilder stripped = counting_guest();
  stripped.functions.clear();
  w.put("stripped.elf", stripped.build());
  EXPECT_EQ(id, w.zkvm("image-id stripped.elf").out);
  EXPECT_NE(id, w.zkvm("image-id seven.elf").out);
}

TEST_F(Run, disassembly_has_addresses_words_and_symbols) {
  const Outcome outcome = w.zkvm("disasm trap.elf");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.out.find("00010000 <_start>:\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("00010000:  00100513  "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("00010004:  00100073  ebreak"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("traps"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace zkvm::tests
