#include "commands/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/number.h"

namespace mnist {
namespace {

std::size_t slurm_number(const char* name) {
  const char* text = std::getenv(name);
  const auto value = text == nullptr ? std::nullopt : read_number<std::size_t>(text);
  if (!value) {
    refuse(fmt::format("SLURM_ARRAY_TASK_ID is set, but {} is no number; give --shard", name));
  }
  return *value;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size() - 1);
  const auto number = read_number<std::size_t>(text.substr(0, slash));
  const auto count = read_number<std::size_t>(text.substr(slash + 1));
  if (!number || !count || *number < 1 || *number > *count) {
    refuse(fmt::format("--shard: '{}' is no part; write 1/4 for the first of four", text));
  }
  return {*number - 1, *count};
}

std::optional<Shard> slurm_shard() {
  if (std::getenv("SLURM_ARRAY_TASK_ID") == nullptr) return std::nullopt;
  const std::size_t id = slurm_number("SLURM_ARRAY_TASK_ID");
  const std::size_t first = slurm_number("SLURM_ARRAY_TASK_MIN");
  const std::size_t step = slurm_number("SLURM_ARRAY_TASK_STEP");
  const std::size_t count = slurm_number("SLURM_ARRAY_TASK_COUNT");
  const bool regular = step > 0 && id >= first && (id - first) % step == 0;
  if (!regular || (id - first) / step >= count) {
    refuse("the job array's indices are not evenly spaced; give --shard");
  }
  return Shard{(id - first) / step, count};
}

}  // namespace mnist
