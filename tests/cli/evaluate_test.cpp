// mnist evaluate.
#include "catch.h"
#include "cli/sandbox.h"

using namespace mnist::testing;

TEST_CASE("cli: evaluate measures a run or a weights file") {
  const Sandbox sandbox;
  sandbox.train_small();
  const auto metrics = sandbox.mnist("evaluate run --data test.csv --json").json();
  std::vector<std::string> keys;
  for (const auto& item : metrics.items()) keys.push_back(item.key());
  CHECK(keys == std::vector<std::string>{"accuracy", "error", "loss", "count", "correct",
                                         "confusion", "per_class"});
  const auto result = nlohmann::ordered_json::parse(sandbox.read("run/result.json"));
  CHECK(metrics["accuracy"] == result["test_accuracy"]);
  CHECK(metrics["error"] == result["test_error"]);
  CHECK(metrics["loss"] == result["test_loss"]);
  CHECK(metrics["accuracy"].get<double>() > 0.9);
  CHECK(metrics["count"] == 100);
  std::size_t sum = 0;
  std::size_t diagonal = 0;
  for (std::size_t r = 0; r < 3; ++r) {
    diagonal += metrics["confusion"][r][r].get<std::size_t>();
    for (const auto& n : metrics["confusion"][r]) sum += n.get<std::size_t>();
  }
  CHECK(sum == 100);
  CHECK(diagonal == metrics["correct"]);
  CHECK(metrics["per_class"].size() == 3);

  const auto same =
      sandbox.mnist("evaluate run/weights.safetensors --data test.csv --json --threads 1").json();
  CHECK(same == metrics);
}

TEST_CASE("cli: evaluate reports views and committees beside the single figures") {
  const Sandbox sandbox;
  sandbox.train_small();
  REQUIRE(sandbox.mnist("train " + kSmall + "--steps 30 --seed 1 --quiet --out two").code == 0);
  const auto single = sandbox.mnist("evaluate run --data test.csv --json").json();
  const std::string views =
      " --data test.csv --json --views 3 --seed 4 --augment affine --shift 0.5";
  const auto with_views = sandbox.mnist("evaluate run" + views).json();
  for (const auto& [key, value] : single.items()) CHECK(with_views[key] == value);
  CHECK(with_views["with_views"]["count"] == 100);
  CHECK(with_views["with_views"]["loss"] != single["loss"]);

  const auto both = sandbox.mnist("evaluate run two" + views + " --threads 1").json();
  REQUIRE(both["networks"].size() == 2);
  CHECK(both["networks"][0]["weights"] == "run");
  CHECK(both["networks"][0]["loss"] == single["loss"]);
  CHECK(both["networks"][0]["with_views"] == with_views["with_views"]);
  CHECK(both["committee"]["count"] == 100);
  CHECK(both["committee"]["with_views"]["accuracy"].get<double>() > 0.5);
  const Outcome table = sandbox.mnist("evaluate run two --views 2 --data test.csv");
  CHECK_THAT(table.out, mnist::contains("committee of 2") && mnist::contains("with views"));

  check_error(sandbox.mnist("evaluate run test.csv"), 3, {"test.csv", "--data test.csv"});
  const std::string run = "evaluate run --data test.csv ";
  check_error(sandbox.mnist(run + "--rotate 3"), 2, {"--rotate", "--views"});
  check_error(sandbox.mnist(run + "--seed 3"), 2, {"--seed", "--views"});
  check_error(sandbox.mnist(run + "--views 2 --augment none"), 2, {"alike"});
  check_error(sandbox.mnist("evaluate"), 2, {"WEIGHTS_OR_RUN"});
  check_error(sandbox.mnist(run + "missing"), 3, {"missing"});
  sandbox.write("wide.csv", "0,3,2,1\n1,4,5,6\n2,7,8,9\n");
  REQUIRE(sandbox
              .mnist("train --train-data wide.csv --test-data none --batch-size 3 --steps 2"
                     " --layers 4 --quiet --out wide")
              .code == 0);
  check_error(sandbox.mnist(run + "wide"), 3, {"wide", "16 and 3"});
  check_error(sandbox.mnist("evaluate wide --data wide.csv --views 2"), 2, {"image"});
}

TEST_CASE("cli: evaluate prints a table") {
  const Sandbox sandbox;
  sandbox.train_small();
  const Outcome outcome = sandbox.mnist("evaluate run --data test.csv");
  CHECK(outcome.code == 0);
  CHECK(outcome.err ==
        "test.csv: 100 rows; label (first column); 16 features, 4 x 4, 0 to 249; 3 classes\n");
  for (const char* word : {"accuracy", "error", "loss", "confusion", "precision", "recall", "F1"}) {
    INFO(word);
    CHECK(outcome.out.find(word) != std::string::npos);
  }
}

TEST_CASE("cli: evaluate names the classes of a run that has names") {
  const Sandbox sandbox;
  sandbox.write_images("train.csv", 300, 1);
  sandbox.write_images("test.csv", 100, 2);
  const std::string command = "train " + kSmall + "--steps 20 --quiet --out run --class-names ";
  REQUIRE(sandbox.mnist(command + "ant,honeybee,cow").code == 0);
  CHECK_THAT(sandbox.read("run/config.toml"),
             mnist::contains("class-names = \"ant,honeybee,cow\""));
  const auto metrics = sandbox.mnist("evaluate run --data test.csv --json").json();
  CHECK(metrics["per_class"][1]["label"] == 1);
  CHECK(metrics["per_class"][1]["name"] == "honeybee");
  CHECK_THAT(sandbox.mnist("evaluate run --data test.csv").out, mnist::contains("\n1 honeybee  "));

  // The names go on with the weights.
  REQUIRE(sandbox.mnist("export run -o copy.safetensors").code == 0);
  CHECK(sandbox.mnist("evaluate copy.safetensors --data test.csv --json").json() == metrics);
}

TEST_CASE("cli: evaluate takes the layers of a file that does not name them") {
  const Sandbox sandbox;
  sandbox.train_small();
  // The same tensors as PyTorch would write them: without the stack in the metadata.
  std::string bytes = sandbox.read("run/weights.safetensors");
  const std::string stack = "16,8,relu,3,softmax";
  const std::size_t place = bytes.find("\"layers\"");
  REQUIRE(place != std::string::npos);
  bytes.replace(place, 8, "\"Layers\"");
  sandbox.write("torch.safetensors", bytes);
  check_error(sandbox.mnist("evaluate torch.safetensors --data test.csv"), 3,
              {"torch.safetensors", "layers"});
  const auto expected = sandbox.mnist("evaluate run --data test.csv --json").json();
  for (const std::string layers : {"8,relu", "8,relu,3,softmax", "16,8,relu,3,softmax"}) {
    INFO(layers);
    CHECK(sandbox.mnist("evaluate torch.safetensors --data test.csv --json --layers " + layers)
              .json() == expected);
  }
  check_error(sandbox.mnist("evaluate torch.safetensors --data test.csv --layers 9,relu"), 3,
              {"torch.safetensors"});
  check_error(sandbox.mnist("evaluate torch.safetensors --data test.csv --layers 8,rellu"), 2,
              {"'rellu'"});
}
