#include "train/config_file.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

namespace mnist::testing {
namespace {

class Files {
 public:
  ConfigFile read(const std::string& text) const {
    const auto path = directory_.path() / "c.toml";
    std::ofstream(path, std::ios::binary) << text;
    return read_config_file(path);
  }

  /// The keys and values in the order of the file.
  std::string entries(const std::string& text) const {
    std::string all;
    for (const ConfigFile::Entry& entry : read(text).entries) {
      all += fmt::format("{}={};", entry.key, fmt::join(entry.values, "|"));
    }
    return all;
  }

  /// What is wrong with a file.
  std::string error(const std::string& text) const {
    try {
      settings(text);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      return error.what();
    }
    return "";
  }

  TrainSettings settings(const std::string& text) const {
    read(text);
    return read_settings(directory_.path() / "c.toml");
  }

 private:
  TemporaryDirectory directory_;
};

TEST_CASE(
    "config_file: a line that is no TOML as it was once written, either, is refused at once") {
  // Told twice, the second key is wrong in any form; it must not be quoted again and again.
  const Files files;
  CHECK_THROWS_WITH(files.read("form = \"he\"\naugment = a,b = ''\"hts again.\nform = \"he\"\n"
                               "augment = c,,d = ''\" \"non'e\"\n"),
                    contains("line "));
}

TEST_CASE("config_file: values of every kind, in the order of the file") {
  const Files files;
  CHECK(files.entries("steps = 1_000\nlr = 1e-3 # a comment\nno-bias = true\nlayers = \"50,relu\"\n"
                      "grid.lr = [0.01, 0.1]\ninit = 'he'\n") ==
        "steps=1000;lr=0.001;no-bias=true;layers=50,relu;grid.lr=0.01|0.1;init=he;");
  CHECK(files.entries("\xEF\xBB\xBFseed = 5\r\n\r\nlr = 0.5\r\n") == "seed=5;lr=0.5;");
  CHECK(files.entries("[grid]\nlr = [1, 2]\n") == "grid.lr=1|2;");
  CHECK(files.entries("") == "");
  CHECK(files.read("seed = 5\n").notes.empty());
}

TEST_CASE("config_file: lines that version 1.0 read are read for this version, with a note") {
  struct Case {
    std::string old;
    std::string now;
  };
  const std::vector<Case> cases = {
      {"optimizer = adam", "optimizer = \"adam\""},
      {"layers = 50,relu", "layers = \"50,relu\""},
      {"layers = 50, relu  # note", "layers = \"50,relu\""},
      {"lr = .5", "lr = \".5\""},
      {"seed = 007", "seed = \"007\""},
      {"train-data = \"C:\\data\"", "train-data = 'C:\\data'"},
      {"grid.layers = [8, relu]", "grid.layers = [\"8\", \"relu\"]"},
      {"grid.lr = [.5, '1']", "grid.lr = [\".5\", \"1\"]"},
  };
  const Files files;
  for (const Case& one : cases) {
    INFO(one.old);
    const ConfigFile file = files.read("steps = 5\n" + one.old + "\nthreads = 2\n");
    REQUIRE(file.notes.size() == 1);
    CHECK_THAT(file.notes[0], contains("line 2"));
    CHECK_THAT(file.notes[0], contains(one.now));
    const ConfigFile again = files.read("steps = 5\n" + one.now + "\nthreads = 2\n");
    CHECK(again.notes.empty());
    REQUIRE(file.entries.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(file.entries[i].key == again.entries[i].key);
      CHECK(file.entries[i].values == again.entries[i].values);
    }
  }
  CHECK(files.settings("seed = 007\nlr = .5\n").seed == 7);
}

TEST_CASE("config_file: a bad file is refused by its line") {
  struct Case {
    std::string text;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {"seed = 5\nbatch_size = 5\n", {"line 2", "'batch_size'", "did you mean 'batch-size'?"}},
      {"lrr = 5\n", {"line 1", "'lrr'", "did you mean 'lr'?"}},
      {"[train]\nlr = 5\n", {"line 2", "'train.lr'", "no sections"}},
      {"optimizer.lr = 5\n", {"line 1", "'optimizer.lr'", "no sections"}},
      {"lr.x = 5\n", {"line 1", "'lr.x'"}},
      {"lr = 5\nlr = 6\n", {"line 2", "lr"}},
      {"layers = \"50,relu\n", {"line 1"}},
      {"\n\nlr 5\n", {"line 3"}},
      {"lr =\n", {"line 1"}},
      {"layers = 1979-05-27\n", {"line 1", "layers"}},
      {"layers = [[1]]\n", {"line 1", "layers"}},
      {"no-bias = 1\n", {"line 1", "no-bias", "'1'"}},
      {"steps = 5\nepochs = 5\n", {"line 2", "steps", "epochs"}},
      {"steps = 1.5\n", {"line 1", "steps", "'1.5'"}},
      {"format = 3\n", {"line 1", "format 3"}},
      {"layers = \"\xFF\"\n", {"line 1"}},
  };
  const Files files;
  for (const Case& one : cases) {
    INFO(one.text);
    const std::string message = files.error(one.text);
    CHECK_THAT(message, contains("c.toml"));
    for (const std::string& part : one.parts) CHECK_THAT(message, contains(part));
  }
}

TEST_CASE("config_file: a key of very many parts is refused, wherever it hides") {
  const Files files;
  std::string parts = "a";
  for (int i = 0; i < 200'000; ++i) parts += ".a";
  for (const std::string& text :
       {parts + " = 1\n", "[" + parts + "]\nb = 1\n", "[[" + parts + "]]\n",
        "x = {" + parts + " = 1}\n", "x = [\"\"\"\n\"\"\"\", {" + parts + " = 1}]\n",
        "'=' . " + parts + " = 1\n", "x = '''a'\n''''', y\n" + parts + " = 1\n",
        "# '\n" + parts + " = 1\n", "x = \"\\\"\"\n" + parts + " = 1\n"}) {
    INFO(text.substr(0, 40));
    CHECK_THAT(files.error(text), contains("a key of more than 30 parts"));
  }
  const std::string path(1000, '.');
  CHECK(files.settings("train-data = '" + path + "' # " + parts + "\n").train_data == path);
  CHECK(files.settings("train-data = \"\"\"" + path + "\"\"\"\n").train_data == path);
}

TEST_CASE("config_file: text of any kind comes back from what was written") {
  const Files files;
  for (const std::string text : {"plain", " blanks ", "it's", "a \"b\"", "both ' and \"",
                                 "C:\\new\\b", "\\ ' \"", "#5", "Größe", ""}) {
    INFO(text);
    TrainSettings settings = default_settings();
    settings.layers = text;
    settings.seed = 18446744073709551615U;
    settings.optimizer.learning_rate = 1e-8F;
    const TrainSettings back = files.settings(settings_toml(settings));
    CHECK(back.layers == text);
    CHECK(back.seed == settings.seed);
    CHECK(back.optimizer.learning_rate == settings.optimizer.learning_rate);
    CHECK(
        files.read(config_line("layers", std::vector<std::string>{text, text})).entries[0].values ==
        std::vector<std::string>{text, text});
  }
  CHECK_THROWS_AS(config_line("layers", "a\nb"), Error);
  CHECK_THROWS_AS(config_line("layers", "\xFF"), Error);
}

TEST_CASE("config_file: a backslash in a file of version 1.0 stands for itself") {
  const Files files;
  const std::string text =
      "# mnist train --config on this file gives the same weights again.\n"
      "train-data = \"/a\\new\\back\"\n";
  CHECK(files.settings(text).train_data == "/a\\new\\back");
  // What it did not say it meant so.
  CHECK(files.settings(text).input_scale == "divide:255");
  CHECK(files.settings(text).label_column == "first");
  CHECK(files.settings("format = 2\n").input_scale == "auto");
  CHECK(files.settings("format = 2\ntrain-data = \"/a\\\\b\"\n").train_data == "/a\\b");
  CHECK(files
            .read("# mnist sweep --config on this file makes the same trials again.\n"
                  "grid.layers = [\"a\\b\", '\\c']\n")
            .entries[0]
            .values == std::vector<std::string>{"a\\b", "\\c"});
}

TEST_CASE("config_file: what is given replaces what the file has, and what depends on it") {
  const Files files;
  const ConfigFile file =
      files.read("optimizer = \"adam\"\nlr = 0.1\nsteps = 5\nseed = 3\ngrid.lr = [1, 2]\n");
  const auto applied = [&](const GivenValues& given) {
    std::string names;
    std::vector<Setting> known = list_settings(default_settings());
    known.push_back({"grid", "", "", "", "", {}});
    apply_config(file, known, given,
                 [&](const std::string& name, const std::string&) { names += name + " "; });
    return names;
  };
  CHECK(applied({}) == "optimizer lr steps seed ");
  CHECK(applied({{"seed", "4"}}) == "optimizer lr steps ");
  CHECK(applied({{"epochs", "4"}}) == "optimizer lr seed ");
  CHECK(applied({{"optimizer", "adam"}}) == "lr steps seed ");
  CHECK(applied({{"optimizer", "sgd"}}) == "steps seed ");
  CHECK(applied({{"optimizer", std::nullopt}}) == "steps seed ");
}

}  // namespace
}  // namespace mnist::testing
