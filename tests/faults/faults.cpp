#include "faults/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "test_paths.h"

namespace mnist::testing {

std::string untimed(const std::string& csv) {
  std::string text;
  std::size_t seconds = 0;
  for (const std::string& line : lines_of(csv)) {
    std::size_t column = 0;
    std::size_t begin = 0;
    while (begin <= line.size()) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      const std::string field = line.substr(begin, end - begin);
      if (field == "seconds") seconds = column;
      if (column != seconds) text += field + ',';
      ++column;
      begin = end + 1;
    }
    text += '\n';
  }
  return text;
}

std::string with_faults(const std::string& watched, const std::string& settings) {
  // A sanitizer's runtime asks to be the first library; here it need not be.
  return fmt::format(
      "ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 MNIST_FAULTS_ROOT={} {} LD_PRELOAD={} ",
      watched, settings, MNIST_FAULT_LIBRARY);
}

std::string bytes_of_run(const Sandbox& box, const std::string& run) {
  return box.read(run + "/weights.safetensors") + box.read(run + "/loss.csv") +
         untimed(box.read(run + "/epochs.csv"));
}

std::string bytes_of_sweep(const Sandbox& box, const std::string& sweep) {
  std::string bytes = untimed(box.read(sweep + "/trials.csv")) + box.read(sweep + "/best.toml");
  for (const std::string& trial : entries(box.path(sweep + "/trials"))) {
    bytes += trial;
    bytes += bytes_of_run(box, fmt::format("{}/trials/{}", sweep, trial));
  }
  return bytes;
}

}  // namespace mnist::testing
