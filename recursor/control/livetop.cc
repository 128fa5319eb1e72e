// The live screen: see livetop.hh. liveTop -> once, or watch: draw, then wait for a key, a signal or the next time.
#include "recursor/control/livetop.hh"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "recursor/control/topscreen.hh"

namespace rec {
namespace {

using base::Error;
using base::Result;
using Clock = std::chrono::steady_clock;

struct Options {
  bool once = false;
  std::optional<std::chrono::milliseconds> interval;
};

Result<std::chrono::milliseconds> parseInterval(std::string_view text) {
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || !(seconds >= 0.1 && seconds <= 3600)) {
    return Error{"--interval: '" + std::string(text) + "' is not a number of seconds between 0.1 and 3600"};
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

Result<Options> optionsOf(const std::vector<std::string>& words) {
  constexpr std::string_view kInterval = "--interval";
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "--once") {
      options.once = true;
      continue;
    }
    const bool apart = word == kInterval && i + 1 < words.size();
    if (!apart && !word.starts_with("--interval=")) return Error{"top: " + words[i] + ": unknown argument"};
    const auto interval = parseInterval(apart ? words[++i] : word.substr(kInterval.size() + 1));
    if (!interval) return interval.error();
    options.interval = *interval;
  }
  return options;
}

struct Size {
  std::size_t width = 80, height = 24;
};

Size terminalSize() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

// The terminal without echo and lines, on its other screen, until this goes.
class Screen {
 public:
  Screen() {
    d_isTerminal = ::tcgetattr(STDIN_FILENO, &d_before) == 0;
    termios raw = d_before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    if (d_isTerminal) ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    std::fputs("\033[?1049h\033[?25l", stdout);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() {
    std::fputs("\033[?25h\033[?1049l", stdout);
    std::fflush(stdout);
    if (d_isTerminal) ::tcsetattr(STDIN_FILENO, TCSANOW, &d_before);
  }

  // From the upper left corner, without clearing first, so that nothing flickers; the last line is not ended.
  void draw(const std::vector<std::string>& lines) {
    std::string text = "\033[H";
    for (std::size_t i = 0; i < lines.size(); ++i) {
      text += (i == 0 ? "\033[7m" + lines[i] + "\033[0m" : lines[i]) + "\033[K" + (i + 1 < lines.size() ? "\n" : "");
    }
    text += "\033[J";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

 private:
  termios d_before{};
  bool d_isTerminal = false;
};

// What ends the screen, and a terminal of another size, as something to poll.
base::Fd catchSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return base::Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

Result<std::string> ask(const ClientCall& call, const char* command) {
  auto reply = askRecursorOf(call, {command});
  if (!reply) return reply.error();
  if (reply->status != 0) return Error{reply->text.substr(0, reply->text.find('\n'))};
  return std::move(reply->text);
}

// Reads everything anew; on an error the figures stay, and the view says what it was.
Result<void> read(const ClientCall& call, TopView& view) {
  const auto metrics = ask(call, "get-all");
  if (!metrics) return metrics.error();
  TopReading now{std::chrono::duration<double>(Clock::now().time_since_epoch()).count(), parseMetrics(*metrics)};
  if (!view.now.values.empty()) view.before = std::move(view.now);
  view.now = std::move(now);
  const auto names = ask(call, "top-queries");
  const auto clients = ask(call, "top-remotes");
  if (names) view.names = topRows(*names);
  if (clients) view.clients = topRows(*clients);
  return {};
}

Result<int> once(const ClientCall& call, const Options& options, TopView& view) {
  auto done = read(call, view);
  if (done && options.interval) {
    ::poll(nullptr, 0, static_cast<int>(options.interval->count()));
    done = read(call, view);
  }
  if (!done) return done.error();
  constexpr std::size_t kRows = 37; // all that a top-* command has
  const Size size{::isatty(STDOUT_FILENO) != 0 ? terminalSize().width : 80, kRows};
  for (const std::string& line : topScreen(view, size.width, size.height)) {
    std::puts(line.substr(0, line.find_last_not_of(' ') + 1).c_str());
  }
  return 0;
}

enum class Event : std::uint8_t { Time, Redraw, Quit };

Event signalled(int signals) {
  signalfd_siginfo info{};
  Event event = Event::Redraw;
  while (::read(signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGWINCH) event = Event::Quit;
  }
  return event;
}

Event pressed(bool& isThere) {
  char key = 0;
  isThere = ::read(STDIN_FILENO, &key, 1) == 1;
  return isThere && (key == 'q' || key == 'Q') ? Event::Quit : Event::Redraw;
}

// Until `next`, a signal or a key. `keys`: somebody may press some.
Event waitFor(Clock::time_point next, int signals, bool& keys) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
  pollfd ready[] = {{signals, POLLIN, 0}, {keys ? STDIN_FILENO : -1, POLLIN, 0}};
  if (left <= 0 || ::poll(ready, 2, static_cast<int>(left)) == 0) return Event::Time;
  if (ready[0].revents != 0) return signalled(signals);
  return ready[1].revents != 0 ? pressed(keys) : Event::Redraw;
}

Result<int> watch(const ClientCall& call, std::chrono::milliseconds interval, TopView& view) {
  const base::Fd signals = catchSignals();
  const auto begun = read(call, view);
  if (!begun) return begun.error();
  Screen screen;
  bool keys = true;
  auto next = Clock::now() + interval;
  for (;;) {
    const Size size = terminalSize();
    screen.draw(topScreen(view, size.width, size.height));
    const Event event = waitFor(next, signals.get(), keys);
    if (event == Event::Quit) return 0;
    if (event == Event::Redraw) continue;
    const auto done = read(call, view);
    view.trouble = done ? "" : done.error().message;
    next = Clock::now() + interval;
  }
}

} // namespace

Result<int> liveTop(ClientCall& call) {
  const auto options = optionsOf(call.arguments);
  if (!options) return options.error();
  TopView view;
  const auto version = ask(call, "version");
  if (!version) return version.error();
  view.version = version->substr(0, version->find('\n'));
  if (options->once || ::isatty(STDOUT_FILENO) == 0) return once(call, *options, view);
  return watch(call, options->interval.value_or(std::chrono::seconds(1)), view);
}

} // namespace rec
