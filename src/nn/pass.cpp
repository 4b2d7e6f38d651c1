#include "nn/pass.h"

namespace mnist {

namespace {

// A gap of one page between buffers prevents false sharing by prefetchers: these fetch lines next
// to those that a thread reads, but do not cross pages.
constexpr std::size_t kGap = 1024;

}  // namespace

InputForm faster_input_form(const Dataset& data) {
  // The share of inked pixels at which both forms are equally fast: measured between 0.55 (500
  // outputs) and 0.75 (50 or 2000 outputs).
  constexpr double kEvenShare = 0.6;
  return inked_share(data) < kEvenShare ? InputForm::kPixels : InputForm::kFloats;
}

Pass::Buffer Pass::buffer(std::size_t columns, std::size_t rows, bool apart) {
  const std::size_t size = rows * row_stride(columns);
  if (size == 0) return {rows, columns, std::make_shared<AlignedVector<float>>()};
  return {rows, columns, std::make_shared<AlignedVector<float>>((apart ? 2 * size : size) + kGap),
          apart ? size : 0};
}

Pass::Pass(const Network& network, std::size_t max_rows, Kind kind, InputForm form)
    : kind_(kind),
      rows_(max_rows),
      input_(network.layers().input, max_rows,
             form == InputForm::kPixels && network.layer(0).reads_pixels(), training()) {
  const std::size_t depth = network.depth();
  layers_.resize(depth);
  for (std::size_t i = 0; i < depth; ++i) {
    layers_[i].workspace =
        network.layer(i).workspace({max_rows, training(), i == 0 ? &input_ : nullptr});
  }
  // A layer with parameters does not need its own output again, so the next layer may overwrite it.
  // An absorbed layer always shares the output of the layer that does its work.
  std::vector<bool> is_in_place(depth, false);
  for (std::size_t i = 1; i < depth; ++i) {
    is_in_place[i] = network.layer(i).in_place() && network.layer(i - 1).parameter() != nullptr;
    for (std::size_t left = network.layer(i - 1).layers_absorbed(); left > 0; --left, ++i) {
      is_in_place[i] = true;
    }
  }
  const auto in_place = [&](std::size_t i) { return i < depth && is_in_place[i]; };
  const auto touched = [&](std::size_t i) {
    const bool own = i == depth || layers_[i].workspace == nullptr;  // the loss works row by row
    return own ? Workspace::RowsTouched::kOwn : layers_[i].workspace->rows_touched();
  };
  const auto own_rows = [&](std::size_t i) { return touched(i) == Workspace::RowsTouched::kOwn; };
  std::size_t delta_rows = 0;  // layers below all parameters need no delta
  for (std::size_t i = 0; i < depth; ++i) {
    const Layer& layer = network.layer(i);
    if (training() && layer.parameter() != nullptr) delta_rows = max_rows;
    if (in_place(i)) {
      layers_[i].output = layers_[i - 1].output;
      layers_[i].delta = layers_[i - 1].delta;
      continue;
    }
    std::size_t user = i + 1;
    while (in_place(user)) ++user;
    const bool apart = training() && own_rows(i + 1) && own_rows(user);
    // The network's output must stay contiguous: output() returns all rows.
    const bool output_apart = apart && user < depth && touched(i) != Workspace::RowsTouched::kAny;
    layers_[i].output = buffer(layer.outputs(), max_rows, output_apart);
    layers_[i].delta = buffer(layer.outputs(), delta_rows, apart && own_rows(i));
  }
}

LayerPass Pass::layer(std::size_t i, const Worker& worker) {
  LayerPass pass;
  pass.training = training();
  pass.seed = seed_;
  pass.step = step_;
  pass.position = i;
  pass.workers = worker.count();
  pass.rows = row_share(worker, rows_);
  pass.input = i == 0 ? input_.floats(rows_) : view(layers_[i - 1].output, worker);
  pass.output = view(layers_[i].output, worker);
  pass.output_delta = view(layers_[i].delta, worker);
  if (i > 0) pass.input_delta = view(layers_[i - 1].delta, worker);
  pass.workspace = layers_[i].workspace.get();
  return pass;
}

}  // namespace mnist
