#include "train/optimizer_state.h"

#include <fmt/format.h>

#include <string>

#include "base/error.h"
#include "base/number.h"
#include "model_io/safetensors.h"

namespace mnist {
namespace {

constexpr std::uint64_t kStateFormat = 1;
constexpr const char* kStateFormatKey = "format";
constexpr const char* kStepsKey = "optimizer_steps";
constexpr const char* kEpochsKey = "epochs";
constexpr std::uint64_t kMostCount = std::uint64_t{1} << 40;  // so that products stay in range

std::uint64_t state_count(const std::filesystem::path& path, const SafetensorsFile& file,
                          const char* key) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) {
    const auto value = read_number<std::uint64_t>(found->second);
    if (value && *value <= kMostCount) return *value;
  }
  throw bad_input(
      path.string(),
      fmt::format("holds no state of an optimizer; its '{}' is missing or no number", key));
}

}  // namespace

void save_optimizer_state(const std::filesystem::path& path, const OptimizerState& state) {
  SafetensorsFile file;
  file.metadata = {{kStateFormatKey, fmt::format("{}", kStateFormat)},
                   {kStepsKey, fmt::format("{}", state.steps)},
                   {kEpochsKey, fmt::format("{}", state.epochs)}};
  for (const NamedParameter& p : state.parameters) {
    file.tensors.push_back(Tensor::f32(p.name, p.shape, p.values));
  }
  write_safetensors(path, file);
}

OptimizerState load_optimizer_state(const std::filesystem::path& path) {
  const SafetensorsFile file = read_safetensors(path);
  OptimizerState state;
  state.steps = state_count(path, file, kStepsKey);
  state.epochs = state_count(path, file, kEpochsKey);
  if (state_count(path, file, kStateFormatKey) > kStateFormat) {
    throw bad_input(
        path.string(),
        "is of a later format than this program knows; train on with the program that wrote it");
  }
  for (const Tensor& tensor : file.tensors) {
    state.parameters.push_back({tensor.name, tensor.shape, tensor.floats()});
  }
  return state;
}

}  // namespace mnist
