// The bytes on the control socket: see protocol.hh.
#include "recursor/control/protocol.hh"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace rec {

namespace {

std::string encodeNumber(std::uint32_t number) {
  const auto wire = htonl(number);
  std::string bytes(sizeof wire, '\0');
  std::memcpy(bytes.data(), &wire, sizeof wire);
  return bytes;
}

} // namespace

std::uint32_t readNumber(std::string_view at) {
  std::uint32_t wire = 0;
  std::memcpy(&wire, at.data(), sizeof wire);
  return ntohl(wire);
}

std::string encodeRequest(const std::vector<std::string>& words) {
  std::string payload;
  for (const auto& word : words) payload += word + '\0';
  return encodeNumber(static_cast<std::uint32_t>(payload.size())) + payload;
}

std::optional<std::vector<std::string>> decodeWords(std::string_view payload) {
  std::vector<std::string> words;
  while (!payload.empty()) {
    const auto end = payload.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    words.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  return words;
}

std::string encodeReply(int status, std::string_view text) {
  return encodeNumber(static_cast<std::uint32_t>(status)) + encodeNumber(static_cast<std::uint32_t>(text.size())) +
         std::string(text);
}

ssize_t sendWithFd(int socket, std::string_view data, int descriptor) {
  iovec part{const_cast<char*>(data.data()), data.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

Received receiveWithFd(int socket, char* buffer, std::size_t size) {
  iovec part{buffer, size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{}; // a second descriptor is closed by the kernel
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  Received received;
  received.size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  const auto* header = received.size < 0 ? nullptr : CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return received;
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  received.descriptor.reset(descriptor);
  return received;
}

} // namespace rec
