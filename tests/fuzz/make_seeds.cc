// Writes the inputs that the fuzzers start from: make_seeds DIRECTORY.
#include <archive.h>
#include <archive_entry.h>
#include <png.h>
// Each of these needs the one before it.
// clang-format off
#include <stdio.h>
#include <jpeglib.h>
// clang-format on

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/file.h"
#include "model_io/model_file.h"
#include "train/checkpoint.h"
#include "train/config_file.h"
#include "train/run_directory.h"

namespace {

namespace fs = std::filesystem;
using namespace mnist;

class Seeds {
 public:
  explicit Seeds(fs::path directory) : directory_(std::move(directory)) {}

  void add(const std::string& fuzzer, const std::string& bytes) {
    const fs::path path = directory_ / fuzzer;
    fs::create_directories(path);
    std::ofstream(path / std::to_string(count_++), std::ios::binary) << bytes;
  }

  fs::path scratch() const { return directory_ / "scratch"; }

 private:
  fs::path directory_;
  int count_ = 0;
};

std::string idx(const std::vector<unsigned char>& dimensions, std::size_t values) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const unsigned char size : dimensions) {
    bytes += std::string{'\0', '\0', '\0', static_cast<char>(size)};
  }
  return bytes + std::string(values, '\7');
}

// A file compressed by a filter of libarchive's, or in a zip archive.
std::string packed(const std::string& filter, const std::string& bytes) {
  archive* const a = archive_write_new();
  if (filter == "zip") {
    archive_write_set_format_zip(a);
  } else {
    archive_write_set_format_raw(a);
    archive_write_add_filter_by_name(a, filter.c_str());
  }
  archive_write_set_bytes_in_last_block(a, 1);
  std::string result(1 << 16, '\0');
  std::size_t used = 0;
  archive_write_open_memory(a, result.data(), result.size(), &used);
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_pathname(entry, "data.csv");
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
  archive_write_header(a, entry);
  archive_write_data(a, bytes.data(), bytes.size());
  archive_entry_free(entry);
  archive_write_close(a);
  archive_write_free(a);
  result.resize(used);
  return result;
}

void add_data(Seeds& seeds) {
  const std::vector<std::string> files = {"0,1,2,3,4\n1,5,6,7,8\n", "label,a,b\n2,0,255\n0,1,1\n\n",
                                          "\xef\xbb\xbf"
                                          "1,2\r\n0,3\r\n",
                                          idx({3, 2, 2}, 12)};
  for (const std::string& file : files) {
    seeds.add("data_file", file);
    for (const char* filter : {"gzip", "zstd", "xz", "bzip2", "zip"}) {
      seeds.add("archive", packed(filter, file));
      seeds.add("data_file", packed(filter, file));
    }
  }
  for (const char* row :
       {"2,0,255,3,4\n", "1,1,,3,4\n", "-1,1,2,3,4\n", "1,2,3\r\n\n", "1,256,0,0,0"}) {
    seeds.add("csv_rows", row);
  }
}

void add_texts(Seeds& seeds) {
  for (const char* text :
       {"784,50,relu,20,relu,10,softmax", "dropout:0.1,32,batchnorm,leaky-relu", "a,b,c",
        "4,5,tanh,"
        "gelu,sigmoid,3,article-softmax"}) {
    seeds.add("layer_list", text);
  }
  for (const char* text : {"lr=0.1|0.2", "layers=50,relu|20,relu", "lr=log(1e-3,0.1)",
                           "x=uniform(0,1)", "n=int(1,9)", "o=choice(sgd|adam)"}) {
    seeds.add("sweep_space", text);
  }
}

void add_configs(Seeds& seeds) {
  TrainSettings settings;
  complete_settings(settings);
  seeds.add("config", settings_toml(settings));
  seeds.add("config", "lr = 1e-3  # small\nlayers = \"50,relu\"\n[grid]\nlr = [0.1, 0.2]\n");
  seeds.add("config", "class-names = \"'a','b'\"\ntrain-data = 'x '\nquiet = true\n");
}

std::string bytes_of(const fs::path& path) { return read_file(path); }

void add_weights(Seeds& seeds) {
  for (const char* layers : {"4,5,relu,3,softmax", "4,6,batchnorm,tanh,dropout:0.5,3,sigmoid"}) {
    Network network(parse_layer_list(layers), true);
    network.initialize(Initializer::kHe, 1);
    save_model(seeds.scratch(), network);
    seeds.add("weights", bytes_of(seeds.scratch()));
    Checkpoint checkpoint;
    checkpoint.layers = layers;
    checkpoint.steps = 20;
    checkpoint.parameters = network.parameters();
    checkpoint.optimizer_state = network.parameters();
    save_checkpoint(seeds.scratch(), checkpoint, 1);
    seeds.add("run_directory", std::string(1, '\0') + bytes_of(seeds.scratch()));
  }
}

void add_run(Seeds& seeds) {
  fs::remove_all(seeds.scratch());
  const auto run = RunDirectory::create(seeds.scratch());
  run->record_events();
  run->start();
  for (std::size_t step = 1; step <= 20; ++step) run->record(StepRecord{step, 1, 0.1F, 2.5F});
  run->record(EpochRecord{1, 10, 1.25, std::nullopt, std::nullopt, 0.5});
  run->record(EpochRecord{2, 20, 0.25, 0.75, 0.875, 1.5});
  run->record(ValidationRecord{20, 0.5, 0.75, 1});
  run->collapse({20, 1.5, "the network collapsed"});
  run->finish({});
  seeds.add("run_directory", std::string(1, '\1') + bytes_of(run->path() / run_files::kLoss));
  seeds.add("run_directory", std::string(1, '\2') + bytes_of(run->path() / run_files::kEpochs));
  seeds.add("run_directory", std::string(1, '\3') + bytes_of(run->result_path()));
  seeds.add("run_directory", std::string(1, '\4') + bytes_of(run->collapse_path()));
  seeds.add("run_directory",
            "\5step,validation_loss,validation_accuracy,seconds\n10,0.5,0.75,1\n20,0.25,0.8,2\n");
  seeds.add("run_directory", std::string(1, '\6') + bytes_of(run->path() / run_files::kEvents));
  fs::remove_all(seeds.scratch());
}

void add_pictures(Seeds& seeds) {
  seeds.add("picture", "P2 2 2 255\n0 1\n2 255\n");
  seeds.add("picture", std::string("P5 2 1 65535\n\0\1\xff\xff", 17));
  const std::vector<unsigned char> pixels = {0, 50, 100, 255, 7, 9};
  for (const png_uint_32 format : {png_uint_32{PNG_FORMAT_GRAY}, png_uint_32{PNG_FORMAT_GA}}) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = format == PNG_FORMAT_GRAY ? 3 : 1;
    png.height = format == PNG_FORMAT_GRAY ? 2 : 3;
    png.format = format;
    std::string file(1000, '\0');
    png_alloc_size_t size = file.size();
    png_image_write_to_memory(&png, file.data(), &size, 0, pixels.data(), 0, nullptr);
    seeds.add("picture", file.substr(0, size));
  }
  for (const bool progressive : {false, true}) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* file = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &file, &size);
    info.image_width = 3;
    info.image_height = 2;
    info.input_components = 1;
    info.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    if (progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    std::vector<unsigned char> row = pixels;
    JSAMPROW line = row.data();
    for (int y = 0; y < 2; ++y) jpeg_write_scanlines(&info, &line, 1);
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    seeds.add("picture", std::string(file, file + size));
    std::free(file);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Seeds seeds(argv[1]);
  add_data(seeds);
  add_texts(seeds);
  add_configs(seeds);
  add_weights(seeds);
  add_run(seeds);
  add_pictures(seeds);
}
