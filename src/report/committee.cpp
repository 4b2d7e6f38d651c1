#include "report/committee.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "base/error.h"

namespace mnist {
namespace {

// A mean of probabilities [rows × classes], summed in the order of the calls.
class Mean {
 public:
  void add(std::span<const float> probabilities) {
    sums_.resize(probabilities.size());
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += double{probabilities[i]};
    ++count_;
  }
  std::vector<float> value() const {
    std::vector<float> mean;
    for (const double sum : sums_) mean.push_back(static_cast<float>(sum / count_));
    return mean;
  }

 private:
  std::vector<double> sums_;
  double count_ = 0;
};

Dataset distorted(const Dataset& data, const Augmenter& augmenter, std::uint64_t view,
                  ThreadPool& pool) {
  Dataset copy;
  copy.shape = data.shape;
  copy.pixels.resize(data.pixels.size());
  pool.run([&](Worker& worker) {
    const Range share = worker.share(data.rows());
    for (std::size_t r = share.begin; r < share.end; ++r) {
      constexpr int kNoLabel = -1;  // distortion must not depend on the true label here
      augmenter.distort(data.row(r), view, static_cast<std::uint32_t>(r), kNoLabel, 1,
                        copy.pixels.data() + r * data.features());
    }
  });
  return copy;
}

// The mean probabilities of each network over the views.
std::vector<std::vector<float>> look_often(std::span<const Network> networks, const Dataset& data,
                                           const Views& views, ThreadPool& pool) {
  Augmenter augmenter = augmenter_for(data, views.distortion, views.seed);
  std::vector<Mean> means(networks.size());
  for (std::uint64_t view = 0; view < views.count; ++view) {
    augmenter.begin_epoch(view);
    const Dataset images = distorted(data, augmenter, view, pool);
    for (std::size_t i = 0; i < networks.size(); ++i) {
      means[i].add(predict(networks[i], images, pool));
    }
  }
  std::vector<std::vector<float>> all;
  for (const Mean& mean : means) all.push_back(mean.value());
  return all;
}

// The loss of averaged probabilities: mean squared error for sigmoid outputs, else cross-entropy.
float row_loss(std::span<const float> p, std::size_t label, bool squared) {
  if (!squared) return -std::log(std::max(p[label], std::numeric_limits<float>::min()));
  float sum = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    const float difference = p[k] - (k == label ? 1.0F : 0.0F);
    sum += difference * difference;
  }
  return sum / static_cast<float>(p.size());
}

// The metrics of probabilities that are the mean over `networks`.
Metrics metrics_of(std::span<const float> probabilities, std::span<const Network> networks,
                   const Dataset& data) {
  const std::size_t classes = networks.front().outputs();
  const bool squared = std::ranges::any_of(networks, [](const Network& network) {
    return network.output_activation() == LayerKind::kSigmoid;
  });
  std::vector<float> losses;
  for (std::size_t r = 0; r < data.rows(); ++r) {
    losses.push_back(row_loss(probabilities.subspan(r * classes, classes),
                              static_cast<std::size_t>(data.labels[r]), squared));
  }
  return compute_metrics(probabilities, networks.front(), data.labels, losses);
}

nlohmann::ordered_json look_json(const LookMetrics& metrics) {
  nlohmann::ordered_json json = to_json(metrics.once);
  if (metrics.with_views) json["with_views"] = to_json(*metrics.with_views);
  return json;
}

std::string figures(const Metrics& metrics) {
  return fmt::format("{:>8} {:>8} {:>8.4f}", metrics.count - metrics.correct,
                     fmt::format("{:.2f} %", 100 * metrics.error), metrics.loss);
}

}  // namespace

CommitteeMetrics evaluate_committee(std::span<const Network> networks, const Dataset& data,
                                    const Views& views, ThreadPool& pool) {
  const bool several = networks.size() > 1;
  CommitteeMetrics all;
  Mean once;
  for (const Network& network : networks) {
    std::vector<float> losses;
    const AlignedVector<float> probabilities = predict(network, data, pool, &losses);
    all.networks.push_back(
        {compute_metrics(probabilities, network, data.labels, losses), std::nullopt});
    if (several) once.add(probabilities);
  }
  if (several) all.committee = {metrics_of(once.value(), networks, data), std::nullopt};
  if (views.count == 0) return all;
  if (views.distortion.kind == AugmentKind::kNone) {
    refuse("views without distortion are all alike; choose one");
  }

  const std::vector<std::vector<float>> means = look_often(networks, data, views, pool);
  Mean often;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    all.networks[i].with_views = metrics_of(means[i], networks.subspan(i, 1), data);
    often.add(means[i]);
  }
  if (several) all.committee->with_views = metrics_of(often.value(), networks, data);
  return all;
}

nlohmann::ordered_json to_json(const CommitteeMetrics& metrics,
                               std::span<const std::string> names) {
  if (!metrics.committee) return look_json(metrics.networks.front());
  nlohmann::ordered_json networks = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    nlohmann::ordered_json one = {{"weights", names[i]}};
    one.update(look_json(metrics.networks[i]));
    networks.push_back(std::move(one));
  }
  return {{"networks", std::move(networks)}, {"committee", look_json(*metrics.committee)}};
}

std::string to_table(const CommitteeMetrics& metrics, std::span<const std::string> names) {
  const bool views = metrics.networks.front().with_views.has_value();
  if (!metrics.committee && !views) return to_table(metrics.networks.front().once);
  const std::string committee = fmt::format("committee of {}", names.size());
  std::size_t width = committee.size();
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string text = fmt::format("{:<{}} {:>8} {:>8} {:>8}", "", width, "errors", "error", "loss");
  if (views) text += fmt::format("  with views: {:>8} {:>8} {:>8}", "errors", "error", "loss");
  text += '\n';
  const auto add_line = [&](const std::string& name, const LookMetrics& look) {
    text += fmt::format("{:<{}} {}", name, width, figures(look.once));
    if (look.with_views) text += fmt::format("  {:>11} {}", "", figures(*look.with_views));
    text += '\n';
  };
  for (std::size_t i = 0; i < names.size(); ++i) add_line(names[i], metrics.networks[i]);
  if (metrics.committee) add_line(committee, *metrics.committee);
  return text;
}

}  // namespace mnist
