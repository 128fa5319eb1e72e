// A socket for each question, connected, so that the kernel drops what comes from elsewhere.
#include "recursor/policy/luaudp.hh"

#include <sys/socket.h>

#include "lib/base/fd.hh"
#include "lib/coro/wait.hh"

namespace rec {
namespace {

constexpr std::size_t kLongestAnswer = 65535;

base::Fd ask(const base::Address& server, const std::string& question) {
  if (!server.valid()) {
    return {};
  }
  base::Fd socket(::socket(server.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool asked = socket.valid() && ::connect(socket.get(), server.raw(), server.rawSize()) == 0 &&
                     ::send(socket.get(), question.data(), question.size(), 0) >= 0;
  return asked ? std::move(socket) : base::Fd();
}

std::string receive(const base::Fd& socket) {
  std::string answer(kLongestAnswer, '\0');
  const ssize_t size = ::recv(socket.get(), answer.data(), answer.size(), 0);
  answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return answer;
}

} // namespace

coro::Task<std::string> luaAskUdp(coro::Loop& loop, base::Address server, std::string question,
                                  base::MonoTime deadline) {
  const base::Fd socket = ask(server, question);
  if (!socket.valid()) {
    co_return std::string();
  }
  const int fd = socket.get();
  const bool arrived = co_await coro::Readable(loop, fd, deadline);
  co_return arrived ? receive(socket) : std::string();
}

} // namespace rec
