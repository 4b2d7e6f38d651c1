// mnist train: what it prints and leaves behind.
#include <fmt/format.h>

#include <cmath>
#include <set>

#include "catch.h"
#include "cli/sandbox.h"

using namespace mnist::testing;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kResultKeys = {"run",
                                              "layers",
                                              "parameters",
                                              "seed",
                                              "threads",
                                              "steps",
                                              "epochs",
                                              "kept_epoch",
                                              "load_seconds",
                                              "train_seconds",
                                              "samples_per_second",
                                              "train_loss",
                                              "validation_loss",
                                              "validation_accuracy",
                                              "test_accuracy",
                                              "test_error",
                                              "test_loss"};

std::vector<std::string> keys_of(const nlohmann::ordered_json& json) {
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  return keys;
}

struct TrainingData : Sandbox {
  TrainingData() {
    write_images("train.csv", 300, 1);
    write_images("test.csv", 100, 2);
  }
};

}  // namespace

TEST_CASE("cli: train writes the run directory") {
  const TrainingData sandbox;
  const Outcome outcome = sandbox.mnist(
      "train " + kSmall + "--validation 50 --epochs 4 --log-every 3 --out run --json");
  const auto result = outcome.json();
  CHECK(keys_of(result) == kResultKeys);
  CHECK(result == nlohmann::ordered_json::parse(sandbox.read("run/result.json")));
  CHECK(result["run"] == "run");
  CHECK(result["layers"] == "16,8,relu,3,softmax");
  CHECK(result["parameters"] == 16 * 8 + 8 + 8 * 3 + 3);
  CHECK(result["seed"] == 0);
  CHECK(result["steps"] == 52);  // 250 rows are 13 batches an epoch, the last one of 10 rows
  CHECK(result["epochs"] == 4.0);
  CHECK(result["test_error"].get<double>() == Approx(1 - result["test_accuracy"].get<double>()));
  CHECK(result["validation_accuracy"].is_number());

  CHECK(entries(sandbox.path("run")) ==
        std::set<std::string>{"config.toml", "weights.safetensors", "loss.csv", "epochs.csv",
                              "result.json", "train.log", "optimizer.safetensors"});
  const auto loss = lines_of(sandbox.read("run/loss.csv"));
  REQUIRE(loss.size() == 1 + 18);
  CHECK(loss[0] == "step,epoch,learning_rate,loss");
  CHECK(loss[1].starts_with("1,1,"));
  CHECK(loss[2].starts_with("4,1,"));
  CHECK(loss[18].starts_with("52,4,"));
  const auto epochs = lines_of(sandbox.read("run/epochs.csv"));
  REQUIRE(epochs.size() == 1 + 4);
  CHECK(epochs[0] == "epoch,step,train_loss,validation_loss,validation_accuracy,seconds");
  CHECK(epochs[4].starts_with("4,52,"));
  CHECK(epochs[4].find(",,") == std::string::npos);

  // The log holds what was said on standard error.
  const auto said = lines_of(outcome.err);
  const auto log = lines_of(sandbox.read("run/train.log"));
  REQUIRE(said.size() == log.size());
  for (std::size_t i = 0; i < said.size(); ++i) CHECK(log[i].ends_with(" " + said[i]));
  CHECK(outcome.err.find("epoch 4/4") != std::string::npos);
}

TEST_CASE("cli: train prints a summary, and a line per tenth of the steps where no one watches") {
  const TrainingData sandbox;
  const Outcome outcome = sandbox.mnist("train " + kSmall + "--steps 100");
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("test accuracy") != std::string::npos);
  CHECK(outcome.out.find("runs/2") != std::string::npos);
  std::size_t tenths = 0;
  for (const std::string& line : lines_of(outcome.err)) tenths += line.starts_with("step ") ? 1 : 0;
  CHECK(tenths == 10);
  CHECK(outcome.err.find('\r') == std::string::npos);

  const Outcome quiet = sandbox.mnist("train --quiet " + kSmall + "--steps 10");
  CHECK(quiet.code == 0);
  CHECK(quiet.err.empty());
  const Outcome untested = sandbox.mnist("train --json " + kSmall + "--steps 10 --test-data none");
  CHECK(untested.json()["test_accuracy"].is_null());
  CHECK(untested.json()["test_loss"].is_null());
}

TEST_CASE("cli: on a terminal train draws a progress bar") {
  const TrainingData sandbox;
  const Outcome outcome = sandbox.shell("export TERM=xterm; script -qec \"$MNIST train " + kSmall +
                                        "--steps 3000 --out run --json > result\" /dev/null");
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("\r[") != std::string::npos);
  CHECK(outcome.out.find("step 3000/3000  loss") == std::string::npos);  // the log's line
  CHECK(sandbox.read("run/train.log").find("step 3000/3000  loss") != std::string::npos);
  CHECK(nlohmann::ordered_json::accept(sandbox.read("result")));
  const Outcome dumb = sandbox.shell("export TERM=dumb; script -qec \"$MNIST train " + kSmall +
                                     "--steps 10 > result\" /dev/null");
  CHECK(dumb.out.find('[') == std::string::npos);
}

TEST_CASE("cli: an out directory that holds a run is refused unless it may be overwritten") {
  const TrainingData sandbox;
  const std::string train = "train --quiet --json " + kSmall + "--steps 10 --out run ";
  CHECK(sandbox.mnist(train + "--seed 1").code == 0);
  const std::string first = sandbox.read("run/weights.safetensors");
  check_error(sandbox.mnist(train + "--seed 2"), 2, {"run", "overwrite", "mnist train --help"});
  CHECK(sandbox.read("run/weights.safetensors") == first);
  CHECK(sandbox.mnist(train + "--seed 2 --overwrite").code == 0);
  CHECK(sandbox.read("run/weights.safetensors") != first);
  CHECK_FALSE(sandbox.exists("run.previous"));
}

TEST_CASE("cli: a run that fails leaves the run it was to replace") {
  const TrainingData sandbox;
  const std::string train = "train --quiet " + kSmall + "--out run ";
  CHECK(sandbox.mnist(train + "--steps 10").code == 0);
  const std::string first = sandbox.read("run/weights.safetensors");

  // Before training starts: as if nothing had happened.
  check_error(sandbox.mnist("train --quiet --out run --overwrite --train-data missing.csv"), 3,
              {"missing.csv"});
  CHECK(sandbox.read("run/weights.safetensors") == first);
  CHECK_FALSE(sandbox.exists("run.previous"));

  // While it trains: the old run lies beside what the new one has logged.
  check_error(sandbox.mnist(train + "--overwrite --steps 1000 --optimizer sgd --lr 1e30"), 4,
              {"step", "learning rate", "run.previous"});
  CHECK(sandbox.read("run.previous/weights.safetensors") == first);
  CHECK(lines_of(sandbox.read("run/loss.csv")).size() > 1);
  CHECK_FALSE(sandbox.exists("run/weights.safetensors"));
  CHECK(sandbox.read("run/train.log").find("learning rate") != std::string::npos);

  CHECK(sandbox.mnist(train + "--overwrite --steps 10").code == 0);
  CHECK_FALSE(sandbox.exists("run.previous"));

  check_error(sandbox.mnist(train + "--overwrite --init-weights run"), 2, {"--init-weights"});
}

TEST_CASE("cli: runs started in the same second have directories of their own") {
  const TrainingData sandbox;
  const Outcome outcome = sandbox.shell("for i in 1 2 3 4; do \"$MNIST\" train --quiet " + kSmall +
                                        "--steps 5 & done; wait");
  INFO(outcome.err);
  CHECK(entries(sandbox.path("runs")).size() == 4);
  for (const std::string& run : entries(sandbox.path("runs"))) {
    CHECK(sandbox.exists("runs/" + run + "/result.json"));
  }
}

TEST_CASE("cli: an out directory that cannot be written is exit code 1 before data is read") {
  const TrainingData sandbox;
  sandbox.write("file", "");
  const std::string train = "train --quiet --train-data missing.csv ";
  check_error(sandbox.mnist(train + "--out file/run"), 1, {"file/run", "Not a directory"});
  check_error(sandbox.mnist(train + "--out file"), 1, {"file"});
  check_error(sandbox.mnist(train + "--out /proc/run"), 1, {"/proc/run"});
}

TEST_CASE("cli: a disk that is full is exit code 1 with the file and the reason") {
  const TrainingData sandbox;
  // Files may not grow past a few KiB, which fails as a full disk does, with another reason.
  const Outcome outcome =
      sandbox.shell("trap '' XFSZ; ulimit -f 8; exec \"$MNIST\" train --quiet " + kSmall +
                    "--steps 100000 --out run");
  check_error(outcome, 1, {"run/loss.csv", "File too large"});
  CHECK(sandbox.read("run/loss.csv").starts_with("step,epoch,learning_rate,loss\n1,1,"));

  // Not even config.toml can be written. Standard error is a pipe here, the limit is on files.
  check_error(sandbox.shell("(trap '' XFSZ; ulimit -f 0; exec \"$MNIST\" train --quiet "
                            "--train-data missing.csv --out new) 2>&1 | cat >&2; "
                            "exit ${PIPESTATUS[0]}"),
              1, {"new/config.toml", "File too large"});
  CHECK_FALSE(sandbox.exists("new"));

  check_error(sandbox.shell("\"$MNIST\" train --quiet " + kSmall + "--steps 5 > /dev/full"), 1,
              {"standard output", "No space left"});
}

TEST_CASE("cli: the same settings give the same bytes from config.toml and on any threads") {
  const TrainingData sandbox;
  const std::string flags = kSmall +
                            "--seed 7 --validation 0.1 --epochs 3 --optimizer nesterov --lr 0.03 "
                            "--weight-decay 1e-5 --clip-norm 0.7 --label-smoothing 0.05 "
                            "--schedule exponential --decay 0.3 --init xavier ";
  REQUIRE(sandbox.mnist("train --quiet " + flags + "--threads 1 --out a").code == 0);
  const std::string weights = sandbox.read("a/weights.safetensors");
  const std::string loss = sandbox.read("a/loss.csv");
  for (const char* threads : {"2", "3"}) {
    REQUIRE(sandbox.mnist("train --quiet " + flags + "--threads " + threads + " --out t" + threads)
                .code == 0);
    CHECK(sandbox.read(std::string("t") + threads + "/weights.safetensors") == weights);
    CHECK(sandbox.read(std::string("t") + threads + "/loss.csv") == loss);
  }
  // From another directory: the paths in config.toml are absolute.
  const Outcome again = sandbox.shell(
      "mkdir elsewhere && cd elsewhere && \"$MNIST\" train --quiet --config ../a/config.toml "
      "--out ../b");
  INFO(again.err);
  REQUIRE(again.code == 0);
  CHECK(sandbox.read("b/weights.safetensors") == weights);
  CHECK(sandbox.read("b/config.toml") == sandbox.read("a/config.toml"));

  REQUIRE(sandbox.mnist("train --quiet " + flags + "--seed 8 --out c").code == 0);
  CHECK(sandbox.read("c/weights.safetensors") != weights);
}

TEST_CASE("cli: config.toml brings back every kind of setting") {
  const TrainingData sandbox;
  sandbox.train_small();
  const std::vector<std::string> flag_sets = {
      "--steps 9 --no-bias --init article --optimizer sgd --output-delta article "
      "--sampling independent --schedule constant",
      "--steps 9 --optimizer rmsprop --momentum 0.3 --beta2 0.95 --epsilon 1e-7 --schedule step "
      "--decay-every 2 --warmup 3",
      "--steps 9 --optimizer adamw --beta1 0.85 --schedule cosine --warmup 0.2 --log-every 2",
      "--epochs 1 --loss mse --layers 8,tanh,3,sigmoid --optimizer adagrad",
      "--steps 9 --layers '' --optimizer momentum --test-data none",
      "--steps 9 --init-weights run --class-names 'a,it'\\''s,c'",
  };
  int number = 0;
  for (const std::string& flags : flag_sets) {
    INFO(flags);
    const std::string out = fmt::format("out{}", number++);
    const Outcome first = sandbox.mnist("train --quiet " + kSmall + flags + " --out " + out);
    INFO(first.err);
    REQUIRE(first.code == 0);
    const Outcome second =
        sandbox.mnist("train --quiet --config " + out + "/config.toml --out " + out + "b");
    INFO(second.err);
    REQUIRE(second.code == 0);
    CHECK(sandbox.read(out + "/weights.safetensors") ==
          sandbox.read(out + "b/weights.safetensors"));
    CHECK(sandbox.read(out + "/loss.csv") == sandbox.read(out + "b/loss.csv"));
    CHECK(sandbox.read(out + "/config.toml") == sandbox.read(out + "b/config.toml"));
  }
}

TEST_CASE("cli: training goes on from given weights") {
  const TrainingData sandbox;
  sandbox.train_small();
  // The same as the sgd step with a rate of 0: the weights do not move.
  REQUIRE(sandbox
              .mnist("train --quiet " + kSmall +
                     "--init-weights run --optimizer sgd --lr 0 --steps 3 --out same")
              .code == 0);
  CHECK(sandbox.read("same/weights.safetensors") == sandbox.read("run/weights.safetensors"));
}

TEST_CASE("cli: the default data is found from anywhere and the network learns it") {
  const Sandbox sandbox;
  const auto result = sandbox.mnist("train --quiet --json --steps 500").json();
  CHECK(result["layers"] == "784,50,relu,20,relu,10,softmax");
  CHECK(result["test_accuracy"].get<double>() > 0.9);
  const std::string run = result["run"].get<std::string>();
  CHECK(sandbox.read(run + "/config.toml").find("\"data/mnist_train.csv.zst\"") !=
        std::string::npos);
}

TEST_CASE("cli: the preset article learns, article-as-printed collapses and says so") {
  const Sandbox sandbox;
  const auto article = sandbox.mnist("train --quiet --json --preset article --seed 1").json();
  CHECK(article["steps"] == 10000);
  CHECK(article["parameters"] == 784 * 50 + 50 * 20 + 20 * 10);
  CHECK(article["test_accuracy"].get<double>() >= 0.96);
  const Outcome printed =
      sandbox.mnist("train --quiet --json --preset article-as-printed --seed 0 --out printed");
  check_error(printed, 4, {"collapse", "step", "article-softmax"});
  CHECK(lines_of(sandbox.read("printed/loss.csv")).size() > 100);
  CHECK_FALSE(sandbox.exists("printed/result.json"));
}

TEST_CASE("cli: --report-every prints a line of JSON now and then and the result as the last") {
  const TrainingData sandbox;
  const std::string train = "train --quiet " + kSmall + "--steps 40 --validation 100 ";
  const Outcome told = sandbox.mnist(train + "--report-every 15 --out told");
  REQUIRE(told.code == 0);
  const std::vector<std::string> lines = lines_of(told.out);
  REQUIRE(lines.size() == 3);
  for (const std::size_t i : {0U, 1U}) {
    const auto line = nlohmann::ordered_json::parse(lines[i]);
    CHECK(keys_of(line) ==
          std::vector<std::string>{"step", "validation_loss", "validation_accuracy"});
    CHECK(line["step"] == 15 * (i + 1));
  }
  const auto result = nlohmann::ordered_json::parse(lines[2]);
  CHECK(keys_of(result) == kResultKeys);

  // Looking changes nothing, and the last look is the result's.
  const auto plain = sandbox.mnist(train + "--json --out plain").json();
  CHECK(sandbox.read("told/weights.safetensors") == sandbox.read("plain/weights.safetensors"));
  CHECK(result["validation_loss"] == plain["validation_loss"]);
  const Outcome all = sandbox.mnist(train + "--report-every 40 --out all");
  CHECK(nlohmann::ordered_json::parse(lines_of(all.out).at(0))["validation_loss"] ==
        plain["validation_loss"]);
}

TEST_CASE("cli: --split-seed alone decides which rows are held out") {
  const TrainingData sandbox;
  const auto loss = [&](const std::string& seeds) {
    // At a rate of 0 the same weights are measured: those of the initial seed.
    const auto result = sandbox
                            .mnist("train --json --quiet --overwrite --out run " + kSmall +
                                   "--optimizer sgd --lr 0 --steps 1 --validation 30 " + seeds)
                            .json();
    return result["validation_loss"].get<double>();
  };
  CHECK(loss("--seed 1") == loss("--seed 1 --split-seed 1"));
  CHECK(loss("--seed 1") != loss("--seed 1 --split-seed 2"));
  const std::string same_weights = "--init-weights start --seed ";
  REQUIRE(sandbox.mnist("train --quiet --out start --steps 1 " + kSmall).code == 0);
  CHECK(loss(same_weights + "1 --split-seed 5") == loss(same_weights + "2 --split-seed 5"));
}
