// mnist show.
#include "catch.h"
#include "cli/sandbox.h"

using namespace mnist::testing;

TEST_CASE("cli: show describes data") {
  const Sandbox sandbox;
  sandbox.write("data.csv", "label,a,b\n0,0,7\n1,0,255\n0,1,0\n");
  const auto data = sandbox.mnist("show data.csv --json").json();
  CHECK(data["kind"] == "data");
  CHECK(data["rows"] == 3);
  CHECK(data["features"] == 2);
  CHECK(data["classes"] == 2);
  CHECK(data["label_counts"] == nlohmann::ordered_json{2, 1});
  CHECK(data["labels"] == nlohmann::ordered_json{0, 1});
  CHECK(data["reading"] == "label 'label' (first column)");
  CHECK(data["zero_share"] == 0.5);
  const Outcome table = sandbox.mnist("show data.csv");
  CHECK(table.code == 0);
  CHECK(table.out.find("50.00 %") != std::string::npos);
  CHECK(table.out.find("divide:255\n") != std::string::npos);
  sandbox.write("fractions.csv", "label,a,b\n0,0.2,7\n1,0.7,8.5\n");
  CHECK(sandbox.mnist("show fractions.csv").out.find(" 0.2 to 8.5\n") != std::string::npos);
  const Outcome asked = sandbox.mnist("show data.csv --input-scale divide:7 --invert");
  CHECK(asked.out.find("divide:7, invert\n") != std::string::npos);

  const auto mnist_test = sandbox.mnist("show data/mnist_test.csv.zst --json").json();
  CHECK(mnist_test["rows"] == 10000);
  CHECK(mnist_test["features"] == 784);
  CHECK(mnist_test["label_counts"][0] == 980);
}

TEST_CASE("cli: show describes weights") {
  const Sandbox sandbox;
  sandbox.train_small();
  const auto weights = sandbox.mnist("show run/weights.safetensors --json").json();
  CHECK(weights["kind"] == "weights");
  CHECK(weights["layers"] == "16,8,relu,3,softmax");
  CHECK(weights["parameters"] == 16 * 8 + 8 + 8 * 3 + 3);
  REQUIRE(weights["tensors"].size() == 4);
  CHECK(weights["tensors"][0]["name"] == "0.weight");
  CHECK(weights["tensors"][0]["shape"] == nlohmann::ordered_json{8, 16});
  const Outcome table = sandbox.mnist("show run/weights.safetensors");
  CHECK(table.out.find("8 x 16") != std::string::npos);
}

TEST_CASE("cli: show tells what each layer gives, holds and costs") {
  const Sandbox sandbox;
  sandbox.write_images("train.csv", 60);
  REQUIRE(
      sandbox
          .mnist("train --train-data train.csv --test-data none --steps 3 --batch-size 9 --quiet "
                 "--layers 2c3,batchnorm,relu,maxpool:2,5,relu --out run")
          .code == 0);
  const auto stack = sandbox.mnist("show run --json").json()["stack"];
  REQUIRE(stack.size() == 8);
  const auto expect = [&](std::size_t i, const char* layer, const char* shape,
                          std::size_t parameters, std::size_t multiply_adds) {
    CHECK(stack[i]["layer"] == layer);
    CHECK(stack[i]["shape"] == shape);
    CHECK(stack[i]["parameters"] == parameters);
    CHECK(stack[i]["multiply_adds"] == multiply_adds);
  };
  expect(0, "2c3", "2x2x2", 2 * 9 + 2, 2 * 9 * 4);
  expect(1, "batchnorm", "2x2x2", 4, 0);
  expect(3, "maxpool:2", "2", 0, 0);
  expect(4, "5", "5", 2 * 5 + 5, 2 * 5);
  expect(6, "3", "3", 5 * 3 + 3, 5 * 3);
  expect(7, "softmax", "3", 0, 0);
  CHECK(sandbox.mnist("show run/weights.safetensors --json").json()["stack"] == stack);
  CHECK_THAT(sandbox.mnist("show run").out, mnist::contains("multiply-adds"));
}

TEST_CASE("cli: show describes a run, finished or not") {
  const Sandbox sandbox;
  sandbox.train_small();
  const auto run = sandbox.mnist("show run --json").json();
  CHECK(run["kind"] == "run");
  CHECK(run["result"] == nlohmann::ordered_json::parse(sandbox.read("run/result.json")));
  CHECK(run["settings"]["steps"] == 150);
  CHECK(run["settings"]["lr"] == 0.02);
  CHECK(run["settings"]["no-bias"] == false);
  CHECK(run["settings"]["layers"] == "8,relu");
  CHECK(sandbox.mnist("show run").out.find("test accuracy") != std::string::npos);

  std::filesystem::remove(sandbox.path("run/result.json"));
  CHECK(sandbox.mnist("show run --json").json()["result"].is_null());
  CHECK(sandbox.mnist("show run").out.find("did not finish") != std::string::npos);
  sandbox.write("run/result.json", "{\"run\": 1");
  check_error(sandbox.mnist("show run"), 3, {"run/result.json"});
  check_error(sandbox.mnist("show ."), 3, {"no pictures"});
  check_error(sandbox.mnist("show missing"), 3, {"missing"});
}

TEST_CASE("cli: show draws what augmentation makes of a data file's images") {
  const Sandbox sandbox;
  sandbox.write_images("train.csv", 30, 1);
  const std::string show = "show train.csv --augment full ";
  const Outcome drawn = sandbox.mnist(show + "-o grid.png");
  CHECK(drawn.code == 0);
  CHECK(drawn.out.empty());
  const std::string picture = sandbox.read("grid.png");
  CHECK(picture.starts_with("\x89PNG"));
  REQUIRE(sandbox.mnist(show + "--output again.png").code == 0);
  CHECK(sandbox.read("again.png") == picture);
  for (const std::string other : {"--seed 1", "--rotate 3", "--elastic-alpha 5"}) {
    REQUIRE(sandbox.mnist(show + "-o other.png " + other).code == 0);
    CHECK(sandbox.read("other.png") != picture);
  }
  sandbox.write("oblong.csv", "0,1,2,3\n");
  check_error(sandbox.mnist("show oblong.csv --augment elastic -o x.png"), 2, {"image"});

  check_error(sandbox.mnist("show train.csv -o x.png"), 2, {"--augment"});
  check_error(sandbox.mnist("show train.csv --augment full"), 2, {"--output"});
  check_error(sandbox.mnist("show train.csv --augment none -o x.png"), 2, {"nothing to draw"});
  check_error(sandbox.mnist("show train.csv --augment full -o nowhere/x.png"), 1, {"nowhere"});
}
