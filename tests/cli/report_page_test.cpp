// The pages of mnist report in a real browser, see node/browse.js.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "catch.h"
#include "cli/sandbox.h"
#include "data/data_file.h"
#include "test_paths.h"

namespace mnist::testing {
namespace {

using Json = nlohmann::ordered_json;

const std::string kBrowse = "node " MNIST_FIXTURES_DIR "/../node/browse.js ";

bool browser_is_missing(const Sandbox& box) {
  if (box.shell(kBrowse + "--check").code == 0) return false;
  skip_test("needs Node.js, npm install in tests/node and chromium");
  return true;
}

// Does `plan` to report.html. Whatever it is, the page asks for nothing else, has nothing to
// complain about and fits its window.
Json browse(const Sandbox& box, const Json& plan) {
  box.write("plan.json", plan.dump());
  const Json result = box.shell(kBrowse + "report.html plan.json").json();
  CHECK(result["problems"] == Json::array());
  CHECK(result["requests"] == Json::array());
  CHECK(result["overflow"] == 0);
  REQUIRE(result["actions"].size() == plan["actions"].size());
  return result;
}

void require_success(const Outcome& outcome) {
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
}

// Strokes on the pad that draw a test image: one along each run of inked pixels in a row.
Json strokes_of(const std::uint8_t* pixels, std::size_t side) {
  const auto inked = [&](std::size_t x, std::size_t y) {
    return x < side && pixels[y * side + x] > 127;
  };
  const auto place = [&](std::size_t i) {
    return (static_cast<double>(i) + 0.5) / static_cast<double>(side);
  };
  Json strokes = Json::array();
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      if (!inked(x, y)) continue;
      const std::size_t first = x;
      while (inked(x + 1, y)) ++x;
      strokes.push_back({{place(first), place(y)}, {place(x), place(y)}});
    }
  }
  return strokes;
}

// The probabilities of `mnist predict` for each of the pictures, by class.
std::vector<std::vector<double>> predicted(const Sandbox& box, const std::string& arguments,
                                           std::size_t classes) {
  const Outcome outcome = box.mnist("predict run --probabilities " + arguments);
  require_success(outcome);
  std::vector<std::vector<double>> rows;
  std::vector<std::string> lines = lines_of(outcome.out);
  lines.erase(lines.begin());
  for (const std::string& line : lines) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    rows.emplace_back();
    for (std::size_t c = cells.size() - classes; c < cells.size(); ++c) {
      rows.back().push_back(std::stod(cells[c]));
    }
  }
  return rows;
}

void check_agreement(const Json& shown, const std::vector<double>& expected) {
  REQUIRE(shown.size() == expected.size());
  std::size_t c = 0;
  for (const auto& item : shown.items()) {
    CHECK(std::abs(item.value().get<double>() - expected[c]) < 1e-4);
    ++c;
  }
}

std::size_t best_of(const std::vector<double>& probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

TEST_CASE("cli report page: digits drawn on the pad are recognised as mnist predict does") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  require_success(box.mnist("train --steps 3000 --validation 5000 --out run --quiet"));
  require_success(box.mnist("report run"));
  const Dataset test = load_data_file(MNIST_DATA_DIR "/mnist_test.csv.zst");

  Json actions = Json::array();
  std::vector<std::size_t> labels;
  std::string pictures;
  for (std::size_t r = 0; r < 10; ++r) {
    actions.push_back({{"click", "text=Clear"}});
    actions.push_back({{"draw", strokes_of(test.row(r), 28)}});
    actions.push_back({{"save", fmt::format("{}.png", r)}});
    labels.push_back(static_cast<std::size_t>(test.labels[r]));
    pictures += fmt::format("{}.png ", r);
  }
  for (const bool touch : {false, true}) {
    INFO("touch: " << touch);
    const Json result = browse(box, {{"touch", touch}, {"actions", actions}});
    const auto expected = predicted(box, pictures, 10);
    std::size_t recognised = 0;
    for (std::size_t r = 0; r < labels.size(); ++r) {
      INFO("row " << r);
      check_agreement(result["actions"][3 * r + 1], expected[r]);
      recognised += best_of(expected[r]) == labels[r] ? 1 : 0;
    }
    CHECK(recognised >= 8);  // they are drawn with a thicker pen than they were written
  }
}

TEST_CASE("cli report page: all parts are there, and a mistake comes to the pad as it is") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  require_success(box.mnist("train --steps 500 --validation 5000 --out run --quiet"));
  require_success(box.mnist("report run"));
  const Json result = browse(box, {{"actions",
                                    {{{"texts", ".tiles .figure"}},
                                     {{"texts", ".confusion td.right"}},
                                     {{"texts", "#mistakes .images li"}},
                                     {{"texts", "#first-layer li"}},
                                     {{"click", "#mistakes button"}},
                                     {{"check", "#curves input"}},
                                     {{"hover", "#curves .plot"}},
                                     {{"texts", "#curves .tip"}},
                                     {{"texts", ".plot text.name"}}}}});
  const Json evaluated = box.mnist("evaluate run --json").json();
  CHECK(result["title"] == "run · mnist report");
  CHECK(result["headings"] == Json{"Draw a digit", "Loss and accuracy", "Confusion matrix",
                                   "Precision and recall", "Calibration", "Most confident mistakes",
                                   "First-layer weights", "Settings"});
  const Json& actions = result["actions"];
  CHECK(actions[0][0] == fmt::format("{:.2f} %", 100 * evaluated["accuracy"].get<double>()));
  REQUIRE(actions[1].size() == 10);
  CHECK(actions[1][0] == evaluated["confusion"][0][0].dump());
  CHECK(actions[2].size() == 60);
  CHECK(actions[3].size() == 50);
  const std::string surest = actions[2][0];  // "4 > 99.9 %is 9"
  CHECK(actions[4][surest.substr(0, 1)].get<double>() > 0.5);
  CHECK_THAT(actions[7][0].get<std::string>(), contains("step "));
  CHECK_THAT(actions[7][0].get<std::string>(), contains("validation: "));
  for (const char* axis :
       {"loss: cross-entropy (nat)", "step (mini-batches of 64 images)", "validation accuracy (%)",
        "learning rate", "right (%)", "probability of the guess (%)", "images (log scale)"}) {
    INFO(axis);
    CHECK(std::ranges::find(actions[8], Json(axis)) != actions[8].end());
  }
}

TEST_CASE("cli report page: drawing, undoing and clearing by the keyboard alone") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  require_success(box.mnist("train --steps 1000 --out run --quiet"));
  require_success(box.mnist("report run"));
  Json line{"ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "Space"};
  for (int i = 0; i < 12; ++i) line.push_back("ArrowDown");
  line.push_back("Space");
  const Json result = browse(box, {{"actions",
                                    {{{"press", {"ArrowLeft"}}},
                                     {{"press", line}},
                                     {{"save", "one.png"}},
                                     {{"press", {"ArrowLeft", "Space", "ArrowLeft", "Space"}}},
                                     {{"press", {"Backspace"}}},
                                     {{"press", {"Delete"}}},
                                     {{"texts", ".guess"}}}}});
  const Json& actions = result["actions"];
  const auto one = predicted(box, "one.png", 10)[0];
  CHECK(best_of(one) == 1);
  check_agreement(actions[1], one);
  CHECK(actions[3] != actions[1]);
  CHECK(actions[4] == actions[1]);
  check_agreement(actions[0], std::vector<double>(10));  // nothing drawn yet
  check_agreement(actions[5], std::vector<double>(10));
  CHECK(actions[6] == Json{""});
}

// The ratio of contrast of WCAG 2, from "rgb(r, g, b)".
double contrast(const std::string& a, const std::string& b) {
  const auto luminance = [](const std::string& color) {
    double rgb[3];
    REQUIRE(std::sscanf(color.c_str(), "rgb(%lf, %lf, %lf)", &rgb[0], &rgb[1], &rgb[2]) == 3);
    for (double& c : rgb) {
      c /= 255;
      c = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    }
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] + 0.05;
  };
  const double ratio = luminance(a) / luminance(b);
  return std::max(ratio, 1 / ratio);
}

TEST_CASE("cli report page: named classes, on a phone, in light and dark") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  box.write_images("train.csv", 300, 1);
  box.write_images("test.csv", 100, 2);
  require_success(box.mnist("train " + kSmall +
                            "--steps 20 --quiet --out run --class-names "
                            "\"cat,</script><b>dog</b>,a bird of no name that fits\""));
  require_success(box.mnist("report run"));
  std::map<bool, std::string> grounds;
  for (const bool dark : {false, true}) {
    const Json result = browse(box, {{"dark", dark},
                                     {"width", 360},
                                     {"touch", true},
                                     {"actions",
                                      {{{"texts", ".bars .name"}},
                                       {{"texts", "#classes tbody th"}},
                                       {{"texts", "b"}},
                                       {{"draw", {{{0.2, 0.2}, {0.8, 0.3}}}}},
                                       {{"save", "drawn.png"}},
                                       {{"style", {"body", "backgroundColor"}}},
                                       {{"style", {"body", "color"}}},
                                       {{"style", {".remark", "color"}}},
                                       {{"style", {"nav a", "color"}}}}}});
    const Json& actions = result["actions"];
    const Json names{"cat", "</script><b>dog</b>", "a bird of no name that fits"};
    CHECK(result["headings"][0] == "Draw an image");
    CHECK(actions[0] == names);
    CHECK(actions[1] == names);
    CHECK(actions[2].empty());
    check_agreement(actions[3], predicted(box, "drawn.png", 3)[0]);
    grounds[dark] = actions[5];
    CHECK(contrast(actions[5], actions[6]) > 7);
    CHECK(contrast(actions[5], actions[7]) > 4.5);
    CHECK(contrast(actions[5], actions[8]) > 4.5);
  }
  CHECK(contrast(grounds[false], grounds[true]) > 12);
}

TEST_CASE("cli report page: every kind of layer predicts on the page as mnist predict does") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  box.write_images("train.csv", 300, 1);
  box.write_images("test.csv", 100, 2);
  for (const char* layers :
       {"9,leaky-relu,dropout:0.2,8,tanh,7,sigmoid", "9,gelu --no-bias", "9,relu,3,article-softmax",
        "9,relu,3,sigmoid --loss mse", "tanh,9,gelu", "9,batchnorm,relu,batchnorm,5,relu",
        "9,tanh,batchnorm,gelu", "4c3same,relu,maxpool:2,5c2,batchnorm,tanh",
        "dropout:0.1,3c2s2,gelu,avgpool,6,relu"}) {
    INFO(layers);
    require_success(box.mnist(fmt::format(
        "train --train-data train.csv --test-data test.csv --batch-size 20 --steps 100 --quiet "
        "--out run --overwrite --layers {}",
        layers)));
    require_success(box.mnist("report run"));
    const Json result =
        browse(box, {{"actions",
                      {{{"draw", {{{0.2, 0.2}, {0.8, 0.25}}, {{0.4, 0.6}, {0.6, 0.7}}}}},
                       {{"save", "drawn.png"}},
                       {{"texts", "#first-layer li"}}}}});
    check_agreement(result["actions"][0], predicted(box, "drawn.png", 3)[0]);
    // A picture for each unit of a layer, or kernel, that looks at the image.
    const std::string first = std::string(layers).substr(0, 2);
    CHECK(result["actions"][2].size() == (first == "9," ? 9 : first == "4c" ? 4 : 0));
  }
}

TEST_CASE("cli report page: without square images there is neither pad nor picture") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  std::string rows;
  for (int r = 0; r < 200; ++r) {
    rows += fmt::format("{},{},{},{}\n", r % 2, (r * 37) % 256, (r * 91) % 256, (r * 53) % 200);
  }
  box.write("rows.csv", rows);
  require_success(box.mnist(
      "train --train-data rows.csv --test-data rows.csv --layers 4,relu --steps 20 --quiet "
      "--out run"));
  require_success(box.mnist("report run"));
  const Json result =
      browse(box, {{"actions", {{{"texts", "canvas"}}, {{"texts", "#mistakes tbody tr"}}}}});
  CHECK(result["headings"] == Json{"Loss and accuracy", "Confusion matrix", "Precision and recall",
                                   "Calibration", "Most confident mistakes", "Settings"});
  CHECK(result["actions"][0].empty());
  const Json evaluated = box.mnist("evaluate run --data rows.csv --json").json();
  const std::size_t wrong =
      evaluated["count"].get<std::size_t>() - evaluated["correct"].get<std::size_t>();
  CHECK(result["actions"][1].size() == std::min<std::size_t>(wrong, 60));
}

TEST_CASE("cli report page: runs without a result to measure, and sweeps") {
  const Sandbox box;
  if (browser_is_missing(box)) return;
  box.write_images("train.csv", 300, 1);
  const std::string flags = "--train-data train.csv --batch-size 20 --layers 8,relu --quiet ";
  require_success(box.mnist("train " + flags + "--test-data none --steps 30 --out run"));
  require_success(box.mnist("report run"));
  CHECK(browse(box, {{"actions", Json::array()}})["headings"] ==
        Json{"Draw an image", "Loss and accuracy", "First-layer weights", "Settings"});

  CHECK(box.mnist("train " + flags +
                  "--test-data none --optimizer sgd --lr 1e30 --steps 30 --out lost")
            .code == 4);
  require_success(box.mnist("report lost"));
  const Json lost = browse(box, {{"actions", {{{"texts", ".warning"}}}}});
  CHECK(lost["headings"] == Json{"Loss and accuracy", "Settings"});
  CHECK_THAT(lost["actions"][0][0].get<std::string>(), contains("step"));

  require_success(box.mnist("sweep " + flags +
                            "--validation 100 --steps 40 --method halving --trials 9 --seeds 2 "
                            "--sample 'lr=log(0.001,0.5)' --sample 'init=choice(he|xavier)' "
                            "--out sweep"));
  require_success(box.mnist("report sweep"));
  const Json sweep = browse(box, {{"actions",
                                   {{{"texts", ".trials tbody tr"}},
                                    {{"texts", ".plot text.name"}},
                                    {{"texts", ".plot circle"}}}}});
  CHECK(sweep["headings"] == Json{"Validation accuracy by parameter", "Trials"});
  CHECK(sweep["actions"][0].size() == 9);
  CHECK(sweep["actions"][1] ==
        Json{"lr", "validation accuracy (%)", "init", "validation accuracy (%)"});
  CHECK(sweep["actions"][2].size() == 18);
}

}  // namespace
}  // namespace mnist::testing
