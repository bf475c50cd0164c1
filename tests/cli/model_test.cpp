// zkvm run and verify on guests with a description of their model: input files, outputs for people, openings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "guest-sdk/compiler/borders/output.hpp"
#include "tests/cli/command.hpp"
#include "tests/cli/model_guest.hpp"
#include "vm/cli/status.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::tests {
namespace {

using vm::cli::Status;
using Json = nlohmann::json;
using Bytes = std::vector<uint8_t>;

/// int8 elements; as pixels of an image, each 128 more.
const Bytes TENSOR = {0x82, 0x7f, 0, 0x84, 5, 6, 7, 8, 9, 10, 11, 12};
const std::string TENSOR_HEX = "827f0084";
const Bytes SALT(32, 0xa5);
const std::string SALT_HEX = vm::to_hex(SALT);

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// A .npy file of shape (2, 2, 3) of the numbers that TENSOR stands for.
std::string npy_of_tensor() {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3), }";
  std::string file = std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header;
  for (const float x : compiler::dequantise(tiny_model({}).inputs[0], TENSOR)) {
    char bytes[sizeof x];
    std::memcpy(bytes, &x, sizeof x);
    file.append(bytes, sizeof bytes);
  }
  return file;
}

std::string commitment() {
  compiler::Salt salt;
  std::copy(SALT.begin(), SALT.end(), salt.begin());
  return vm::to_hex(compiler::digest(TENSOR, salt));
}
std::string digest() { return vm::to_hex(compiler::digest(TENSOR, std::nullopt)); }

void expect_refused(const Outcome& outcome, Status status, const std::string& about) {
  EXPECT_EQ(outcome.status, static_cast<int>(status)) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("expected"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("found"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(about), std::string::npos) << outcome.err;
}
void expect_text(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

/// Receipts are proved once, with the least security that lets a proof be called one: it is not what is tested here.
class Models : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    place_ = std::make_unique<Workplace>();
    w().put("hidden.elf", model_guest({false, true}).build());
    w().put("open.elf", model_guest({true, true}).build());
    w().put("secret.elf", model_guest({false, false}).build());
    w().put("failing.elf", model_guest({true, true}, 3).build());
    vm::ElfBuilder plain = model_guest({true, true});
    plain.model.clear();
    w().put("plain.elf", plain.build());
    plain.model = "{";
    w().put("damaged.elf", plain.build());
    plain.model = compiler::to_json(tiny_model({false, false}));
    w().put("lying.elf", plain.build());

    w().put("raw.bin", TENSOR);
    w().put("salted.bin", TENSOR + SALT);
    w().put("array.npy", npy_of_tensor());
    Bytes other = TENSOR;
    other.back() ^= 1;
    w().put("other.bin", other);
    w().put("labels", "first\nsecond\nthird\nfourth\n");
    std::ifstream png(ZKVM_SOURCE "/guest-sdk/compiler/borders/samples/color.png", std::ios::binary);
    w().put("color.png", Bytes{std::istreambuf_iterator<char>(png), {}});
    for (const char* name : {"hidden", "open"}) {
      const std::string guest = name;
      const Outcome proved = w().zkvm("run --prove --security 60 " + guest + ".elf --input raw.bin -o " + guest +
                                      ".receipt" + (guest == "hidden" ? " --salt " + SALT_HEX : ""));
      ASSERT_EQ(proved.status, 0) << proved.err;
    }
  }
  static void TearDownTestSuite() { place_.reset(); }
  static Workplace& w() { return *place_; }
  static Outcome verify(const std::string& arguments) { return w().zkvm("verify --min-security 60 " + arguments); }

 private:
  static inline std::unique_ptr<Workplace> place_;
};

TEST_F(Models, every_form_of_the_same_input_gives_the_same_journal) {
  const std::string salt = " --salt " + SALT_HEX;
  for (const std::string& input : {"raw.bin" + salt, std::string("salted.bin"), "array.npy" + salt}) {
    const Json object = Json::parse(w().zkvm("run --json hidden.elf --input " + input).out);
    EXPECT_EQ(object["journal_hex"], TENSOR_HEX + commitment()) << input;
    EXPECT_EQ(object["salt_hex"], SALT_HEX);
    EXPECT_EQ(object["model"]["input_commitment"], commitment());
    EXPECT_TRUE(object["model"].at("input_digest").is_null());
  }
  for (const char* input : {"raw.bin", "array.npy"}) {
    const Json object = Json::parse(w().zkvm(std::string("run --json open.elf --input ") + input).out);
    EXPECT_EQ(object["journal_hex"], TENSOR_HEX + digest());
    EXPECT_TRUE(object.at("salt_hex").is_null());
    EXPECT_EQ(object["model"]["input_digest"], digest());
  }
}

TEST_F(Models, images_are_scaled_and_quantised) {
  const Outcome outcome = w().zkvm("run --json open.elf --input color.png --resize");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(Json::parse(outcome.out)["model"]["outputs"][0]["values"].size(), 4u);
  const Outcome dark = w().zkvm("run --json open.elf --input color.png --resize --mean 9 --std 0.5,1,2");
  EXPECT_EQ(Json::parse(dark.out)["journal_hex"].get<std::string>().substr(0, 8), "80808080") << dark.err;
}

TEST_F(Models, a_fresh_salt_is_drawn_for_each_run_and_shown) {
  const Json first = Json::parse(w().zkvm("run --json hidden.elf --input raw.bin").out);
  const Json second = Json::parse(w().zkvm("run --json hidden.elf --input raw.bin").out);
  EXPECT_EQ(first["salt_hex"].get<std::string>().size(), 64u);
  EXPECT_NE(first["salt_hex"], second["salt_hex"]);
  EXPECT_NE(first["journal_hex"], second["journal_hex"]);
  const Outcome shown = w().zkvm("run hidden.elf --input salted.bin");
  expect_text(shown.err, "  salt          " + SALT_HEX);
  const Json again =
      Json::parse(w().zkvm("run --json hidden.elf --input raw.bin --salt " + first["salt_hex"].get<std::string>()).out);
  EXPECT_EQ(again["journal_hex"], first["journal_hex"]);
}

TEST_F(Models, outputs_are_shown_as_numbers_and_classes_in_every_kind_of_run) {
  for (const char* how : {"", " --stats", " --prove --security 60 -o shown.receipt"}) {
    const Outcome outcome = w().zkvm("run open.elf --input raw.bin --labels labels" + std::string(how));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_text(outcome.err, "  journal       36 bytes: " + TENSOR_HEX);
    expect_text(outcome.err, "  output        scores, int8 [1, 4]: 0 126.5 63 1\n");
    expect_text(outcome.err, "  classes       second 126.5, third 63, fourth 1, first 0\n");
    expect_text(outcome.err, "  input         SHA-256(input) " + digest() + "\n");
    EXPECT_EQ(outcome.err.find("salt"), std::string::npos) << outcome.err;
  }
  const Json object = Json::parse(w().zkvm("run --json open.elf --input raw.bin --labels labels").out);
  const Json& output = object["model"]["outputs"][0];
  EXPECT_EQ(output["values"], Json({0, 126.5, 63, 1}));
  EXPECT_EQ(output["classes"][0], Json({{"index", 1}, {"label", "second"}, {"value", 126.5}}));
  EXPECT_EQ(object["model"]["public"], Json({"input", "output"}));
}

TEST_F(Models, a_hidden_output_is_a_commitment) {
  const Outcome outcome = w().zkvm("run secret.elf --input salted.bin");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  expect_text(outcome.err, "  output        hidden: SHA-256(salt, output) ");
  expect_text(outcome.err, "  input         SHA-256(salt, input) " + commitment());
  const Json object = Json::parse(w().zkvm("run --json secret.elf --input salted.bin").out);
  EXPECT_TRUE(object["model"].at("outputs").is_null());
  EXPECT_EQ(object["model"]["output_commitment"].get<std::string>().size(), 64u);
  expect_refused(w().zkvm("run secret.elf --input raw.bin --labels labels"), Status::USAGE, "public");
}

TEST_F(Models, verify_shows_what_run_showed) {
  const Outcome outcome = verify("open.receipt --elf open.elf --labels labels");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  expect_text(outcome.out, "  journal     36 bytes: " + TENSOR_HEX);
  expect_text(outcome.out, "  output      scores, int8 [1, 4]: 0 126.5 63 1\n");
  expect_text(outcome.out, "  classes     second 126.5, third 63, fourth 1, first 0\n");
  const Json object = Json::parse(verify("open.receipt --json --elf open.elf").out);
  EXPECT_EQ(object["model"]["input_digest"], digest());
  EXPECT_TRUE(object.at("opened").is_null());
  // The image ID alone says nothing of how the journal is to be read.
  const std::string id = w().zkvm("image-id open.elf").out.substr(0, 64);
  EXPECT_TRUE(Json::parse(verify("open.receipt --json --image-id " + id).out).at("model").is_null());
}

TEST_F(Models, verify_opens_a_digest_and_a_commitment) {
  for (const std::string& arguments : {std::string("open.receipt --elf open.elf --open raw.bin"),
                                       std::string("open.receipt --elf open.elf --open array.npy"),
                                       std::string("hidden.receipt --elf hidden.elf --open salted.bin"),
                                       "hidden.receipt --elf hidden.elf --open array.npy --salt " + SALT_HEX}) {
    const Outcome outcome = verify(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_text(outcome.out, " is the input: its SHA-256(");
    EXPECT_EQ(Json::parse(verify("--json " + arguments).out)["opened"], true);
  }
}

TEST_F(Models, another_input_or_salt_is_not_opened_and_leaves_no_journal) {
  const auto before = w().listing();
  const std::string hidden = "hidden.receipt --elf hidden.elf --journal none --open ", zeros(64, '0');
  expect_refused(verify("open.receipt --elf open.elf --journal none --open other.bin"), Status::OPENING,
                 "'other.bin' is not the input of this receipt: expected SHA-256(input) " + digest());
  expect_refused(verify(hidden + "other.bin --salt " + SALT_HEX), Status::OPENING, commitment());
  expect_refused(verify(hidden + "raw.bin --salt " + zeros), Status::OPENING, commitment());
  expect_refused(verify(hidden + "raw.bin"), Status::USAGE, "expected --salt");
  expect_refused(verify("open.receipt --elf plain.elf --open raw.bin"), Status::USAGE, "describes its model");
  EXPECT_EQ(verify("open.receipt --open raw.bin --image-id " + zeros).status, static_cast<int>(Status::USAGE));
  EXPECT_EQ(w().listing(), before);
}

/// The description is no part of the program: a wrong one changes what is shown, never the verdict or the bytes.
TEST_F(Models, the_description_is_not_part_of_the_image_id) {
  const std::string id = w().zkvm("image-id open.elf").out;
  for (const char* guest : {"plain.elf", "damaged.elf", "lying.elf"}) {
    EXPECT_EQ(w().zkvm(std::string("image-id ") + guest).out, id);
    const Outcome outcome = verify(std::string("open.receipt --elf ") + guest);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    expect_text(outcome.out, "36 bytes: " + TENSOR_HEX);
    EXPECT_EQ(outcome.out.find("scores"), std::string::npos) << outcome.out;
  }
  expect_text(verify("open.receipt --elf lying.elf").out, "expected a journal of 64 bytes from tiny, found 36");
  expect_refused(verify("open.receipt --elf lying.elf --open salted.bin"), Status::OPENING, "36 bytes");
}

TEST_F(Models, guests_without_a_description_read_bytes_as_they_are) {
  for (const char* guest : {"plain.elf", "damaged.elf"}) {
    const Json object = Json::parse(w().zkvm(std::string("run --json ") + guest + " --input raw.bin").out);
    EXPECT_EQ(object["journal_hex"], TENSOR_HEX + digest());
    EXPECT_TRUE(object.at("model").is_null());
    EXPECT_TRUE(object.at("salt_hex").is_null());
    const std::string run = std::string("run ") + guest + " --input raw.bin ";
    for (const std::string& option : {std::string("--resize"), std::string("--mean 1"), std::string("--std 1"),
                                      std::string("--labels labels"), "--salt " + SALT_HEX})
      expect_refused(w().zkvm(run + option), Status::USAGE, option.substr(0, option.find(' ')));
    expect_refused(w().zkvm(run + "--input raw.bin"), Status::USAGE, "expected one --input, found 2");
  }
}

TEST_F(Models, a_guest_that_fails_shows_no_output) {
  const Outcome outcome = w().zkvm("run failing.elf --input raw.bin");
  EXPECT_EQ(outcome.status, static_cast<int>(Status::GUEST_EXIT));
  EXPECT_EQ(outcome.err.find("scores"), std::string::npos) << outcome.err;
}

TEST_F(Models, bad_inputs_and_labels_are_refused_before_the_run) {
  w().put("short.bin", Bytes(11));
  w().put("three", "a\nb\nc\n");
  w().put("broken.png", Bytes{0x89, 'P', 'N', 'G'});
  const auto before = w().listing();
  const auto refused = [&](const std::string& arguments, Status status, const std::string& about) {
    expect_refused(w().zkvm("run --prove hidden.elf -o none " + arguments), status, about);
  };
  refused(
      "--input short.bin", Status::MODEL_INPUT,
      "'short.bin': expected 12 bytes (int8 [1, 2, 2, 3]), or 44 with the salt, a .npy, PNG or JPEG file, found 11");
  refused("--input color.png", Status::MODEL_INPUT,
          "expected an image of 2 x 2 pixels (width x height), found 17 x 13");
  refused("--input broken.png", Status::MODEL_INPUT, "other first bytes");
  refused("--input raw.bin --input raw.bin", Status::MODEL_INPUT, "expected 1 input");
  refused("--input raw.bin --labels three", Status::MODEL_INPUT, "expected 4");
  refused("--input missing.png", Status::FILE, "missing.png");
  refused("--input raw.bin --labels missing", Status::FILE, "missing");
  refused("", Status::USAGE, "--input");
  refused("--input raw.bin --salt 12", Status::USAGE, "64 hexadecimal digits");
  refused("--input salted.bin --salt " + SALT_HEX, Status::USAGE, "--salt");
  expect_refused(w().zkvm("run open.elf --input raw.bin --salt " + SALT_HEX), Status::USAGE, "shows both");
  for (const char* option : {"--mean x", "--mean 1,,2", "--mean nan", "--std 0", "--std -1", "--std 1,0"})
    EXPECT_EQ(w().zkvm(std::string("run hidden.elf --input color.png ") + option).status,
              static_cast<int>(Status::USAGE))
        << option;
  EXPECT_EQ(w().listing(), before);
}

}  // namespace
}  // namespace zkvm::tests
