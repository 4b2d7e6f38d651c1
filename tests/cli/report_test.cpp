// mnist report: what it writes, and what it says where it cannot. What a browser makes of the page
// is tested beside it.
#include <fmt/format.h>

#include "catch.h"
#include "cli/report_data.h"
#include "cli/sandbox.h"

namespace mnist::testing {
namespace {

TEST_CASE("cli report: a run's page holds its figures, settings, curves and network") {
  const Sandbox box;
  box.train_small();
  const auto page = report_of(box, "run");
  CHECK(page["kind"] == "run");
  CHECK(page["name"] == "run");
  const auto evaluated = box.mnist("evaluate run --data test.csv --json").json();
  CHECK(page["measured"]["metrics"] == evaluated);
  CHECK_THAT(page["measured"]["data"].get<std::string>(), contains("test.csv"));
  CHECK(page["result"]["test_accuracy"] == evaluated["accuracy"]);
  CHECK(page["network"]["layers"] == "16,8,relu,3,softmax");
  CHECK(page["network"]["side"] == 4);
  CHECK(page["curves"]["loss"].size() == 300);
  CHECK(page["curves"]["validation_accuracy"].empty());
  CHECK_THAT(page["curves"]["loss_axis"].get<std::string>(), contains("nat"));
  std::set<std::string> changed;
  for (const auto& setting : page["settings"]) {
    if (setting["changed"]) changed.insert(setting["name"]);
  }
  CHECK(changed ==
        std::set<std::string>{"train-data", "test-data", "layers", "lr", "batch-size", "steps"});
}

TEST_CASE("cli report: the page is report.html unless -o says otherwise, and its name is printed") {
  const Sandbox box;
  box.train_small();
  const Outcome outcome = box.mnist("report run");
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "report.html\n");
  CHECK_THAT(outcome.err, mnist::contains("test.csv: 100 rows; label (first column)"));
  CHECK(box.mnist("report run -o other.html").out == "other.html\n");
  CHECK(box.read("other.html") == box.read("report.html"));
  const Outcome without = box.shell("PATH=/nonexistent $MNIST report run");  // needs no program
  CHECK(without.code == 0);
}

TEST_CASE("cli report: measured on other data, on rows held out, or not at all") {
  const Sandbox box;
  box.write_images("train.csv", 300, 1);
  box.write_images("test.csv", 100, 2);
  const std::string flags = "--layers 8,relu --steps 60 --train-data train.csv --test-data none ";
  REQUIRE(box.mnist("train " + flags + "--quiet --validation 50 --out held").code == 0);
  REQUIRE(box.mnist("train " + flags + "--quiet --out all").code == 0);

  const auto held = report_of(box, "held");
  CHECK(held["measured"]["metrics"]["count"] == 50);
  CHECK(held["measured"]["metrics"]["accuracy"] == held["result"]["validation_accuracy"]);
  CHECK_THAT(held["measured"]["data"].get<std::string>(), contains("50 rows held out of"));
  CHECK_FALSE(held["curves"]["validation_accuracy"].empty());

  CHECK(report_of(box, "all")["measured"].is_null());
  CHECK(report_of(box, "all --data test.csv")["measured"]["metrics"]["count"] == 100);
  CHECK(report_of(box, "held --data test.csv")["measured"]["metrics"]["count"] == 100);
}

TEST_CASE("cli report: a run that collapsed tells why, with the curves up to there") {
  const Sandbox box;
  box.write_images("train.csv", 300, 1);
  box.write_images("test.csv", 100, 2);
  REQUIRE(box.mnist("train " + kSmall + "--optimizer sgd --lr 1e30 --out run --quiet").code == 4);
  const auto page = report_of(box, "run");
  CHECK_THAT(page["collapse"]["message"].get<std::string>(), contains("step"));
  CHECK(page["network"].is_null());
  CHECK(page["result"].is_null());
  CHECK_FALSE(page["curves"]["loss"].empty());
}

TEST_CASE("cli report: a sweep's page has all trials, the best first, and its space") {
  const Sandbox box;
  box.write_images("train.csv", 300, 1);
  const std::string flags =
      "--train-data train.csv --validation 100 --layers 8,relu --steps 40 "
      "--optimizer sgd --quiet --out sweep ";
  REQUIRE(box.mnist("sweep " + flags +
                    "--sample 'lr=log(0.001,0.5)' --sample 'batch-size=choice(10|20)' --trials 12")
              .code == 0);
  const auto page = report_of(box, "sweep");
  CHECK(page["kind"] == "sweep");
  CHECK(page["metric"] == "validation_accuracy");
  REQUIRE(page["best"].size() == 12);
  for (std::size_t i = 1; i < page["best"].size(); ++i) {
    CHECK(page["best"][i - 1]["validation_accuracy"].get<double>() >=
          page["best"][i]["validation_accuracy"].get<double>());
  }
  CHECK(page["space"][0]["name"] == "lr");
  CHECK(page["space"][0]["log"] == true);
  CHECK(page["space"][1]["values"] == nlohmann::ordered_json{"10", "20"});
  check_error(box.mnist("report sweep --data train.csv"), 2, {"--data", "sweep"});
}

TEST_CASE("cli report: mistakes are told and leave no page") {
  const Sandbox box;
  box.train_small();
  check_error(box.mnist("report"), 2, {"RUN", "mnist report --help"});
  check_error(box.mnist("report missing"), 3, {"missing: no directory of a training run"});
  check_error(box.mnist("report test.csv"), 3, {"test.csv"});
  check_error(box.mnist("report run --data missing.csv"), 3, {"missing.csv"});
  box.write("wide.csv", "0,1,2,3\n");
  check_error(box.mnist("report run --data wide.csv"), 3, {"wide.csv"});
  check_error(box.mnist("report run -o missing/page.html"), 1, {"missing/page.html"});
  box.write("run/result.json", "{");
  check_error(box.mnist("report run"), 3, {"run/result.json"});
  std::filesystem::remove(box.path("run/weights.safetensors"));
  check_error(box.mnist("report run"), 3, {"run", "has not finished training"});
  CHECK(!box.exists("report.html"));
}

}  // namespace
}  // namespace mnist::testing
