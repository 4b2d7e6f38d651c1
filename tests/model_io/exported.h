// Exported networks as other programs see them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cli/sandbox.h"
#include "data/dataset.h"
#include "nn/network.h"

namespace mnist::testing {

/// Stacks that have every kind of layer at every place where it may stand.
inline const std::vector<std::string> kExportedStacks{
    "12,3,softmax",
    "9,7,relu,5,leaky-relu,4,softmax",
    "30,12,tanh,8,gelu,40,relu,2,sigmoid",
    "9,dropout:0.2,7,relu,dropout:0.5,4,softmax",
    "9,batchnorm,7,batchnorm,relu,batchnorm,dropout:0.5,batchnorm,5,tanh,4,softmax",
    "9,batchnorm,relu,7,relu,batchnorm,dropout:0.5,tanh,batchnorm,gelu,4,softmax",
    "17,relu,6,sigmoid,tanh,5,3,article-softmax",
    "7x6,3c3,relu,maxpool:2,5,relu,4,softmax",
    "2x9x8,4c3same,batchnorm,relu,avgpool:2,batchnorm,5c3s2same,tanh,avgpool,4,softmax",
    "3x8x8,batchnorm,4c3,relu,batchnorm,maxpool:2,dropout:0.2,batchnorm,6c2s2,batchnorm,4,softmax",
};

/// A network with weights and biases of all sizes.
Network random_network(const std::string& layers, bool bias);

/// Unlabelled rows, half of their pixels dark.
Dataset random_rows(std::size_t rows, std::size_t features);

/// A network that begins with no dense layer and what it was trained on, prepared in every way.
struct PreparedNetwork {
  std::string name;
  Network network;
  Dataset data;      // as they come
  Dataset prepared;  // as the network takes them
};
std::vector<PreparedNetwork> prepared_networks();

/// What the library predicts, [rows × outputs].
std::vector<float> predicted(const Network& network, const Dataset& data);

/// The same of NAME.h, whose functions begin with NAME. Fails the test where the compiler warns.
std::vector<float> predicted_by_c_header(const Sandbox& sandbox, const std::string& name,
                                         const Dataset& data);

/// The same of an .onnx file by ONNX Runtime.
std::vector<float> predicted_by_onnx_runtime(const Sandbox& sandbox, const std::string& file,
                                             const Dataset& data);

/// Whether it is not installed, which the test then says and ends.
bool onnx_runtime_is_missing(const Sandbox& sandbox);

/// The same of an .onnx file by OpenCV, and whether that is not installed.
std::vector<float> predicted_by_opencv(const Sandbox& sandbox, const std::string& file,
                                       const Dataset& data);
bool opencv_is_missing(const Sandbox& sandbox);

/// The same of the script of a report's page, run by Node.js, and behind it the units of the first
/// layer that the page shows as pictures, and the side of these; 0 and 0 where there are none.
std::vector<float> predicted_by_page(const Sandbox& sandbox, const Network& network,
                                     const Dataset& data);

/// Checks that two predictions agree to 1e-5.
void check_agreement(std::span<const float> a, std::span<const float> b);

}  // namespace mnist::testing
