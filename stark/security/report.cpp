#include <algorithm>
#include <cmath>
#include <cstdio>

#include "stark/security/security.hpp"

namespace zkvm::stark {
namespace {

/// Two decimals, rounded down: 127.999 must not read as 128.
std::string floor_two_decimals(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", std::floor(v * 100) / 100);
  return text;
}

std::string pad(std::string s, size_t width) {
  s.resize(std::max(s.size(), width), ' ');
  return s;
}

}  // namespace

const char* name(HashSuite suite) {
  switch (suite) {
    case HashSuite::BLAKE3:
      return "BLAKE3";
    case HashSuite::KECCAK256:
      return "Keccak-256";
    case HashSuite::POSEIDON2:
      return "Poseidon2";
  }
  return "unknown hash";
}

unsigned collision_bits(HashSuite suite) {
  switch (suite) {
    case HashSuite::BLAKE3:
    case HashSuite::KECCAK256:
      return 128;
    case HashSuite::POSEIDON2:
      return 124;
  }
  return 0;
}

std::string describe(const ProtocolParameters& parameters, const SecurityReport& report) {
  if (!report.ok()) return "impossible parameters: " + report.error + "\n";
  std::string out = "provable security  " + floor_two_decimals(report.bits) +
                    " bits (round-by-round, no conjecture), limited by: " + report.weakest.name + "\n";
  out += "decoding regime    ";
  out += report.regime == Regime::JOHNSON ? "Johnson, multiplicity m = " + std::to_string(report.proximity_m) +
                                                ", 1 - gamma = sqrt(rate) (1 + 1/(2m))"
                                          : std::string("unique decoding, gamma = (1 - rate) / 2");
  out += ", lists of L = " + std::to_string(report.list_size) + ", rate 2^-" + std::to_string(parameters.log_blowup) +
         "\n";
  out += "collisions         " + std::to_string(report.hash_bits) + " bits (" + name(parameters.suite) + ")\n\n";

  size_t width = 5;
  for (const RoundBound& r : report.rounds) width = std::max(width, r.name.size());
  out += "  " + pad("round", width) + "    bits  error\n";
  for (const RoundBound& r : report.rounds) {
    char bits[32];
    std::snprintf(bits, sizeof bits, "%8s", floor_two_decimals(r.bits_lower_bound).c_str());
    out += (r.name == report.weakest.name ? "* " : "  ") + pad(r.name, width) + bits + "  " + r.formula + "\n";
  }
  if (report.regime == Regime::JOHNSON)
    out +=
        "\na(m, N) = (2 (m + 1/2)^5 + 3 (m + 1/2) gamma r) / (3 r^(3/2)) * n + (m + 1/2) / sqrt(r), n = N / rate, r = "
        "(N - 1) / n\n";
  return out;
}

}  // namespace zkvm::stark
