// The commands of the program, one file each.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace mnist {

/// A command: its flags, and the function to call after parsing.
struct Command {
  CLI::App* app = nullptr;
  std::function<void()> run;
};

Command add_train_command(CLI::App& program);
Command add_sweep_command(CLI::App& program);
Command add_evaluate_command(CLI::App& program);
Command add_predict_command(CLI::App& program);
Command add_export_command(CLI::App& program);
Command add_show_command(CLI::App& program);
Command add_plot_command(CLI::App& program);
Command add_report_command(CLI::App& program);

}  // namespace mnist
