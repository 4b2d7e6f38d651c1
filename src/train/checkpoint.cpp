#include "train/checkpoint.h"

#include <fmt/format.h>

#include <span>
#include <string_view>

#include "base/error.h"
#include "base/hash.h"
#include "base/number.h"
#include "model_io/safetensors.h"

namespace mnist {

namespace {

constexpr std::string_view kOptimizerPrefix = "optimizer.";
constexpr std::string_view kBestPrefix = "best.";
constexpr const char* kAlikeRow = "collapse.first_row";
constexpr const char* kCheckpointFormatKey = "format";  // absent in format 1

template <class Number>
Number number_of(const std::filesystem::path& path, const SafetensorsFile& file,
                 const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) {
    if (const auto value = read_number<Number>(found->second)) return *value;
  }
  throw bad_input(path.string(),
                  fmt::format("is no checkpoint; its '{}' is missing or no number", key));
}

void add_tensors(SafetensorsFile& file, std::string_view prefix,
                 const std::vector<NamedParameter>& parameters) {
  for (const NamedParameter& p : parameters) {
    file.tensors.push_back(Tensor::f32(fmt::format("{}{}", prefix, p.name), p.shape, p.values));
  }
}

}  // namespace

std::uint64_t hash_of(const Dataset& data) {
  Hash hash;
  const std::uint64_t features = data.features();
  hash.add(std::as_bytes(std::span(&features, 1)));
  hash.add(std::as_bytes(std::span(data.pixels)));
  hash.add(std::as_bytes(std::span(data.values)));
  hash.add(std::as_bytes(std::span(data.labels)));
  return hash.value();
}

void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint,
                     std::uint64_t data_hash) {
  const EpochFigures& best = checkpoint.best.figures;
  SafetensorsFile file;
  file.metadata = {
      {kCheckpointFormatKey, fmt::format("{}", Checkpoint::kFormat)},
      {"layers", checkpoint.layers},
      {"data_hash", fmt::format("{}", data_hash)},
      {"steps", fmt::format("{}", checkpoint.steps)},
      {"train_seconds", fmt::format("{}", checkpoint.train_seconds)},
      {"epoch_loss", fmt::format("{}", checkpoint.epoch_loss)},
      {"epoch_samples", fmt::format("{}", checkpoint.epoch_samples)},
      {"collapse_since", fmt::format("{}", checkpoint.collapse.since)},
      {"collapse_checks", fmt::format("{}", checkpoint.collapse.checks)},
      {"best_epoch", fmt::format("{}", best.epoch)},
      {"best_train_loss", fmt::format("{}", best.train_loss)},
      {"best_validation_loss", fmt::format("{}", best.validation_loss)},
      {"best_validation_accuracy", fmt::format("{}", best.validation_accuracy)},
  };
  add_tensors(file, "", checkpoint.parameters);
  add_tensors(file, kOptimizerPrefix, checkpoint.optimizer_state);
  add_tensors(file, kBestPrefix, checkpoint.best.parameters);
  const std::vector<float>& row = checkpoint.collapse.first_row;
  if (!row.empty()) file.tensors.push_back(Tensor::f32(kAlikeRow, {row.size()}, row));
  write_safetensors(path, file);
}

Checkpoint load_checkpoint(const std::filesystem::path& path, std::uint64_t data_hash) {
  const SafetensorsFile file = read_safetensors(path);
  if (number_of<std::uint64_t>(path, file, "data_hash") != data_hash) {
    throw bad_input(path.string(), "the checkpoint is of other training data; train anew instead");
  }
  Checkpoint checkpoint;
  checkpoint.format = file.metadata.contains(kCheckpointFormatKey)
                          ? number_of<std::uint64_t>(path, file, kCheckpointFormatKey)
                          : 1;
  if (checkpoint.format > Checkpoint::kFormat) {
    throw bad_input(path.string(),
                    fmt::format("the checkpoint is of format {}, and this program knows formats up "
                                "to {}; resume with the program that wrote it",
                                checkpoint.format, Checkpoint::kFormat));
  }
  const auto layers = file.metadata.find("layers");
  if (layers != file.metadata.end()) checkpoint.layers = layers->second;
  checkpoint.steps = number_of<std::uint64_t>(path, file, "steps");
  checkpoint.train_seconds = number_of<double>(path, file, "train_seconds");
  checkpoint.epoch_loss = number_of<double>(path, file, "epoch_loss");
  checkpoint.epoch_samples = number_of<std::uint64_t>(path, file, "epoch_samples");
  checkpoint.collapse.since = number_of<std::uint64_t>(path, file, "collapse_since");
  checkpoint.collapse.checks = number_of<std::uint64_t>(path, file, "collapse_checks");
  EpochFigures& best = checkpoint.best.figures;
  best.epoch = number_of<std::uint64_t>(path, file, "best_epoch");
  best.train_loss = number_of<double>(path, file, "best_train_loss");
  best.validation_loss = number_of<double>(path, file, "best_validation_loss");
  best.validation_accuracy = number_of<double>(path, file, "best_validation_accuracy");
  for (const Tensor& tensor : file.tensors) {
    const auto take = [&](std::vector<NamedParameter>& into, std::string_view prefix) {
      into.push_back({tensor.name.substr(prefix.size()), tensor.shape, tensor.floats()});
    };
    if (tensor.name == kAlikeRow) {
      checkpoint.collapse.first_row = tensor.floats();
    } else if (tensor.name.starts_with(kOptimizerPrefix)) {
      take(checkpoint.optimizer_state, kOptimizerPrefix);
    } else if (tensor.name.starts_with(kBestPrefix)) {
      take(checkpoint.best.parameters, kBestPrefix);
    } else {
      take(checkpoint.parameters, "");
    }
  }
  return checkpoint;
}

}  // namespace mnist
