#include "train/update_rule.h"

#include <set>
#include <string>

#include "base/aligned_vector.h"
#include "base/error.h"
#include "catch.h"

namespace mnist::testing {
namespace {

TEST_CASE("update_rule: each row has its own name and kind, and makes a rule from its defaults") {
  std::set<std::string> names;
  std::set<OptimizerKind> kinds;
  for (const OptimizerRow& row : optimizer_rows()) {
    INFO(row.name);
    CHECK(names.emplace(row.name).second);
    CHECK(kinds.insert(row.kind).second);
    OptimizerSettings settings;
    settings.kind = row.kind;
    settings = with_defaults(settings);
    CHECK(settings.learning_rate == row.learning_rate);
    CHECK(settings.momentum == row.momentum);
    const auto rule = row.make(settings);
    REQUIRE(rule != nullptr);
    // A step against the gradient.
    constexpr std::size_t kCount = 16;
    AlignedVector<float> weights(kCount);
    AlignedVector<float> gradient(kCount);
    AlignedVector<float> momentum(kCount);
    AlignedVector<float> squares(kCount);
    gradient[3] = 2;
    rule->begin_step(0.5F, 1);
    rule->update({weights.data(),
                  gradient.data(),
                  0.5F,
                  rule->keeps_momentum() ? momentum.data() : nullptr,
                  rule->keeps_squares() ? squares.data() : nullptr,
                  {1, kCount, kCount}});
    CHECK(weights[3] < 0);
    CHECK(weights[4] == 0);
    CHECK((momentum[3] != 0) == rule->keeps_momentum());
    CHECK((squares[3] != 0) == rule->keeps_squares());
  }
}

TEST_CASE(
    "update_rule: a rule keeps no momentum where it is 0, and plain descent needs a gradient") {
  OptimizerSettings settings;
  settings.kind = OptimizerKind::kMomentum;
  settings.momentum = 0.0F;
  CHECK_FALSE(make_momentum(with_defaults(settings))->keeps_momentum());
  OptimizerSettings plain;
  plain.kind = OptimizerKind::kSgd;
  CHECK_FALSE(make_sgd(with_defaults(plain))->moves_without_gradient());
  plain.weight_decay = 0.1F;
  CHECK(make_sgd(with_defaults(plain))->moves_without_gradient());
}

}  // namespace
}  // namespace mnist::testing
