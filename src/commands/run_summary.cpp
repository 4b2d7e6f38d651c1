#include "commands/run_summary.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/text.h"

namespace mnist {
namespace {

std::string line(const char* name, const std::string& value) {
  return fmt::format("{:<20} {}\n", name, printable_line(value));
}

std::string percent(const nlohmann::ordered_json& share) {
  return fmt::format("{:.2f} %", 100 * share.get<double>());
}

}  // namespace

std::string run_summary(const nlohmann::ordered_json& result) {
  const auto number = [&](const char* key) { return result.at(key).get<double>(); };
  std::string text = line("run", result.at("run").get<std::string>());
  text += line("layers", result.at("layers").get<std::string>());
  text += line("parameters", json_text(result.at("parameters")));
  text += line("steps",
               fmt::format("{} ({:.2f} epochs)", json_text(result.at("steps")), number("epochs")));
  text += line("time", fmt::format("{:.3f} s loading, {:.3f} s training ({:.0f} samples/s)",
                                   number("load_seconds"), number("train_seconds"),
                                   number("samples_per_second")));
  if (result.contains("kept_epoch") && !result.at("kept_epoch").is_null()) {
    text += line("kept", fmt::format("epoch {}", json_text(result.at("kept_epoch"))));
  }
  text += line("train loss", fmt::format("{:.4f}", number("train_loss")));
  if (!result.at("validation_accuracy").is_null()) {
    text += line("validation accuracy", percent(result.at("validation_accuracy")));
  }
  if (result.contains("validation_loss") && !result.at("validation_loss").is_null()) {
    text += line("validation loss", fmt::format("{:.4f}", number("validation_loss")));
  }
  if (!result.at("test_accuracy").is_null()) {
    text += line("test accuracy", percent(result.at("test_accuracy")));
    text += line("test error", percent(result.at("test_error")));
  }
  if (!result.at("test_loss").is_null()) {
    text += line("test loss", fmt::format("{:.4f}", number("test_loss")));
  }
  return text;
}

}  // namespace mnist
