#pragma once
/// \file
/// Pieces of generated source text. Names come from files of strangers: nothing of them reaches the text unless it is
/// harmless there.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "guest-sdk/compiler/graph.hpp"

namespace zkvm::compiler {

/// A name in a comment: printable ASCII without backslashes, backquotes and ??, at most `longest` characters.
std::string comment_text(std::string_view name, size_t longest = 72);
/// Letters, digits and underscores of the name's last two parts, at most 32, in one case; may be empty.
std::string identifier_part(std::string_view name, bool upper);

/// "25x5x64"
std::string shape_text(Shape s);
/// A float literal, exactly; 1 for what is not a positive finite number.
std::string scale_text(float scale);
std::string float_text(float x);

/// "{1, 2, 3}" over lines of at most 120 characters; the first begins at column `column`, others are indented by 4.
std::string list_text(std::span<const std::string> items, size_t column);

}  // namespace zkvm::compiler
