// SPDX-License-Identifier: MIT
#include "core/input_texts.hpp"

#include <algorithm>

#include "core/message.hpp"
#include "core/text_file.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {

const std::string& InputTexts::text(const std::filesystem::path& name) {
  const auto found = std::ranges::find(texts_, name.string(), &InputText::name);
  if (found != texts_.end()) return found->text;
  if (!result_.empty())
    throw IoError(in_message(result_.string()) + ": does not hold the text of " + in_message(name.string()) +
                  ", so the run cannot be repeated from it");
  return texts_.emplace_back(InputText{name.string(), read_text(folder_ / name)}).text;
}

void InputTexts::replace(const std::filesystem::path& name, std::string text) {
  std::ranges::find(texts_, name.string(), &InputText::name)->text = std::move(text);
}

std::vector<InputText> InputTexts::others(const std::filesystem::path& name) const {
  std::vector<InputText> all(texts_.begin(), texts_.end());
  std::erase_if(all, [&](const InputText& one) { return one.name == name.string(); });
  return all;
}

std::string InputTexts::shown(const std::filesystem::path& name) const {
  return result_.empty() ? (folder_ / name).string() : result_.string() + ": " + name.string();
}

}  // namespace memdyn
