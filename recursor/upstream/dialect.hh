// Dialect: how questions and answers stand in the octets of one kept-open connection. Octets in, octets out, no I/O, no
// clock. Each TcpConnection has one; DnsDialect is DNS behind lengths (RFC 1035 4.2.2, RFC 7766), HttpDialect
// (https.hh) is DNS in HTTP/2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/net/framing.hh"

namespace rec {

class Dialect {
 public:
  using Key = std::int64_t; // of a question under way on this connection

  // Told of what was found in the octets taken.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void answered(Key key, std::span<std::byte> message) = 0; // perhaps nobody waits for it
    // There will be no answer. `unprocessed`: the server has not looked at the question.
    virtual void failed(Key key, std::string why, bool unprocessed) = 0;
  };

  virtual ~Dialect() = default;
  // What a question with this id would get; one key at a time.
  [[nodiscard]] virtual Key keyFor(std::uint16_t id) const = 0;
  [[nodiscard]] virtual bool hasRoom(std::size_t waiting) const = 0; // for one more question
  virtual void ask(Key key, std::span<const std::byte> packet) = 0;
  virtual void forget(Key key) = 0; // nobody waits for it any more

  [[nodiscard]] virtual std::span<std::byte> space() = 0; // where to read the next octets to
  // Empty, or why nothing that follows can be understood.
  [[nodiscard]] virtual std::string take(std::size_t octets, Listener& listener) = 0;
  virtual void write(std::vector<std::byte>& out) = 0; // appends what is to be sent
  virtual void rest() = 0;                             // nothing is under way: holds no memory
};

class DnsDialect final : public Dialect {
 public:
  [[nodiscard]] Key keyFor(std::uint16_t id) const override { return id; }
  [[nodiscard]] bool hasRoom(std::size_t waiting) const override;
  void ask(Key key, std::span<const std::byte> packet) override;
  void forget(Key /*key*/) override {}
  [[nodiscard]] std::span<std::byte> space() override { return d_frames.space(); }
  [[nodiscard]] std::string take(std::size_t octets, Listener& listener) override;
  void write(std::vector<std::byte>& out) override;
  void rest() override { d_frames.releaseIdle(); }

 private:
  net::FrameReader d_frames;
  std::vector<std::byte> d_out;
};

} // namespace rec
