#include "train/settings.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "catch.h"

namespace mnist::testing {
namespace {

TEST_CASE("settings: each is listed once, can be set from its own value, and comes back") {
  TrainSettings settings = default_settings();
  settings.split_seed = 3;
  settings.epochs = 2;
  settings.optimizer.clip_norm = 1.5F;
  settings.optimizer.max_norm = 2.5F;
  settings.init_weights = "/w";
  complete_settings(settings);
  const nlohmann::ordered_json values = settings_json(settings);
  TrainSettings copy;
  std::set<std::string> names;
  for (const Setting& setting : list_settings(default_settings())) {
    INFO(setting.name);
    CHECK(names.insert(setting.name).second);
    CHECK_FALSE(setting.group.empty());
    CHECK_FALSE(setting.help.empty());
    if (!values.contains(setting.name)) continue;
    const auto& value = values[setting.name];
    set_setting(copy, setting.name, value.is_string() ? value.get<std::string>() : value.dump());
    CHECK(settings_json(copy)[setting.name] == value);
  }
  for (const auto& [name, value] : values.items()) CHECK(names.contains(name));
}

TEST_CASE("settings: a text that is no value is refused with what it should have been") {
  struct Case {
    std::string name;
    std::string text;
    std::string part;
  };
  const std::vector<Case> cases = {
      {"lr", "fast", "'fast' is no number"},
      {"lr", "nan", "'nan'"},
      {"steps", "0", "'0' is no whole number from 1 on"},
      {"threads", "-1", "'-1' is no whole number from 0 on"},
      {"optimizer", "adan", "did you mean 'adam'?"},
      {"no-bias", "yes", "'yes' is not true or false"},
      {"init-weights", "", "empty"},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    TrainSettings settings;
    CHECK_THROWS_WITH(set_setting(settings, one.name, one.text), contains(one.part));
  }
}

TEST_CASE("settings: what depends on another, and what excludes another") {
  CHECK(owner_of("lr") == "optimizer");
  CHECK(owner_of("warmup") == "schedule");
  CHECK(owner_of("layers").empty());
  for (const Setting& setting : list_settings({})) {
    if (setting.name == "steps") CHECK(setting.excludes == std::vector<std::string>{"epochs"});
    if (setting.name == "epochs") CHECK(setting.excludes == std::vector<std::string>{"steps"});
  }
}

TEST_CASE("settings: the list tells defaults and choices") {
  TrainSettings defaults = default_settings();
  defaults.validation = 10000;
  for (const Setting& setting : list_settings(defaults)) {
    if (setting.name == "validation") CHECK_THAT(setting.help, contains("[10000]"));
    if (setting.name == "keep") CHECK(setting.type == "last|best");
    if (setting.name == "lr") CHECK_THAT(setting.help, contains("sgd 0.1"));
    if (setting.name == "no-bias") CHECK(setting.type.empty());
  }
}

}  // namespace
}  // namespace mnist::testing
