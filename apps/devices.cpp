// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "memdyn/device/models.hpp"

namespace memdyn::app {
namespace {

template <class D>
void describe() {
  fmt::print("{}\n\n{}\n\n{:<15}{:<11}{:<22}{}\n", D::name, D::summary, "parameter", "unit", "default", "meaning");
  typename D::Parameters parameters;
  D::Parameters::fields(parameters, []<class Value>(const Field& field, const Value& value) {
    std::string text;
    if constexpr (std::is_same_v<Value, std::vector<double>>) {
      text = fmt::format("[{}]", fmt::join(value, ", "));
    } else {
      text = fmt::format("{}", value);
    }
    fmt::print("{:<15}{:<11}{:<22}{}", field.key, field.unit, text, field.meaning);
    if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::vector<double>>)
      fmt::print("; in {}{}, {}]", field.low_included ? '[' : '(', field.low, field.high);
    fmt::print("\n");
  });
}

}  // namespace

void add_devices(CLI::App& program) {
  auto* command = program.add_subcommand("devices", "list the device models, or describe one");
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "model to describe");
  command->callback([name] {
    if (name->empty()) fmt::print("{:<18}{:<11}{}\n", "model", "variables", "what it is");
    bool found = name->empty();
    const auto look = [&]<class D>() {
      if (name->empty()) {
        fmt::print("{:<18}{:<11}{}\n", D::name, D().size(), D::summary.substr(0, D::summary.find('\n')));
      } else if (D::name == *name) {
        describe<D>();
        found = true;
      }
    };
    for_each_model(look);
    for_each_model<Elements>(look);
    if (!found) throw InputError("devices", "name", *name, "is not a model; \"memdyn devices\" lists them");
  });
}

}  // namespace memdyn::app
