#include "model_io/export.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "model_io/c_header.h"
#include "model_io/model_file.h"
#include "model_io/npz.h"
#include "model_io/onnx.h"

namespace mnist {

namespace {

constexpr std::array<std::pair<std::string_view, ExportFormat>, 4> kFormats{{
    {".safetensors", ExportFormat::kSafetensors},
    {".npz", ExportFormat::kNpz},
    {".onnx", ExportFormat::kOnnx},
    {".h", ExportFormat::kCHeader},
}};

// Throws Error(kUsage) for options that the format does not support.
void check_options(ExportFormat format, const ExportOptions& options) {
  const bool safetensors = format == ExportFormat::kSafetensors;
  if (options.weights == WeightType::kFloat16 && !safetensors) {
    refuse("weights of float16 are for .safetensors");
  }
  if (options.weights == WeightType::kInt8 && format != ExportFormat::kCHeader) {
    refuse("weights of int8 are for .h");
  }
  if (!options.settings.empty() && !safetensors) {
    refuse("only .safetensors keeps the settings of a run");
  }
}

}  // namespace

ExportFormat export_format(const std::filesystem::path& path) {
  for (const auto& [ending, format] : kFormats) {
    if (path.extension() == ending) return format;
  }
  refuse(fmt::format("{}: the ending names the format; it is one of .safetensors, .npz, .onnx, .h",
                     path.string()));
}

void export_model(const std::filesystem::path& path, const Network& network,
                  const ExportOptions& options) {
  const ExportFormat format = export_format(path);
  const auto write = [&path](const std::string& bytes) {
    write_file_atomically(path, std::string_view(bytes));
  };
  try {
    check_options(format, options);
    switch (format) {
      case ExportFormat::kSafetensors:
        return save_model(path, network,
                          {options.weights == WeightType::kFloat16, options.settings});
      case ExportFormat::kNpz:
        return write(to_npz(network));
      case ExportFormat::kOnnx:
        return write(to_onnx(network));
      case ExportFormat::kCHeader:
        return write(to_c_header(network, c_identifier(path.stem().string()), options.weights));
    }
  } catch (const Error& error) {
    if (error.code() != ExitCode::kUsage) throw;
    throw Error(error.code(), fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace mnist
