#pragma once
/// \file
/// Quantities as people write and read them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zkvm::vm::cli {

/// "1,234,567"
std::string format_count(uint64_t n);
/// "512 B", "1.50 kB", "2.13 MB", "3.90 GB": powers of 1000.
std::string format_bytes(uint64_t n);
/// "12.3 ms", "12.3 s", "4 min 03 s", "2 h 05 min"
std::string format_duration(double seconds);
/// "423 kHz", "1.20 MHz"
std::string format_rate(double per_second);
/// Rounded down to one decimal: a level is never shown above the proven one.
std::string format_bits(double bits);
/// Up to 32 bytes in hexadecimal, and as text where they are printable ASCII: `4 bytes: 07000000`, `5 bytes: 68656c6c6f
/// "hello"`.
std::string format_journal(std::span<const uint8_t> journal);

/// "8G", "512M", "1.5G", "1048576": a positive number with an optional suffix K, M, G or T (powers of 1024), with or
/// without a following B or iB, either case. Nothing if it is anything else or beyond 2^63.
std::optional<uint64_t> parse_size(std::string_view text);

/// What a list of "input" and "output" names, in that order: each at most once, with commas, or "none" alone. Nothing
/// if it is anything else.
std::optional<std::pair<bool, bool>> parse_disclosure(std::string_view list);

/// Finite numbers with commas between them. Nothing if it is anything else.
std::optional<std::vector<float>> parse_numbers(std::string_view list);

}  // namespace zkvm::vm::cli
