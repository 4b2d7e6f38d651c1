// Wrong usage: exit code 2, one line, a hint.
#include "catch.h"
#include "cli/sandbox.h"

using namespace mnist::testing;

TEST_CASE("cli: help and version go to standard output and succeed") {
  const Sandbox sandbox;
  const Outcome version = sandbox.mnist("--version");
  CHECK(version.code == 0);
  CHECK(version.out.starts_with("mnist "));
  const Outcome help = sandbox.mnist("--help");
  CHECK(help.code == 0);
  CHECK(help.err.empty());
  for (const std::string command : {"train", "evaluate", "predict", "show"}) {
    INFO(command);
    CHECK(help.out.find(command) != std::string::npos);
    const Outcome one = sandbox.mnist(command + " --help");
    CHECK(one.code == 0);
    CHECK(one.out.find("mnist " + command) != std::string::npos);
    for (const std::string& line : lines_of(one.out)) CHECK(line.size() <= 100);
  }
}

TEST_CASE("cli: every flag of train is in its help") {
  const Sandbox sandbox;
  const std::string help = sandbox.mnist("train --help").out;
  for (const char* flag : {"--train-data",   "--test-data",    "--validation",
                           "--layers",       "--no-bias",      "--init",
                           "--init-weights", "--loss",         "--label-smoothing",
                           "--output-delta", "--optimizer",    "--lr",
                           "--momentum",     "--weight-decay", "--beta1",
                           "--beta2",        "--epsilon",      "--clip-norm",
                           "--schedule",     "--warmup",       "--decay",
                           "--decay-every",  "--batch-size",   "--steps",
                           "--epochs",       "--sampling",     "--seed",
                           "--threads",      "--out",          "--overwrite",
                           "--log-every",    "--config",       "--preset",
                           "--json",         "--quiet",        "--split-seed",
                           "--report-every", "--class-names"}) {
    INFO(flag);
    CHECK(help.find(std::string("  ") + flag) != std::string::npos);
  }
}

TEST_CASE("cli: wrong usage is exit code 2, one line and a hint") {
  struct Case {
    std::string arguments;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {"", {"no command", "mnist --help"}},
      {"trian", {"'trian'", "did you mean 'train'?", "mnist --help"}},
      {"--nonsense", {"'--nonsense'", "mnist --help"}},
      {"train --lrr 0.1", {"'--lrr'", "did you mean '--lr'?", "mnist train --help"}},
      {"train --momentun=0.5", {"'--momentun'", "did you mean '--momentum'?"}},
      {"train -q", {"'-q'", "mnist train --help"}},
      {"train extra", {"'extra'", "mnist train --help"}},
      {"train --lr", {"--lr needs a value"}},
      {"train --lr fast", {"--lr", "'fast'", "number", "mnist train --help"}},
      {"train --lr nan", {"--lr", "'nan'"}},
      {"train --lr -1", {"learning rate", "-1"}},
      {"train --steps 0", {"--steps", "'0'"}},
      {"train --steps 1.5", {"--steps", "'1.5'"}},
      {"train --epochs 0", {"--epochs", "'0'"}},
      {"train --batch-size 0", {"--batch-size", "'0'"}},
      {"train --log-every 0", {"--log-every", "'0'"}},
      {"train --threads -1", {"--threads", "'-1'"}},
      {"train --seed 99999999999999999999", {"--seed", "99999999999999999999"}},
      {"train --steps 5 --epochs 2", {"--steps", "--epochs"}},
      {"train --optimizer adan", {"'adan'", "did you mean 'adam'?"}},
      {"train --schedule cosin", {"'cosin'", "did you mean 'cosine'?"}},
      {"train --init hee", {"--init", "'hee'"}},
      {"train --loss l2", {"--loss", "'l2'", "mse"}},
      {"train --output-delta none", {"--output-delta", "'none'"}},
      {"train --sampling none", {"--sampling", "'none'"}},
      {"train --optimizer sgd --momentum 0.9", {"sgd", "momentum"}},
      {"train --optimizer adam --beta1 1", {"beta1"}},
      {"train --clip-norm 0", {"clip norm"}},
      {"train --preset artcle", {"'artcle'", "did you mean 'article'?", "article-as-printed"}},
      {"train --preset article --config x.toml", {"--config", "--preset"}},
      {"train --report-every 5", {"--report-every", "--validation"}},
      {"train --report-every 0 --validation 9", {"--report-every", "'0'"}},
      {"train --train-data a.csv --train-data b.csv", {"--train-data", "twice"}},
      {"train --continue", {"--continue", "--out"}},
      {"train --continue --overwrite --out run", {"--continue", "--overwrite"}},
      {"train --out ''", {"--out", "empty"}},
      {"evaluate", {"WEIGHTS_OR_RUN", "mnist evaluate --help"}},
      {"show a c", {"'c'", "mnist show --help"}},
      {"predict", {"WEIGHTS_OR_RUN", "mnist predict --help"}},
      {"show", {"PATH", "mnist show --help"}},
  };
  const Sandbox sandbox;
  for (const Case& one : cases) {
    INFO("mnist " << one.arguments);
    check_error(sandbox.mnist(one.arguments), 2, one.parts);
    CHECK_FALSE(sandbox.exists("runs"));
  }
}

TEST_CASE("cli: settings that do not fit the data or each other are exit code 2") {
  const Sandbox sandbox;
  sandbox.write_images("train.csv", 60);
  sandbox.write_images("test.csv", 20, 2);
  const std::string train =
      "train --quiet --out run --train-data train.csv --test-data test.csv --batch-size 10 ";
  struct Case {
    std::string flags;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {"--batch-size 61", {"61", "60"}},
      {"--validation 60", {"60"}},
      {"--validation -1", {"-1"}},
      {"--layers 8,rellu", {"'rellu'", "relu"}},
      {"--layers 8,,8", {"layers"}},
      {"--layers 8,softmax,8", {"softmax"}},
      {"--layers 8,relu,5,softmax", {"5", "3"}},
      {"--layers 8,relu,3,sigmoid", {"cross-entropy"}},
      {"--loss mse --output-delta article", {"output delta"}},
      {"--label-smoothing 1", {"smoothing"}},
      {"--label-smoothing 0.1 --output-delta article", {"output delta"}},
      {"--schedule one-cycle --warmup 5", {"warmup"}},
      {"--schedule cosine --warmup 20000", {"warmup"}},
      {"--schedule step --decay 2", {"decay"}},
      {"--schedule step --decay-every -1", {"decay"}},
      {"--class-names a,b", {"2 names for 3 classes"}},
      {"--class-names a,b,a", {"'a' is twice"}},
  };
  for (const Case& one : cases) {
    INFO(one.flags);
    check_error(sandbox.mnist(train + one.flags), 2, one.parts);
    CHECK_FALSE(sandbox.exists("run"));
  }
}

TEST_CASE("cli: a bad config file is exit code 3 and names file and key or line") {
  struct Case {
    std::string text;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {"lrr = 0.1\n", {"line 1", "'lrr'", "did you mean 'lr'?"}},
      {"\nbatch_size = 5\n", {"line 2", "'batch_size'", "did you mean 'batch-size'?"}},
      {"lr = fast\n", {"lr", "'fast'"}},
      {"\n# note\nlr 0.1\n", {"line 3"}},
      {"[train]\nlr = 0.1\n", {"line 2", "sections"}},
      {"lr = 0.1\nlr = 0.2\n", {"line 2", "lr"}},
      {"layers = \"50,relu\n", {"line 1"}},
      {"lr =\n", {"line 1"}},
      {"no-bias = perhaps\n", {"no-bias", "'perhaps'"}},
      {"optimizer = \"adan\"\n", {"optimizer", "'adan'", "did you mean 'adam'?"}},
      {"steps = 5\nepochs = 5\n", {"steps", "epochs"}},
      {"config = \"other.toml\"\n", {"'config'"}},
      {"optimizer = \"sgd\"\nbeta1 = 0.9\n", {"sgd", "beta1"}},
      {"lr = -1\n", {"learning rate", "-1"}},
      {std::string("\0\1\2\3binary", 10), {"line 1"}},
  };
  const Sandbox sandbox;
  for (const Case& one : cases) {
    INFO(one.text);
    sandbox.write("bad.toml", one.text);
    std::vector<std::string> parts = one.parts;
    parts.emplace_back("bad.toml");
    check_error(sandbox.mnist("train --config bad.toml"), 3, parts);
    CHECK_FALSE(sandbox.exists("runs"));
  }
  check_error(sandbox.mnist("train --config missing.toml"), 3, {"missing.toml"});
  check_error(sandbox.mnist("train --config ."), 3, {"."});
}

TEST_CASE("cli: the command line overrides the config file") {
  const Sandbox sandbox;
  sandbox.write_images("train.csv", 60);
  sandbox.write("it's #1.toml",
                "# a comment\n"
                "train-data = \"train.csv\" # another\n"
                "test-data = 'none'\n"
                "layers = \"8,relu\"\n"
                "no-bias = true\n"
                "optimizer = \"adam\"\n"
                "lr = 0.02\n"
                "beta1 = 0.8\n"
                "steps = 7\n"
                "batch-size = 10\n");
  const std::string train = "train --json --quiet --config \"it's #1.toml\" ";
  CHECK(sandbox.mnist(train).json()["steps"] == 7);
  CHECK(sandbox.mnist(train + "--steps 9").json()["steps"] == 9);
  CHECK(sandbox.mnist(train + "--epochs 2").json()["steps"] == 12);
  CHECK(sandbox.mnist(train).json()["test_accuracy"].is_null());

  // Another optimizer than the file's leaves the file's values for its own optimizer behind.
  CHECK(sandbox.mnist(train + "--optimizer sgd --out sgd").json()["steps"] == 7);
  const auto settings = sandbox.mnist("show --json sgd").json()["settings"];
  CHECK(settings["optimizer"] == "sgd");
  CHECK(settings["lr"] != 0.02);
  CHECK_FALSE(settings.contains("beta1"));
  CHECK(settings["no-bias"] == true);
  CHECK(settings["layers"] == "8,relu");
}
