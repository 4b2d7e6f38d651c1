#include "model_io/npz.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>

#include "base/atomic_file.h"
#include "catch.h"
#include "model_io/exported.h"

namespace mnist {
namespace {

using namespace mnist::testing;

const std::string kPython = "/usr/bin/python3";

bool numpy_is_missing(const Sandbox& sandbox) {
  if (sandbox.shell(kPython + " -c 'import numpy'").code == 0) return false;
  skip_test("needs /usr/bin/python3 with numpy (python3-numpy)");
  return true;
}

TEST_CASE("model_io: NumPy reads an .npz with the names, shapes and bits of the weights") {
  const Sandbox sandbox;
  if (numpy_is_missing(sandbox)) return;
  for (const bool bias : {true, false}) {
    const Network network = random_network("9,7,relu,5,leaky-relu,4,softmax", bias);
    sandbox.write("weights.npz", to_npz(network));
    std::string expected;
    for (const NamedParameter& p : network.parameters()) {
      std::string bytes(p.values.size() * sizeof(float), '\0');
      std::memcpy(bytes.data(), p.values.data(), bytes.size());
      sandbox.write(p.name + ".bin", bytes);
      const std::string shape =
          fmt::format("({}{})", fmt::join(p.shape, ", "), p.shape.size() == 1 ? "," : "");
      expected += p.name + " float32 " + shape + " True\n";
    }
    const Outcome outcome = sandbox.shell(kPython + R"( - <<'END'
import numpy
for name, array in numpy.load("weights.npz").items():
    same = array.tobytes() == open(name + ".bin", "rb").read()
    print(name, array.dtype, array.shape, same)
END
)");
    INFO(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(outcome.out == expected);
  }
}

TEST_CASE("model_io: an .npz is stored, whole by other tools' tests and the same at any time") {
  const Network network = random_network("30,12,relu,4,softmax", true);
  const std::string bytes = to_npz(network);
  std::size_t values = 0;
  for (const NamedParameter& p : network.parameters()) values += p.values.size() * sizeof(float);
  CHECK(bytes.size() > values);
  CHECK(bytes.size() < values + 4 * 400);
  CHECK(to_npz(network) == bytes);
  const NamedParameter weight = network.parameters()[0];
  const std::string_view raw(reinterpret_cast<const char*>(weight.values.data()),
                             weight.values.size() * sizeof(float));
  CHECK(bytes.find(raw) != std::string::npos);
}

}  // namespace
}  // namespace mnist
