#include "sweep/space.h"

#include <cmath>

#include "base/error.h"
#include "catch.h"

namespace mnist {
namespace {

using Kind = Hyperparameter::Kind;

TEST_CASE("sweep: a list of values is read and written") {
  const Hyperparameter lr = parse_grid("lr=0.03|0.1 | 0.3");
  CHECK(lr.name == "lr");
  CHECK(lr.kind == Kind::kValues);
  CHECK(lr.values == std::vector<std::string>{"0.03", "0.1", "0.3"});
  CHECK(grid_text(lr) == "0.03|0.1|0.3");
  const Hyperparameter layers = parse_grid("layers=50,relu,20,relu|128,relu");
  CHECK(layers.values == std::vector<std::string>{"50,relu,20,relu", "128,relu"});
  CHECK(parse_grid("init-weights=a=b.safetensors").values.at(0) == "a=b.safetensors");
}

TEST_CASE("sweep: a range is read and written") {
  const Hyperparameter log = parse_sample("lr=log(1e-3, 1)");
  CHECK(log.name == "lr");
  CHECK(log.kind == Kind::kLog);
  CHECK(log.low == 0.001);
  CHECK(log.high == 1);
  CHECK(sample_text(log) == "log(0.001,1)");
  CHECK(parse_sample("momentum=uniform(0.8,0.99)").kind == Kind::kUniform);
  CHECK(sample_text(parse_sample("warmup=int(0,200)")) == "int(0,200)");
  const Hyperparameter choice = parse_sample("batch-size=choice(32|64|128)");
  CHECK(choice.kind == Kind::kValues);
  CHECK(sample_text(choice) == "choice(32|64|128)");
  for (const char* text : {"lr=log(0.001,1)", "x=uniform(-1,1e300)", "x=int(-3,4)"}) {
    CHECK("lr=" + sample_text(parse_sample(text)) ==
          "lr=" + sample_text(parse_sample("lr=" + sample_text(parse_sample(text)))));
  }
}

TEST_CASE("sweep: what is no list or range is wrong usage with a hint") {
  struct Case {
    Hyperparameter (*parse)(std::string_view);
    const char* text;
    const char* part;
  };
  const std::vector<Case> cases = {
      {parse_grid, "lr", "NAME=VALUE|VALUE"},
      {parse_grid, "=1|2", "NAME=VALUE|VALUE"},
      {parse_grid, "lr=", "empty"},
      {parse_grid, "lr=1||2", "empty"},
      {parse_grid, "lr=1|", "empty"},
      {parse_sample, "lr", "NAME=log(LOW,HIGH)"},
      {parse_sample, "lr=0.1", "NAME=log(LOW,HIGH)"},
      {parse_sample, "lr=log(1,2", "NAME=log(LOW,HIGH)"},
      {parse_sample, "lr=lgo(1,2)", "'lgo'"},
      {parse_sample, "lr=log(1)", "two numbers"},
      {parse_sample, "lr=log(1,2,3)", "two numbers"},
      {parse_sample, "lr=log(a,2)", "two numbers"},
      {parse_sample, "lr=uniform(1,inf)", "two numbers"},
      {parse_sample, "lr=uniform(2,1)", "empty"},
      {parse_sample, "lr=uniform(1,1)", "empty"},
      {parse_sample, "lr=log(-1,1)", "no logarithm"},
      {parse_sample, "lr=log(0,1)", "no logarithm"},
      {parse_sample, "batch-size=int(1.5,4)", "whole numbers"},
      {parse_sample, "batch-size=int(1,1e300)", "whole numbers"},
      {parse_sample, "lr=choice()", "empty"},
  };
  for (const Case& one : cases) {
    INFO(one.text);
    try {
      one.parse(one.text);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      CHECK_THAT(error.what(), contains(one.text) && contains(one.part));
    }
  }
}

TEST_CASE("sweep: values spread over their range") {
  const auto number = [](const char* text, double u) {
    return std::stod(value_at(parse_sample(text), u));
  };
  CHECK(value_at(parse_grid("a=x|y|z"), 0) == "x");
  CHECK(value_at(parse_grid("a=x|y|z"), 0.34) == "y");
  CHECK(value_at(parse_grid("a=x|y|z"), std::nextafter(1, 0)) == "z");
  CHECK(value_at(parse_sample("a=log(1e-3,1)"), 0) == "0.001");
  CHECK(value_at(parse_sample("a=log(1e-3,1)"), 2.0 / 3) == "0.1");
  CHECK(value_at(parse_sample("a=uniform(0.8,0.99)"), 0.5) == "0.895");
  CHECK(value_at(parse_sample("a=int(16,19)"), 0) == "16");
  CHECK(value_at(parse_sample("a=int(16,19)"), 0.76) == "19");
  CHECK(value_at(parse_sample("a=int(16,19)"), std::nextafter(1, 0)) == "19");
  CHECK(value_at(parse_sample("a=int(0,9007199254740992)"), 0.5) == "4503599627370496");
  CHECK(number("a=uniform(-1,1)", 0.25) == Approx(-0.5));
  CHECK(number("a=log(2,8)", 0.5) == Approx(4));
}

}  // namespace
}  // namespace mnist
