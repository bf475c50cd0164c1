// libFuzzer target: any bytes as a guest's description of its model give a description or a message; what was read is
// written and read again as the same, and no journal is split beyond its end.
#include <cstdlib>

#include "guest-sdk/compiler/borders/output.hpp"
#include "guest-sdk/compiler/info.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zkvm::compiler;
  std::string error;
  const auto info = parse_model_info({reinterpret_cast<const char*>(data), size}, error);
  if (!info) {
    if (error.empty()) std::abort();
    return 0;
  }
  const std::string json = to_json(*info);
  const auto again = parse_model_info(json, error);
  if (!again || to_json(*again) != json) std::abort();
  if (info->input_bytes() < 1 || info->output_bytes() < 1) std::abort();
  const std::vector<uint8_t> journal(100);
  for (size_t length = 0; length <= journal.size(); ++length)
    if (const auto parts = split_journal(*info, std::span(journal).first(length));
        parts && parts->output.size() + parts->input.size() != length)
      std::abort();
  for (const TensorInfo& t : info->outputs) (void)printable(t.name);
  return 0;
}
