#pragma once
/// \file
/// Guest projects on disk: written beside their place, compiled there, and moved into it when all has gone well.

#include <map>
#include <string>

namespace zkvm::compiler {

/// What went wrong; empty `message`: nothing.
struct BuildError {
  enum class Kind {
    FOLDER,    ///< the output folder cannot be written, or holds something else
    SDK,       ///< no guest SDK, or no cross compiler
    COMPILER,  ///< the cross compiler failed
  };
  Kind kind = Kind::FOLDER;
  std::string message;
  bool failed() const { return !message.empty(); }
};

/// The SDK: $ZKVM_SDK if that is set, else the folder guest-sdk beside `executable`'s folder or above it, else `built`,
/// that of the sources that the executable was built from. Without one the error says where it was looked for.
BuildError find_sdk(const std::string& executable, const std::string& built, std::string& sdk);

/// Whether a project could be put into `folder`: it does not exist but the folder above does, or it is empty, or, with
/// `force`, a project that came from here.
BuildError check_folder(const std::string& folder, bool force);

struct BuildOptions {
  std::string folder;
  bool force = false;   ///< replace a project that came from here; other files in its folder stay
  bool compile = true;  ///< also make guest.elf
  std::string sdk;      ///< with `compile`
  std::string runtime;  ///< folder for the SDK's compiled library; empty: the SDK's default
};
/// Writes the project. After a failure `folder` is as it was.
BuildError write_project(const std::map<std::string, std::string>& files, const BuildOptions& options);

}  // namespace zkvm::compiler
