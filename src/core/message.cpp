// SPDX-License-Identifier: MIT
#include "core/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace memdyn {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  ///< 0: not UTF-8
};

/// The first character of a non-empty text [RFC 3629: shortest form, no surrogates, up to U+10FFFF].
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!continues(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  constexpr std::uint32_t least[] = {0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least[bytes - 2] || surrogate || code > 0x10ffff ? Character{} : Character{code, bytes};
}

/// Control characters, which a terminal would obey, and marks that change the direction of writing.
bool acts(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto [code, bytes] = first_of(text);
    if (bytes == 0) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (!acts(code)) {
      result += text.substr(0, bytes);
    } else if (code == '\n' || code == '\t' || code == '\r') {
      result += code == '\n' ? "\\n" : code == '\t' ? "\\t" : "\\r";
    } else {
      result += code < 0x100 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return result;
}

}  // namespace

std::string in_message(std::string_view value, std::size_t most) {
  std::string text = escaped(value);
  if (text.size() <= most) return text;
  const std::string gap = fmt::format(" [...: {} bytes in all] ", value.size());
  const std::size_t left = most - std::min(most, gap.size());
  std::size_t head = left - left / 3;
  std::size_t tail = text.size() - left / 3;
  while (head > 0 && continues(text[head])) --head;
  while (tail < text.size() && continues(text[tail])) ++tail;
  return text.replace(head, tail - head, gap);
}

}  // namespace memdyn
