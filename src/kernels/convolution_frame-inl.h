// Shared by the forward and the backward pass of a convolution: a thread's scratch memory, and
// images with zero padding.
//
// Included once per instruction set; see convolution.cpp.
#ifndef MNIST_KERNELS_CONVOLUTION_SCRATCH
#define MNIST_KERNELS_CONVOLUTION_SCRATCH

#include <algorithm>
#include <cstddef>

#include "base/aligned_vector.h"
#include "base/shape.h"

namespace mnist::kernels {

// A thread's scratch memory, one buffer per use.
enum class Scratch : std::size_t { kImage, kDelta, kWeights, kStart, kRows, kBlock, kUses };

inline float* scratch(Scratch use, std::size_t size) {
  thread_local AlignedVector<float> parts[static_cast<std::size_t>(Scratch::kUses)];
  AlignedVector<float>& part = parts[static_cast<std::size_t>(use)];
  if (part.size() < size) part.resize(size);
  return part.data();
}

// The zero padding around an image, in pixels.
struct Frame {
  std::size_t left = 0, right = 0, top = 0, bottom = 0;

  bool empty() const { return left + right + top + bottom == 0; }
  Shape around(const Shape& image) const {
    return {image.channels, top + image.height + bottom, left + image.width + right};
  }
};

}  // namespace mnist::kernels
#endif

#if defined(MNIST_KERNELS_CONVOLUTION_FRAME_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MNIST_KERNELS_CONVOLUTION_FRAME_INL_H
#undef MNIST_KERNELS_CONVOLUTION_FRAME_INL_H
#else
#define MNIST_KERNELS_CONVOLUTION_FRAME_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mnist::kernels::HWY_NAMESPACE {

// Images with padding, one at a time.
class FramedImages {
 public:
  FramedImages(const Shape& image, const Frame& frame, Scratch use)
      : image_(image), frame_(frame), whole_(frame.around(image)) {
    if (frame_.empty()) return;
    framed_ = scratch(use, whole_.size());
    std::fill_n(framed_, whole_.size(), 0.0F);
  }

  std::size_t row_step() const { return whole_.width * whole_.channels; }

  // The image with its padding; the image itself if there is none.
  const float* place(const float* image) const {
    if (frame_.empty()) return image;
    const std::size_t values = image_.width * image_.channels;
    float* to = framed_ + frame_.top * row_step() + frame_.left * image_.channels;
    for (std::size_t y = 0; y < image_.height; ++y, image += values, to += row_step()) {
      std::copy_n(image, values, to);
    }
    return framed_;
  }

 private:
  Shape image_;
  Frame frame_;
  Shape whole_;
  float* framed_ = nullptr;
};

}  // namespace mnist::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
