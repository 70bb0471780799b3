// SPDX-License-Identifier: MIT
#include "memdyn/device/catalogue.hpp"

#include <algorithm>

#include "memdyn/core/error.hpp"
#include "memdyn/device/models/models.hpp"

namespace memdyn {
namespace {

std::deque<CatalogueEntry>& entries() {
  static std::deque<CatalogueEntry> all = [] {
    std::deque<CatalogueEntry> listed;
    for_each_model<Models>([&]<class D>() { listed.push_back(entry_of<D>()); });
    for_each_model<Elements>([&]<class D>() { listed.push_back(entry_of<D>(true)); });
    return listed;
  }();
  return all;
}

const CatalogueEntry* find(std::string_view CatalogueEntry::* member, std::string_view value) {
  const auto found = std::ranges::find(entries(), value, member);
  return found == entries().end() ? nullptr : &*found;
}

}  // namespace

AnyDevice CatalogueEntry::device() const {
  std::vector<ParameterValue> values;
  for (const Parameter& one : parameters) values.push_back(one.value);
  return make(values);
}

const std::deque<CatalogueEntry>& catalogue() { return entries(); }
const CatalogueEntry* find_model(std::string_view name) { return find(&CatalogueEntry::name, name); }
const CatalogueEntry* find_entry(const AnyDevice& device) { return find(&CatalogueEntry::type, device.type()); }

void add_to_catalogue(CatalogueEntry entry) {
  if (find_model(entry.name) != nullptr)
    throw InputError("catalogue", "name", std::string(entry.name), "is the name of another model; choose another one");
  entries().push_back(std::move(entry));
}

}  // namespace memdyn
