#include "report/progress_bar.h"

#include "catch.h"

using namespace mnist;

TEST_CASE("report: durations read like a clock") {
  CHECK(format_duration(0) == "0:00");
  CHECK(format_duration(-1) == "0:00");
  CHECK(format_duration(7.4) == "0:07");
  CHECK(format_duration(59.6) == "1:00");
  CHECK(format_duration(754) == "12:34");
  CHECK(format_duration(3 * 3600 + 25 * 60) == "3:25:00");
}

TEST_CASE("report: the progress line says bar, percent, step, loss, speed and time left") {
  const Progress half{
      .step = 500, .steps = 1000, .loss = 0.25, .samples_per_second = 123456, .seconds_left = 61};
  CHECK(format_progress(half, 80) ==
        "[#######........]  50 %  step 500/1000  loss 0.2500  123456 samples/s  1:01 left");
  const Progress none{.step = 0, .steps = 10};
  CHECK(format_progress(none, 200).find("[........................................]   0 %") == 0);
  const Progress done{.step = 10, .steps = 10};
  CHECK(format_progress(done, 200).find("[########################################] 100 %") == 0);
}

TEST_CASE("report: the progress line never exceeds its width") {
  const Progress progress{.step = 999999,
                          .steps = 1000000,
                          .loss = 12.3456,
                          .samples_per_second = 1e6,
                          .seconds_left = 1e5};
  for (std::size_t width = 0; width < 160; ++width) {
    INFO("width " << width);
    CHECK(format_progress(progress, width).size() <= width);
  }
}

TEST_CASE("report: the smoothed loss starts at the first value and follows") {
  SmoothedLoss loss;
  CHECK(loss.value() == 0);
  loss.add(2.5);
  CHECK(loss.value() == Approx(2.5));
  for (int i = 0; i < 1000; ++i) loss.add(0.5);
  CHECK(loss.value() == Approx(0.5).epsilon(1e-3));
}

TEST_CASE("report: a progress bar draws on its stream and takes its line away") {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  REQUIRE(stream != nullptr);
  {
    ProgressBar bar(stream, 10, 4);
    bar.update(5, 1.5);
    bar.update(6, 1.5);  // too soon to be drawn again
  }
  std::fclose(stream);
  const std::string drawn(text, size);
  std::free(text);
  CHECK(drawn.find("\r[") == 0);
  CHECK(drawn.find("step 5/10") != std::string::npos);
  CHECK(drawn.find("step 6/10") == std::string::npos);
  CHECK(drawn.substr(drawn.size() - 4) == "\r\033[K");
}
