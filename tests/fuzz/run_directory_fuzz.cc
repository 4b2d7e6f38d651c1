// One file of a run that is continued, shown or part of a sweep: which, the first byte says.
#include <fstream>

#include "fuzz/fuzz_file.h"
#include "report/run_curves.h"
#include "sweep/trial.h"
#include "train/checkpoint.h"
#include "train/run_directory.h"
#include "train/shared_run.h"

void fuzz_one(std::string_view input) {
  using namespace mnist;
  static constexpr const char* kFiles[] = {
      run_files::kCheckpoint, run_files::kLoss,  run_files::kEpochs, run_files::kResult,
      run_files::kCollapse,   run_files::kRungs, run_files::kEvents, run_files::kConfig};
  if (input.empty()) return;
  const std::filesystem::path run = fuzz::scratch_directory() / "run";
  std::filesystem::remove_all(run);
  std::filesystem::create_directories(run);
  std::ofstream(run / run_files::kConfig) << "lr = 0.1\n";
  std::ofstream(run / kFiles[static_cast<unsigned char>(input.front()) % std::size(kFiles)])
      << input.substr(1);
  fuzz::expect_no_more_than_refusal([&] { load_checkpoint(run / run_files::kCheckpoint, 1); });
  fuzz::expect_no_more_than_refusal([&] { result_of_ended(run); });
  fuzz::expect_no_more_than_refusal([&] { read_run(run); });
  fuzz::expect_no_more_than_refusal([&] { join_run(run, "lr = 0.1\n", IfBusy::kReturn); });
  fuzz::expect_no_more_than_refusal([&] { RunDirectory::reopen(run)->start({20, 20, 2}); });
  fuzz::expect_no_more_than_refusal(
      [&] { read_run_curves(run / run_files::kLoss, run / run_files::kEpochs); });
}
