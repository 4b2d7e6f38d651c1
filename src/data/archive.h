// Zip archives and folders of several files: which of them is meant.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mnist {

/// The two parts that data often come in.
enum class Half { kTraining, kTest };

/// FILE.zip:MEMBER as its two parts; nothing where `path` names a file of its own or none.
std::optional<std::pair<std::filesystem::path, std::string>> archive_member(
    const std::filesystem::path& path);

/// The names of the files in a zip archive that can be data: without directories, __MACOSX, hidden
/// files and texts to read. None where `path` is no zip archive. Throws Error(kBadInput) where it
/// is a damaged one.
std::vector<std::string> archive_members(const std::filesystem::path& path);

/// Whether `path` is a zip archive of NumPy arrays.
bool is_npz(const std::filesystem::path& path);

/// Whether `path` is a folder that holds IDX files.
bool is_idx_folder(const std::filesystem::path& path);

/// `path` itself, or what to open of an archive or a folder of IDX files: the images, of this half
/// where there are two. Throws Error(kBadInput) that lists the files where it is not plain which.
std::filesystem::path choose_member(const std::filesystem::path& path, Half half);

/// Whether an archive or a folder holds IDX images for training and for the test.
bool has_idx_halves(const std::filesystem::path& path);

/// Whether a name says that it is of the data for the test, or for training.
bool names_test(std::string_view name);
bool names_training(std::string_view name);

}  // namespace mnist
