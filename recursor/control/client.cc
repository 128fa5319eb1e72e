// The client's side of the control socket: see client.hh.
#include "recursor/control/client.hh"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "recursor/control/protocol.hh"

namespace rec {

using base::Error;
using base::Result;

namespace {

Error failed(const char* what) {
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return Error{std::string(what) + ": the recursor did not answer in time"};
  return Error{std::string(what) + ": " + std::strerror(errno)};
}

void setTimeouts(int socket, std::chrono::milliseconds timeout) {
  timeval limit{};
  limit.tv_sec = timeout.count() / 1000;
  limit.tv_usec = timeout.count() % 1000 * 1000;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// Appends to `data` until it has `size` octets.
Result<void> receiveUpTo(int socket, std::string& data, std::size_t size) {
  std::array<char, 4096> buffer;
  while (data.size() < size) {
    const auto got = ::recv(socket, buffer.data(), std::min(buffer.size(), size - data.size()), 0);
    if (got < 0) return failed("reading the reply");
    if (got == 0) return Error{"the recursor closed the connection"};
    data.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return {};
}

} // namespace

Result<ClientReply> askRecursor(int socket, const std::vector<std::string>& words, int descriptor,
                                std::chrono::milliseconds timeout) {
  setTimeouts(socket, timeout);
  const auto request = encodeRequest(words);
  if (request.size() > kRequestHeader + kMaxRequestSize) return Error{"the command is too long"};
  std::string_view left(request);
  while (!left.empty()) {
    const auto sent = sendWithFd(socket, left, left.size() == request.size() ? descriptor : -1);
    if (sent < 0) return failed("sending the command");
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string reply;
  const auto header = receiveUpTo(socket, reply, kReplyHeader);
  if (!header) return header.error();
  const auto size = readNumber(std::string_view(reply).substr(4));
  const auto body = receiveUpTo(socket, reply, kReplyHeader + size);
  if (!body) return body.error();
  return ClientReply{static_cast<int>(readNumber(reply)), reply.substr(kReplyHeader)};
}

} // namespace rec
