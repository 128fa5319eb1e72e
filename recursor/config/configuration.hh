// Configuration: the command line and recursor.yml or recursor.conf put together: the settings, and each value as it
// was written. Made at the start and again for a reload; immutable, so every thread may read it.
//
// Flow: parseCommandLine -> loadConfiguration (read files, apply lines in order, then options) -> checkStatus (what is
// meaningless or not supported) -> typed values -> checkTogether (what must fit each other).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "recursor/config/commandline.hh"
#include "recursor/config/settings.hh"

namespace rec {

struct Configuration {
  struct Written {
    std::string text;
    std::string where; // "recursor.conf:12", "command line"
  };

  std::shared_ptr<const Settings> settings;
  std::map<std::string, Written, std::less<>> written; // only what was set, in normal spelling
  std::vector<std::string> warnings;                   // one line each, to be logged at the start
  std::string file;                                    // the file that was read; empty if there was none

  // The value in effect as text; empty for unknown names.
  [[nodiscard]] std::string text(std::string_view name) const;
  // As if the setting had been written like there, or not at all.
  void take(std::string_view name, const Configuration& from);
};

// Errors are one line, "file:line: key: reason". Reads files, opens no socket.
base::Result<std::shared_ptr<const Configuration>> loadConfiguration(const CommandLine& line);

// The same of one file and what it includes, for whoever looks at a file that is not in use.
base::Result<std::shared_ptr<const Configuration>> loadConfigurationFile(const std::string& path);

// `before` with those settings as in `from` that `which` says; the whole is checked, with the files that it names.
base::Result<std::shared_ptr<const Configuration>> takeOver(const Configuration& before, const Configuration& from,
                                                            const std::function<bool(const SettingInfo&)>& which);

// Just where the control socket is: config-dir, config-name and socket-dir, for rec_control, which need not be able to
// read or understand the rest.
struct SocketPlace {
  std::string directory;
  std::string name; // "recursor" or "recursor-NAME": of the control socket and the pid file, without their extension
};
[[nodiscard]] SocketPlace socketPlace(const Settings& settings);
base::Result<SocketPlace> findSocketPlace(const CommandLine& line);

} // namespace rec
