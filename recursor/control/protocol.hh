// The bytes on the control socket. Request: a 32-bit length, then the words of the command, each ended by a NUL; a file
// descriptor may come with the first octet. Reply: a 32-bit status, a 32-bit length, then text. Numbers in network
// order. Used by the channel and by rec_control.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/fd.hh"

namespace rec {

constexpr std::size_t kMaxRequestSize = 65536;
constexpr std::size_t kRequestHeader = 4;
constexpr std::size_t kReplyHeader = 8;

[[nodiscard]] std::string encodeRequest(const std::vector<std::string>& words);
// The words of a whole request without its header; nothing when the last one is not ended.
[[nodiscard]] std::optional<std::vector<std::string>> decodeWords(std::string_view payload);

[[nodiscard]] std::string encodeReply(int status, std::string_view text);

[[nodiscard]] std::uint32_t readNumber(std::string_view at); // of at least 4 octets

// One sendmsg(2) with `descriptor` (unless it is negative) attached; what it returns.
[[nodiscard]] ssize_t sendWithFd(int socket, std::string_view data, int descriptor);

// One recvmsg(2) into `buffer`, with the descriptor that came along, if any.
struct Received {
  ssize_t size = 0; // 0: the peer closed; negative: errno says why not
  base::Fd descriptor;
};
[[nodiscard]] Received receiveWithFd(int socket, char* buffer, std::size_t size);

} // namespace rec
