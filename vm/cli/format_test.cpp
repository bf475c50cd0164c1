#include "vm/cli/format.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "vm/cli/status.hpp"

namespace zkvm::vm::cli {
namespace {

TEST(parse_size, takes_suffixes_as_powers_of_1024) {
  EXPECT_EQ(parse_size("8G"), uint64_t{8} << 30);
  EXPECT_EQ(parse_size("8g"), uint64_t{8} << 30);
  EXPECT_EQ(parse_size("8GB"), uint64_t{8} << 30);
  EXPECT_EQ(parse_size("8GiB"), uint64_t{8} << 30);
  EXPECT_EQ(parse_size("1.5K"), 1536u);
  EXPECT_EQ(parse_size("512M"), uint64_t{512} << 20);
  EXPECT_EQ(parse_size("2T"), uint64_t{2} << 40);
  EXPECT_EQ(parse_size("1048576"), 1048576u);
  EXPECT_EQ(parse_size("100B"), 100u);
}

TEST(parse_size, refuses_everything_else) {
  for (const char* text : {"", "G", "-1G", "+1G", "0", "0.5", "8X", "8GG", "8 G", "nan", "inf", "1e3", "0x10", "8Gi",
                           "8iB", "99999999999T", "8388608T"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(format_bits, never_rounds_up) {
  EXPECT_EQ(format_bits(127.999), "127.9");
  EXPECT_EQ(format_bits(128), "128.0");
}

TEST(format, chooses_readable_units) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(2'130'000), "2.13 MB");
  EXPECT_EQ(format_bytes(3'900'000'000), "3.90 GB");
  EXPECT_EQ(format_duration(0.01234), "12.3 ms");
  EXPECT_EQ(format_duration(12.34), "12.3 s");
  EXPECT_EQ(format_duration(243), "4 min 03 s");
  EXPECT_EQ(format_duration(7500), "2 h 05 min");
  EXPECT_EQ(format_rate(423'456), "423 kHz");
  EXPECT_EQ(format_rate(1'204'000), "1.20 MHz");
}

TEST(format_journal, shows_text_only_if_all_of_it_is_printable) {
  const auto of = [](std::string_view text) {
    return format_journal({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(of(""), "0 bytes");
  EXPECT_EQ(of("\x07"), "1 byte: 07");
  EXPECT_EQ(of("hello"), "5 bytes: 68656c6c6f \"hello\"");
  EXPECT_EQ(of("\x1b[2J"), "4 bytes: 1b5b324a");
  EXPECT_TRUE(of(std::string(33, 'a')).ends_with("...\""));
}

TEST(status, numbers_are_distinct_and_classes_follow_the_tens_digit) {
  std::set<unsigned> seen;
  for (const StatusInfo& info : all_statuses()) {
    EXPECT_TRUE(seen.insert(static_cast<unsigned>(info.status)).second) << info.meaning;
    EXPECT_TRUE(std::string(info.meaning).starts_with(class_name(info.status))) << info.meaning;
  }
  EXPECT_TRUE(std::is_sorted(all_statuses().begin(), all_statuses().end(),
                             [](const StatusInfo& a, const StatusInfo& b) { return a.status < b.status; }));
}

TEST(status, every_receipt_error_has_its_own_number) {
  std::set<Status> seen;
  for (const auto kind : {VerifyErrorKind::MALFORMED, VerifyErrorKind::WRONG_VERSION, VerifyErrorKind::WRONG_IMAGE,
                          VerifyErrorKind::LOW_SECURITY, VerifyErrorKind::INVALID_PROOF})
    EXPECT_TRUE(seen.insert(status_of(kind)).second);
}

TEST(parse_numbers, finite_ones_with_commas_only) {
  EXPECT_EQ(parse_numbers("0.485,-4,1e-3"), (std::vector<float>{0.485F, -4, 1e-3F}));
  for (const char* bad : {"", ",", "1,", ",1", "1 2", "1,,2", "nan", "inf", "1e99", "x", "1;2", "0x10"})
    EXPECT_FALSE(parse_numbers(bad)) << bad;
}

}  // namespace
}  // namespace zkvm::vm::cli
