// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <memory>

#include "command.hpp"
#include "command_tree.hpp"

namespace memdyn::app {

void add_completion(CLI::App& program) {
  auto* command = program.add_subcommand("completion", "print the completion of a shell for this program");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "the shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  add_examples(*command,
               "  source <(memdyn completion bash)                                      in this bash\n"
               "  memdyn completion zsh > ~/.zfunc/_memdyn                              a folder of $fpath\n"
               "  memdyn completion fish > ~/.config/fish/completions/memdyn.fish\n"
               "\"cmake --install\" installs all three, and the manual page.");
  command->callback([&program, shell] {
    const CommandInfo all = describe(program);
    fmt::print("{}", *shell == "bash"  ? bash_completion(all)
                     : *shell == "zsh" ? zsh_completion(all)
                                       : fish_completion(all));
  });
}

void add_manual(CLI::App& program) {
  auto* command = program.add_subcommand("manual", "print the manual page of this program");
  add_examples(*command, "  memdyn manual > memdyn.1 && man ./memdyn.1");
  command->callback([&program] { fmt::print("{}", manual_page(describe(program))); });
}

}  // namespace memdyn::app
