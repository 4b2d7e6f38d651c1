#include <fmt/format.h>

#include "catch.h"
#include "cli/sandbox.h"
#include "report/needs_gnuplot.h"

namespace mnist::testing {
namespace {

// Trains a small run in `out`.
void train(const Sandbox& box, const std::string& out, const std::string& flags) {
  if (!box.exists("train.csv")) {
    box.write_images("train.csv", 300, 1);
    box.write_images("test.csv", 100, 2);
  }
  const Outcome outcome = box.mnist("train " + kSmall + flags + " --steps 60 --quiet --out " + out);
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
}

std::string plot(const Sandbox& box, const std::string& arguments) {
  const Outcome outcome = box.mnist("plot " + arguments);
  INFO(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(outcome.err.empty());
  return outcome.out;
}

TEST_CASE("cli plot: a text of 80 columns where no terminal is, named after the run") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "run", "--validation 50");
  const std::string text = plot(box, "run");
  for (const std::string& line : lines_of(text)) CHECK(line.size() <= 80);
  for (const std::string part :
       {" run\n", "loss: cross-entropy (nat)", "step (mini-batches of 20 images)",
        "validation accuracy (%)", "smoothed over 1 steps"}) {
    CHECK_THAT(text, contains(part));
  }
  CHECK_THAT(plot(box, "run --smooth 7"), contains("smoothed over 7 steps"));
}

TEST_CASE("cli plot: on a terminal as wide as its window, in color") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "run", "");
  const Outcome outcome = box.shell(
      "export TERM=xterm; script -qec \"stty cols 132; $MNIST plot run\" /dev/null </dev/null");
  INFO(outcome.out);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.out, contains("\x1b["));
  CHECK_THAT(outcome.out, contains(std::string(110, '-')));  // the axis
}

TEST_CASE("cli plot: the legend tells what differs between the runs") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "a", "--seed 1");
  train(box, "b", "--seed 2 --optimizer sgd");
  train(box, "c", "--seed 2 --optimizer sgd --lr 0.5");
  const std::string text = plot(box, "a b c");
  // A rate that is the optimizer's default goes without saying.
  CHECK_THAT(text, contains(" optimizer adamw, lr 0.02, seed 1 "));
  CHECK_THAT(text, contains(" optimizer sgd, lr 0.02, seed 2 "));
  CHECK_THAT(text, contains(" optimizer sgd, lr 0.5, seed 2 "));
  const std::string two = plot(box, "b c");
  CHECK_THAT(two, contains(" lr 0.02 "));
  CHECK_THAT(two, contains(" lr 0.5 "));
  CHECK_THAT(two, !contains("seed"));
}

TEST_CASE("cli plot: runs of the same settings are told apart by their directories") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "\"it's \\`touch broken\\` \\$(touch broken)\"", "");
  train(box, "again", "");
  train(box, "other", "--seed 7");
  plot(box, "it* again/ -o plot.svg");
  const std::string text = box.read("plot.svg");
  CHECK_THAT(text, contains(">it's `touch broken` $(touch broken)<"));
  CHECK_THAT(text, contains(">again/<"));
  CHECK(!box.exists("broken"));
  CHECK_THAT(plot(box, "again it* other"), contains(" seed 0 (again) "));
}

TEST_CASE("cli plot: a picture by its ending, of the size asked for") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "run", "");
  CHECK(plot(box, "run -o plot.png --size 300x200 --log").empty());
  CHECK(box.read("plot.png").starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(box.read("plot.png").substr(18, 6) == std::string("\x01\x2c\0\0\0\xc8", 6));
  plot(box, "run -o plot.pdf");
  CHECK(box.read("plot.pdf").starts_with("%PDF"));
  plot(box, "run -o plot.svg");
  CHECK_THAT(box.read("plot.svg"), contains("width=\"640\" height=\"480\""));
}

TEST_CASE("cli plot: mistakes are told") {
  const Sandbox box;
  box.train_small();
  check_error(box.mnist("plot"), 2, {"RUN", "mnist plot --help"});
  check_error(box.mnist("plot run -o plot.jpg"), 2, {"plot.jpg", "'.jpg'", ".png, .svg or .pdf"});
  for (const char* size : {"300", "300x", "x", "300x100", "30000x300", "-300x300", "300x300x"}) {
    check_error(box.mnist(fmt::format("plot run -o plot.png --size={}", size)), 2,
                {"--size", size, "200 to 20000"});
  }
  check_error(box.mnist("plot run --size 300x300"), 2, {"--size", "--output"});
  check_error(box.mnist("plot run --smooth 0"), 2, {"--smooth"});
  if (!has_gnuplot()) return;
  check_error(box.mnist("plot run missing"), 3, {"missing: no directory of a training run"});
  check_error(box.mnist("plot train.csv"), 3, {"train.csv: no directory of a training run"});
  box.write("run/loss.csv", "step,epoch,learning_rate,loss\n1,1,0.1,x\n");
  check_error(box.mnist("plot run"), 3, {"run/loss.csv", "line 2", "'x'"});
  CHECK(!box.exists("plot.png"));
}

TEST_CASE("cli plot: without gnuplot the way to install it is told, before training starts") {
  const Sandbox box;
  box.train_small();
  const std::string nowhere = "PATH=/nonexistent $MNIST ";
  check_error(box.shell(nowhere + "plot run"), 3, {"gnuplot", "install", "gnuplot-nox"});
  check_error(box.shell(nowhere + "train " + kSmall + "--plot --out fresh"), 3, {"gnuplot-nox"});
  CHECK(!box.exists("fresh"));
}

TEST_CASE("cli plot: none of the user's own gnuplot settings count") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "run", "");
  box.write(".gnuplot", "print 'hello'\nexit status 1\n");
  const Outcome outcome = box.shell("HOME=$PWD $MNIST plot run");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE("cli train: --plot leaves a picture in the run, which --overwrite replaces") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  train(box, "run", "--plot");
  const std::string first = box.read("run/loss.png");
  CHECK(first.starts_with("\x89PNG"));
  train(box, "run", "--plot --overwrite --seed 5");
  CHECK(box.read("run/loss.png") != first);
  CHECK(!box.exists("run.previous"));
}

TEST_CASE("cli train: --plot draws a run that did not learn") {
  if (!has_gnuplot()) return;
  const Sandbox box;
  box.write_images("train.csv", 300, 1);
  box.write_images("test.csv", 100, 2);
  const Outcome diverged =
      box.mnist("train " + kSmall + "--optimizer sgd --lr 1e30 --out diverged --plot --quiet");
  check_error(diverged, 4, {"step"});
  CHECK(box.exists("diverged/loss.png"));
}

}  // namespace
}  // namespace mnist::testing
