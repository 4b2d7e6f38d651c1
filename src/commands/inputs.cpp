#include "commands/inputs.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "cli/data_paths.h"
#include "data/archive.h"
#include "data/data_file.h"
#include "train/run_directory.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

// A safetensors file begins with a header length of 8 bytes and '{'.
constexpr std::size_t kWeightsPrefix = 9;

// If the file holds weights of another program: what it is, and how to convert it.
std::optional<std::string> foreign_weights(const fs::path& path) {
  constexpr std::size_t kHead = 4096;
  std::string head(kHead, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  constexpr std::string_view kTorch =
      "no weights (safetensors) but a file of torch.save; python3 -c \"import torch; from "
      "safetensors.torch import save_file; save_file(torch.load('FILE', map_location='cpu'), "
      "'weights.safetensors')\" converts a state dict";
  const bool zip = head.starts_with("PK");
  if (zip && head.find("data.pkl") != std::string::npos) return std::string(kTorch);
  if (head.starts_with("\x80\x02") && head.find("torch") != std::string::npos) {
    return std::string(kTorch);
  }
  constexpr std::string_view kKeras =
      "no weights (safetensors) but a Keras model; in Python, keras.models.load_model('FILE') "
      "gives its layers' weights, safetensors.numpy.save_file writes each kernel.T as '0.weight' "
      "and bias as '0.bias'";
  if (head.starts_with("\x89HDF") || (zip && head.find("config.json") != std::string::npos)) {
    return std::string(kKeras);
  }
  if (head.starts_with("GGUF")) {
    return "no weights (safetensors) but a GGUF file; in Python, gguf.GGUFReader('FILE').tensors "
           "and safetensors.numpy.save_file convert it";
  }
  if (!head.empty() && head[0] == '\x08' && path.extension() == ".onnx") {
    return "no weights (safetensors) but an ONNX model; python3 -c \"import onnx; from "
           "onnx.numpy_helper import to_array; from safetensors.numpy import save_file; "
           "save_file({t.name: to_array(t) for t in onnx.load('FILE').graph.initializer}, "
           "'weights.safetensors')\" converts it";
  }
  return std::nullopt;
}

constexpr const char* kNoWeights =
    "no weights (safetensors); give a weights file or a run directory, and data by --data";

bool names_directory(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

fs::path optimizer_file(const fs::path& state_or_run) {
  if (!names_directory(state_or_run)) return state_or_run;
  fs::path state = state_or_run / run_files::kOptimizer;
  std::error_code ignored;
  if (fs::exists(state, ignored)) return state;
  throw bad_input(state_or_run.string(),
                  fmt::format("the run kept no {}, as none of an earlier version did; "
                              "--init-weights starts from its weights with a new optimizer",
                              run_files::kOptimizer));
}

}  // namespace

bool is_weights_file(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;  // a pipe can be read only once
  std::array<char, kWeightsPrefix> start{};
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), start.size());
  return in.gcount() == kWeightsPrefix && start.back() == '{';
}

fs::path weights_file(const fs::path& network) {
  std::error_code ignored;
  if (names_directory(network)) {
    fs::path weights = network / run_files::kWeights;
    if (fs::exists(weights, ignored)) return weights;
    throw bad_input(network.string(),
                    holds_run(network)
                        ? "the run holds no weights yet; it has not finished training"
                        : "a directory that holds no run");
  }
  if (!fs::exists(fs::symlink_status(network, ignored))) {
    return find_network(network.string()).value_or(network);
  }
  if (fs::is_regular_file(network, ignored) && fs::file_size(network, ignored) >= kWeightsPrefix &&
      !is_weights_file(network)) {
    throw bad_input(network.string(), foreign_weights(network).value_or(kNoWeights));
  }
  return network;
}

std::string network_help() {
  return fmt::format(
      "safetensors file, run directory, or a network that comes with the program: {}",
      fmt::join(network_names(), ", "));
}

bool is_data(const std::string& argument) {
  if (argument == "-" || archive_member(argument)) return true;
  const fs::path path = find_data_file(argument);
  std::error_code ignored;
  if (names_directory(path)) return !holds_run(path);
  if (!fs::exists(path, ignored) || path.extension() == ".safetensors") return false;
  return !is_weights_file(path) && !(fs::is_regular_file(path, ignored) && foreign_weights(path));
}

void find_start(TrainSettings& settings) {
  if (!settings.init_weights.empty()) settings.init_weights = weights_file(settings.init_weights);
  if (!settings.init_optimizer.empty()) {
    settings.init_optimizer = optimizer_file(settings.init_optimizer);
  }
}

void check_output(const fs::path& output, const std::vector<fs::path>& inputs) {
  for (const fs::path& input : inputs) {
    std::error_code ignored;
    if (output.empty() || !fs::equivalent(output, input, ignored)) continue;
    refuse(
        fmt::format("{} would be written over what is read; name another file", output.string()));
  }
}

fs::path data_file(const fs::path& path) {
  fs::path found = find_data_file(path);
  if (is_weights_file(found)) {
    throw bad_input(found.string(), "holds weights, not data (CSV or IDX)");
  }
  if (names_directory(found) && holds_run(found)) {
    throw bad_input(found.string(), "is a run directory, not data (CSV or IDX)");
  }
  return found;
}

}  // namespace mnist
