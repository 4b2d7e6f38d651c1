#include "train/checkpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <span>

#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "model_io/safetensors.h"

namespace mnist {

namespace {

constexpr const char* kOptimizerPrefix = "optimizer.";
constexpr const char* kAlikeRow = "collapse.first_row";

template <class Number>
Number number_of(const std::filesystem::path& path, const SafetensorsFile& file,
                 const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) {
    if (const auto value = read_number<Number>(found->second)) return *value;
  }
  throw Error(
      ExitCode::kBadInput,
      fmt::format("{}: is no checkpoint; its '{}' is missing or no number", path.string(), key));
}

}  // namespace

std::uint64_t hash_of(const Dataset& data) {
  Hash hash;
  const std::uint64_t features = data.features;
  hash.add(std::as_bytes(std::span(&features, 1)));
  hash.add(std::as_bytes(std::span(data.pixels)));
  hash.add(std::as_bytes(std::span(data.labels)));
  return hash.value();
}

void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  SafetensorsFile file;
  file.metadata = {
      {"layers", checkpoint.layers},
      {"data_hash", fmt::format("{}", checkpoint.data_hash)},
      {"steps", fmt::format("{}", checkpoint.steps)},
      {"train_seconds", fmt::format("{}", checkpoint.train_seconds)},
      {"epoch_loss", fmt::format("{}", checkpoint.epoch_loss)},
      {"epoch_samples", fmt::format("{}", checkpoint.epoch_samples)},
      {"collapse_since", fmt::format("{}", checkpoint.collapse.since)},
      {"collapse_checks", fmt::format("{}", checkpoint.collapse.checks)},
  };
  for (const NamedParameter& p : checkpoint.parameters) {
    file.tensors.push_back(Tensor::f32(p.name, p.shape, p.values));
  }
  for (const NamedParameter& p : checkpoint.optimizer_state) {
    file.tensors.push_back(Tensor::f32(kOptimizerPrefix + p.name, p.shape, p.values));
  }
  const std::vector<float>& row = checkpoint.collapse.first_row;
  if (!row.empty()) file.tensors.push_back(Tensor::f32(kAlikeRow, {row.size()}, row));
  write_safetensors(path, file);
}

Checkpoint load_checkpoint(const std::filesystem::path& path) {
  const SafetensorsFile file = read_safetensors(path);
  Checkpoint checkpoint;
  const auto layers = file.metadata.find("layers");
  if (layers != file.metadata.end()) checkpoint.layers = layers->second;
  checkpoint.data_hash = number_of<std::uint64_t>(path, file, "data_hash");
  checkpoint.steps = number_of<std::uint64_t>(path, file, "steps");
  checkpoint.train_seconds = number_of<double>(path, file, "train_seconds");
  checkpoint.epoch_loss = number_of<double>(path, file, "epoch_loss");
  checkpoint.epoch_samples = number_of<std::uint64_t>(path, file, "epoch_samples");
  checkpoint.collapse.since = number_of<std::uint64_t>(path, file, "collapse_since");
  checkpoint.collapse.checks = number_of<std::uint64_t>(path, file, "collapse_checks");
  for (const Tensor& tensor : file.tensors) {
    if (tensor.name == kAlikeRow) {
      checkpoint.collapse.first_row = tensor.floats();
    } else if (tensor.name.starts_with(kOptimizerPrefix)) {
      checkpoint.optimizer_state.push_back(
          {tensor.name.substr(std::strlen(kOptimizerPrefix)), tensor.shape, tensor.floats()});
    } else {
      checkpoint.parameters.push_back({tensor.name, tensor.shape, tensor.floats()});
    }
  }
  return checkpoint;
}

}  // namespace mnist
