#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "tests/cli/command.hpp"
#include "vm/cli/status.hpp"

namespace zkvm::tests {
namespace {

using vm::cli::Status;

TEST(Help, every_command_has_one) {
  const Workplace w;
  EXPECT_EQ(w.zkvm("--help").status, 0);
  for (const char* command : {"run", "verify", "image-id", "inspect", "disasm", "security"}) {
    EXPECT_NE(w.zkvm("--help").out.find(std::string("\n  ") + command), std::string::npos) << command;
    const Outcome help = w.zkvm(std::string(command) + " --help");
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_NE(help.out.find("Usage: zkvm " + std::string(command)), std::string::npos) << help.out;
    EXPECT_EQ(help.err, "");
  }
}

TEST(Help, names_every_option) {
  const Workplace w;
  const std::string run = w.zkvm("run --help").out, verify = w.zkvm("verify --help").out;
  for (const char* option :
       {"--input", "--prove", "--output", "-o", "--journal", "--profile", "--stats", "--json", "--memory", "--threads",
        "--security", "--max-cycles", "--resize", "--mean", "--std", "--salt", "--labels"})
    EXPECT_NE(run.find(option), std::string::npos) << option;
  for (const char* option :
       {"--image-id", "--elf", "--min-security", "--journal", "--open", "--salt", "--labels", "--resize"})
    EXPECT_NE(verify.find(option), std::string::npos) << option;
}

/// Every exit code stands in --help and in vm/README.md, with its meaning.
TEST(Help, exit_codes_are_documented) {
  const Workplace w;
  const std::string help = w.zkvm("--help").out;
  std::ifstream file(ZKVM_SOURCE "/vm/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  for (const vm::cli::StatusInfo& info : vm::cli::all_statuses()) {
    std::string number = std::to_string(static_cast<int>(info.status));
    EXPECT_NE(readme.find(std::string("| ").append(number).append(" | ") + info.meaning + " |"), std::string::npos)
        << number << info.meaning;
    if (number.size() == 1) number.insert(0, 1, ' ');
    EXPECT_NE(help.find(std::string("  ").append(number).append("  ") + info.meaning + "\n"), std::string::npos)
        << number << info.meaning;
  }
}

TEST(Help, version_is_one_line) {
  const Outcome version = Workplace().zkvm("--version");
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.out.starts_with("zkvm ")) << version.out;
  EXPECT_NE(version.out.find("receipt format 3"), std::string::npos) << version.out;
  EXPECT_EQ(std::count(version.out.begin(), version.out.end(), '\n'), 1);
}

TEST(Usage, wrong_command_lines_have_their_own_exit_code) {
  const Workplace w;
  const std::string id(64, '0');
  for (const std::string& arguments :
       std::vector<std::string>{"",
                                "frobnicate",
                                "run",
                                "run guest.elf --frobnicate",
                                "run guest.elf extra.elf",
                                "run ''",
                                "run guest.elf --memory",
                                "run guest.elf --memory 8X",
                                "run guest.elf --memory -1G",
                                "run guest.elf --threads 0",
                                "run guest.elf --threads many",
                                "run guest.elf --max-cycles 0",
                                "run guest.elf --max-cycles -1",
                                "run guest.elf --prove --security nan",
                                "run guest.elf --prove --security inf",
                                "run guest.elf --prove --security 0",
                                "run guest.elf --prove --security -128",
                                "run guest.elf -o receipt",
                                "run guest.elf --prove --profile stacks",
                                "verify",
                                "verify receipt",
                                "verify receipt --image-id " + id + " --elf guest.elf",
                                "verify receipt --image-id 12ab",
                                "verify receipt --image-id " + std::string(64, 'g'),
                                "verify receipt --image-id " + id + "0",
                                "verify receipt --image-id " + id + " --min-security nan",
                                "image-id",
                                "inspect",
                                "disasm"}) {
    const Outcome outcome = w.zkvm(arguments);
    EXPECT_EQ(outcome.status, static_cast<int>(Status::USAGE)) << arguments << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << arguments;
    EXPECT_NE(outcome.err, "") << arguments;
  }
  EXPECT_TRUE(w.listing().empty());
}

TEST(Usage, an_unknown_command_is_named_and_the_known_ones_are_listed) {
  const Outcome outcome = Workplace().zkvm("frobnicate --json");
  EXPECT_NE(outcome.err.find("expected a command (run, verify, "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("found 'frobnicate'"), std::string::npos) << outcome.err;
}

TEST(Usage, json_is_one_object_for_wrong_command_lines_too) {
  const Workplace w;
  for (const char* arguments :
       {"frobnicate --json", "run --json", "run guest.elf --json --memory 8X", "verify --json receipt",
        "compile --json", "model --json", "inspect --json", "run a b --json"}) {
    const Outcome outcome = w.zkvm(arguments);
    EXPECT_EQ(outcome.status, static_cast<int>(Status::USAGE)) << arguments;
    const auto object = nlohmann::json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(object.is_object()) << arguments << outcome.out;
    EXPECT_EQ(object["schema_version"], 1);
    EXPECT_EQ(object["error"]["status"], static_cast<int>(Status::USAGE));
    EXPECT_EQ(object["error"]["class"], "usage");
    EXPECT_FALSE(object["error"]["message"].get<std::string>().empty());
  }
}

/// verify's help says nothing of what run does, and every file has a description.
TEST(Help, of_a_command_is_its_own) {
  const std::string verify = Workplace().zkvm("verify --help").out;
  for (const char* words : {"run draws", "that run takes"}) EXPECT_EQ(verify.find(words), std::string::npos) << words;
  for (const char* command : {"model", "image-id", "inspect", "disasm"}) {
    const std::string help = Workplace().zkvm(std::string(command) + " --help").out;
    const size_t at = help.find("REQUIRED");
    ASSERT_NE(at, std::string::npos) << help;
    EXPECT_NE(help.substr(at + 8, 60).find_first_not_of(" "), help.substr(at + 8, 60).find('\n')) << help;
  }
}

}  // namespace
}  // namespace zkvm::tests
