// Http2Client: the client's side of one HTTP/2 connection that POSTs small bodies and takes small answers (RFC 9113, by
// nghttp2, which this file alone knows). Octets in, octets out: no I/O, no clock. Follows no redirect, keeps no cookie,
// accepts no push. Used for DNS over HTTPS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace net {

class Http2Client {
 public:
  struct Target {
    std::string authority; // host, and port unless it is 443
    std::string path;
    std::string_view content; // a literal: the media type that is sent and accepted
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    // Status 200 and the media type asked for. `body` may be changed. `age`: seconds that some cache on the way has
    // kept it (RFC 9111 5.1).
    virtual void answered(std::int32_t stream, std::span<std::byte> body, std::uint32_t age) = 0;
    // There will be no answer. `unprocessed`: the server has not looked at the request (RFC 9113 8.7).
    virtual void failed(std::int32_t stream, std::string why, bool unprocessed) = 0;
  };
  static constexpr std::size_t kMaxBody = 65535;        // octets of an answer
  static constexpr std::size_t kMaxFields = 64;         // header fields of an answer
  static constexpr std::size_t kMaxFieldOctets = 16384; // of all their names and values
  static constexpr std::size_t kMaxStreams = 100;       // at once, unless the server allows less

  explicit Http2Client(Target target);
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;
  ~Http2Client();

  [[nodiscard]] std::int32_t nextStream() const; // what post() will return
  [[nodiscard]] bool hasRoom() const;            // for one more request; false for ever after GOAWAY
  // Never fails by itself: what goes wrong is told to the listener of the next receive().
  void post(std::span<const std::byte> body);

  // Takes what has come. Empty, or why the connection is of no use any more. `listener` is told what became of
  // requests.
  [[nodiscard]] std::string receive(std::span<const std::byte> octets, Listener& listener);
  // Appends what is to be sent.
  void output(std::vector<std::byte>& out);

 private:
  struct State;
  std::unique_ptr<State> d_state;
};

} // namespace net
