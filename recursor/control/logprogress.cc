// One line, written over and over.
#include "recursor/control/logprogress.hh"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace rec {
namespace {

constexpr std::chrono::milliseconds kFirst{500}, kBetween{100};
constexpr std::size_t kWidth = 40;

} // namespace

ProgressBar::ProgressBar()
    : d_isTerminal(::isatty(STDERR_FILENO) == 1), d_next(std::chrono::steady_clock::now() + kFirst) {}

ProgressCall ProgressBar::call() {
  return [this](const LogProgress& progress) {
    if (d_isTerminal && std::chrono::steady_clock::now() >= d_next) show(progress);
    return true;
  };
}

void ProgressBar::show(const LogProgress& progress) {
  d_next = std::chrono::steady_clock::now() + kBetween;
  d_isShown = true;
  const std::size_t share = progress.blocks == 0 ? 0 : progress.done * kWidth / progress.blocks;
  const std::string bar = std::string(share, '#') + std::string(kWidth - share, '.');
  std::fprintf(stderr, "\r\033[K[%s] %llu of %llu blocks, %llu matches", bar.c_str(),
               static_cast<unsigned long long>(progress.done), static_cast<unsigned long long>(progress.blocks),
               static_cast<unsigned long long>(progress.matched));
}

void ProgressBar::clear() {
  if (d_isShown) std::fputs("\r\033[K", stderr);
  d_isShown = false;
}

} // namespace rec
