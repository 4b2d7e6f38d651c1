#include "report/run_curves.h"

#include <cmath>
#include <fstream>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "temporary_directory.h"

using namespace mnist;

namespace {

class RunFiles {
 public:
  RunFiles(const std::string& loss, const std::string& epochs) {
    std::ofstream(loss_) << loss;
    std::ofstream(epochs_) << epochs;
  }
  RunCurves read() const { return read_run_curves(loss_, epochs_); }
  std::string error() const {
    try {
      read();
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
      return error.what();
    }
    return "none";
  }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path loss_ = directory_ / "loss.csv";
  std::filesystem::path epochs_ = directory_ / "epochs.csv";
};

const std::string kLossHeader = "step,epoch,learning_rate,loss\n";
const std::string kEpochsHeader =
    "epoch,step,train_loss,validation_loss,validation_accuracy,seconds\n";

std::string text_of(const Curve& curve) {
  std::string text;
  for (const CurvePoint& point : curve) {
    text += std::to_string(std::lround(point.step)) + ":" +
            std::to_string(std::lround(point.value)) + " ";
  }
  return text;
}

}  // namespace

TEST_CASE("curves: the files of a run give points by step") {
  const RunFiles files(kLossHeader + "1,1,0.001,2.3025851\n3,1,2e-05,1.5\n",
                       kEpochsHeader + "1,2,2.25,2.125,0.25,0.5\n2,4,1.5,1.25,0.75,1\n");
  const RunCurves curves = files.read();
  REQUIRE(curves.loss.size() == 2);
  CHECK(curves.loss[0].step == 1);
  CHECK(curves.loss[0].value == 2.3025851);
  CHECK(curves.loss[1].step == 3);
  CHECK(curves.learning_rate[1].step == 3);
  CHECK(curves.learning_rate[1].value == 2e-05);
  REQUIRE(curves.epoch_loss.size() == 2);
  CHECK(curves.epoch_loss[1].step == 4);
  CHECK(curves.epoch_loss[1].value == 1.5);
  CHECK(curves.validation_loss[0].value == 2.125);
  CHECK(curves.validation_accuracy[1].step == 4);
  CHECK(curves.validation_accuracy[1].value == 0.75);
}

TEST_CASE("curves: without validation, with a diverged loss, in the middle of writing a line") {
  const RunFiles files(kLossHeader + "1,1,0.1,nan\n2,1,0.1,7\n3,1,0.1,inf\n4,1,0.1,-nan\n5,1,0.",
                       kEpochsHeader + "1,2,2.25,,,0.5\n");
  const RunCurves curves = files.read();
  REQUIRE(curves.loss.size() == 1);
  CHECK(curves.loss[0].step == 2);
  CHECK(curves.learning_rate.size() == 4);
  CHECK(curves.epoch_loss.size() == 1);
  CHECK(curves.validation_loss.empty());
  CHECK(curves.validation_accuracy.empty());
}

TEST_CASE("curves: a bad file is named with the place") {
  CHECK_THAT(RunFiles(kLossHeader + "1,1,0.1,2\n2,1,0.1,high\n", kEpochsHeader).error(),
             contains("loss.csv: line 3: 'high' is no number"));
  CHECK_THAT(RunFiles(kLossHeader + "1,1,0.1\n", kEpochsHeader).error(), contains("loss.csv"));
  CHECK_THAT(RunFiles("a,b\n1,2\n", kEpochsHeader).error(), contains("loss.csv"));
  CHECK_THAT(RunFiles("", kEpochsHeader).error(), contains("loss.csv"));
  CHECK_THAT(RunFiles(kLossHeader, "epoch,step\n").error(), contains("epochs.csv"));
  CHECK_THROWS_WITH(read_run_curves("no/loss.csv", "no/epochs.csv"), contains("no/loss.csv: no"));
  CHECK_THROWS_WITH(read_run_curves("/tmp", "/tmp"),
                    contains("/tmp: cannot be read: Is a directory"));
}

TEST_CASE("curves: smoothing weighs points by their distance, from the start on evenly") {
  const Curve mean = smoothed(Curve{{1, 4}, {2, 1}, {4, 0}, {5, 6}}, 2);
  REQUIRE(mean.size() == 4);
  const auto weight = [](double distance) { return std::exp(-distance / 2); };
  CHECK(mean[0].value == Approx(4));
  CHECK(mean[1].value == Approx((4 * weight(1) + 1) / (weight(1) + 1 + weight(2))));
  CHECK(mean[2].step == 4);
  CHECK(mean[2].value == Approx((4 * weight(3) + 1 * weight(2) + 6 * weight(1)) /
                                (weight(3) + weight(2) + 1 + weight(1))));
  CHECK(mean[3].value ==
        Approx((4 * weight(4) + 1 * weight(3) + 6) / (weight(4) + weight(3) + weight(1) + 1)));
}

TEST_CASE("curves: smoothing keeps a line straight and forgets what is far") {
  Curve line;
  for (int i = 0; i <= 1000; ++i) line.push_back({i + 1.0, 2.0 * i});
  const Curve mean = smoothed(line, 10);
  for (const std::size_t i : {0U, 1U, 5U, 500U}) CHECK(mean[i].value == Approx(line[i].value));
  CHECK(smoothed(Curve{{1, 8}, {1000, 2}}, 1).front().value == Approx(8));
  CHECK(smoothed(Curve{{1, 8}, {1000, 2}}, 1).back().value == Approx(2));
  CHECK(smoothed({}, 5).empty());
}

TEST_CASE("curves: a thinned curve keeps the extremes in order") {
  const Curve curve = {{1, 5}, {2, 9}, {3, 1}, {4, 3}, {5, 0}, {6, 2}, {7, 7}, {8, 4}};
  CHECK(text_of(thinned(curve, 2)) == "2:9 3:1 5:0 7:7 ");
  CHECK(text_of(thinned(curve, 1)) == "2:9 5:0 ");
  CHECK(thinned(curve, 4).size() == 8);
  CHECK(text_of(thinned(Curve{{1, 2}, {2, 2}, {3, 2}}, 1)) == "1:2 3:2 ");
}
