// A config file, and what is written of the settings that it gives.
#include "fuzz/fuzz_file.h"
#include "train/config_file.h"

void fuzz_one(std::string_view input) {
  mnist::fuzz::expect_no_more_than_refusal([&] {
    const mnist::ConfigFile file = mnist::parse_config("input", input);
    mnist::TrainSettings settings = mnist::settings_of(file);
    mnist::complete_settings(settings);
    const std::string text = mnist::settings_toml(settings);
    if (mnist::settings_toml(mnist::settings_of(mnist::parse_config("text", text))) != text) {
      __builtin_trap();  // a run that is continued would be another one
    }
  });
}
