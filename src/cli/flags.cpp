#include "cli/flags.h"

namespace mnist {
namespace {

// Calls work(), and adds the flag's name to a usage error.
template <class Work>
void naming(const std::string& name, Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kUsage) throw;
    throw CLI::ValidationError("--" + name, error.what());
  }
}

}  // namespace

// The last of several occurrences counts.
CLI::Option* FlagAdder::add(const std::string& name, const std::string& type,
                            const std::string& description,
                            std::function<void(const std::string&)> set, bool once) {
  const auto take = [name, set = std::move(set), once](const CLI::results_t& given) {
    naming(name, [&] {
      if (once && given.size() > 1) refuse("is given twice; name one file");
      set(given.back());
    });
    return true;
  };
  const std::string flags = (name == "output" ? "-o,--" : "--") + name;
  return command_.add_option(flags, take, description)
      ->type_name(type)
      ->allow_extra_args(false)
      ->multi_option_policy(once ? CLI::MultiOptionPolicy::TakeAll
                                 : CLI::MultiOptionPolicy::TakeLast)
      ->group(group_);
}

CLI::Option* FlagAdder::setting(const Setting& setting, TrainSettings& settings) {
  const std::string& name = setting.name;
  if (!setting.type.empty()) {
    const auto set = [&settings, name](const std::string& text) {
      set_setting(settings, name, text);
    };
    return add(name, setting.type, setting.help, set, setting.once);
  }
  return command_
      .add_flag_callback(
          "--" + name, [&settings, name] { set_setting(settings, name, "true"); }, setting.help)
      ->group(group_);
}

void add_setting_flags(CLI::App& command, TrainSettings& settings) {
  FlagAdder add(command);
  for (const Setting& setting : list_settings(settings)) {
    add.group(setting.group);
    CLI::Option* option = add.setting(setting, settings);
    for (const std::string& other : setting.excludes) {
      CLI::Option* added = command.get_option_no_throw("--" + other);
      if (added != nullptr) option->excludes(added);
    }
  }
}

void add_distortion_flags(FlagAdder& add, TrainSettings& settings) {
  for (const Setting& setting : list_settings(settings)) {
    const bool in_time = setting.name == "augment-anneal";
    if (setting.group == "Augmentation" && !in_time) add.setting(setting, settings);
  }
}

}  // namespace mnist
