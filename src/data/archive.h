// Chooses the file to read in a zip archive or a folder of several files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mnist {

/// Data sets often come in two parts.
enum class Half { kTraining, kTest };

/// Splits FILE.zip:MEMBER into its two parts. Nothing if `path` itself exists or no part of it
/// names a zip archive.
std::optional<std::pair<std::filesystem::path, std::string>> archive_member(
    const std::filesystem::path& path);

/// The names of the members of a zip archive that can be data: no directories, no __MACOSX, no
/// hidden files, no readme texts. Empty if `path` is not a zip archive. Throws Error(kBadInput) if
/// the archive is damaged.
std::vector<std::string> archive_members(const std::filesystem::path& path);

/// Whether `path` is a zip archive of NumPy arrays.
bool is_npz(const std::filesystem::path& path);

/// Whether `path` is a folder that holds IDX files.
bool is_idx_folder(const std::filesystem::path& path);

/// The path to open for `path`: of an archive or a folder of IDX files, the images, of `half` if
/// there are both halves; otherwise `path` itself. Throws Error(kBadInput) that lists the files if
/// the choice is ambiguous.
std::filesystem::path choose_member(const std::filesystem::path& path, Half half);

/// Whether an archive or a folder holds IDX images for training and for testing.
bool has_idx_halves(const std::filesystem::path& path);

/// Whether a file name says that it holds test data, or training data.
bool names_test(std::string_view name);
bool names_training(std::string_view name);
bool names_validation(std::string_view name);
bool names_half(std::string_view name, Half half);

/// Whether there are names of data for training and names of data for testing.
bool have_halves(const std::vector<std::string>& names);

}  // namespace mnist
