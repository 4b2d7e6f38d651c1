#include "model_io/tensor_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"

namespace mnist {
namespace {

// A name without its digits. Modules with equal skeletons can be ordered by their numbers.
std::string skeleton(const std::string& name) {
  std::string rest;
  std::ranges::copy_if(name, std::back_inserter(rest), [](char c) { return !is_digit(c); });
  return rest;
}

std::string parameter_of(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// The shapes of a module's parameters, by their names within the module.
using Signature = std::map<std::string, std::vector<std::size_t>>;

std::map<std::string, Signature> modules_of(const std::vector<NamedParameter>& parameters) {
  std::map<std::string, Signature> modules;
  for (const NamedParameter& parameter : parameters) {
    modules[module_of(parameter.name)][parameter_of(parameter.name)] = parameter.shape;
  }
  return modules;
}

// Groups the modules with equal signatures; each group is in natural order.
std::map<Signature, std::vector<std::string>> grouped(
    const std::map<std::string, Signature>& modules) {
  std::map<Signature, std::vector<std::string>> groups;
  for (const auto& [name, signature] : modules) groups[signature].push_back(name);
  for (auto& [signature, names] : groups) std::ranges::sort(names, natural_less);
  return groups;
}

}  // namespace

bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
      continue;
    }
    const auto number = [](const std::string& text, std::size_t& place) {
      while (place + 1 < text.size() && text[place] == '0' && is_digit(text[place + 1])) ++place;
      const std::size_t begin = place;
      while (place < text.size() && is_digit(text[place])) ++place;
      return text.substr(begin, place - begin);
    };
    const std::string x = number(a, i);
    const std::string y = number(b, j);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  return a.size() - i < b.size() - j;
}

std::string module_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

std::vector<NamedParameter> with_names_of(std::vector<NamedParameter> parameters,
                                          const std::vector<NamedParameter>& wanted) {
  const auto known = [&](const NamedParameter& parameter) {
    return std::ranges::find(wanted, parameter.name, &NamedParameter::name) != wanted.end();
  };
  if (std::ranges::all_of(parameters, known)) return parameters;
  const auto groups = grouped(modules_of(parameters));
  std::map<std::string, std::string> renamed;
  for (const auto& [signature, places] : grouped(modules_of(wanted))) {
    const auto found = groups.find(signature);
    if (found == groups.end() || found->second.size() != places.size()) return parameters;
    const std::vector<std::string>& names = found->second;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (i > 0 && skeleton(names[i]) != skeleton(names[i - 1])) {
        throw Error(ExitCode::kBadInput,
                    fmt::format("modules '{}' and '{}' have the same shapes, and their names do "
                                "not tell which comes first; name them as torch.nn.Sequential does",
                                names[i - 1], names[i]));
      }
      renamed[names[i]] = places[i];
    }
  }
  if (renamed.size() != modules_of(parameters).size()) return parameters;
  for (NamedParameter& parameter : parameters) {
    parameter.name =
        fmt::format("{}.{}", renamed.at(module_of(parameter.name)), parameter_of(parameter.name));
  }
  return parameters;
}

}  // namespace mnist
