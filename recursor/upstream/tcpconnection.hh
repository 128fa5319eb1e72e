// TcpConnection: one kept-open stream to a server that carries many questions at once; answers come in any order
// (RFC 7766 6.2.1.1, 7). What the octets mean is its dialect's part. Owned by the coroutine that runs it; the pool
// (tcp.hh) knows it while it lives. When it goes, whoever waits is told why.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/coro/gate.hh"
#include "lib/net/stream.hh"
#include "recursor/upstream/dialect.hh"
#include "recursor/upstream/transport.hh"

namespace rec {

class TcpConnection final : private Dialect::Listener {
 public:
  // The pool, as connections see it.
  class Owner {
   public:
    virtual ~Owner() = default;
    [[nodiscard]] virtual bool mayIdle(const TcpConnection& connection) = 0; // no question waits: may it stay open?
    virtual void idleEnds() = 0;                                             // of one that was allowed to
    virtual void unexpectedMessage() = 0;                                    // an answer nobody waits for (any more)
    virtual void connected(const TcpConnection& connection) = 0;
    virtual void closed(const TcpConnection& connection) = 0;
  };
  struct Limits {
    std::chrono::milliseconds connectTimeout{3000};
    std::chrono::milliseconds maxIdle{10'000};
    unsigned maxQueries = 0; // then it is closed; 0 is no limit
  };

  // A question that waits for its answer; lives in the frame of the coroutine that asks.
  class Waiter {
   public:
    Waiter(coro::Loop& loop, std::uint16_t id) : d_gate(loop), d_id(id), d_sent(loop.clock().mono()) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { leave(); }
    [[nodiscard]] coro::Gate& gate() { return d_gate; } // opens with the answer or the failure
    // The answer; nothing when it or the connection failed.
    [[nodiscard]] std::optional<std::vector<std::byte>>& answer() { return d_answer; }
    [[nodiscard]] const net::StreamResult& failure() const { return d_failure; }
    // The connection had been made before it failed, or the server said that it did not look at the question.
    [[nodiscard]] bool wasConnected() const { return d_wasConnected; }
    [[nodiscard]] bool unprocessed() const { return d_unprocessed; }
    [[nodiscard]] base::MonoTime sent() const { return d_sent; } // over the connection as soon as that was made
    // The deadline passed: a connection that was silent all the time is not trusted with further questions.
    void giveUp();

   private:
    friend class TcpConnection;
    void leave();
    void fail(const net::StreamResult& why);
    coro::Gate d_gate;
    std::uint16_t d_id;
    base::MonoTime d_sent;
    TcpConnection* d_connection = nullptr;
    Dialect::Key d_key = 0;
    std::optional<std::vector<std::byte>> d_answer;
    net::StreamResult d_failure;
    bool d_wasConnected = false;
    bool d_unprocessed = false;
  };

  // `serial`: the pool's count of connections opened.
  TcpConnection(coro::Loop& loop, Owner& owner, Upstream upstream, std::unique_ptr<net::Stream> stream,
                std::unique_ptr<Dialect> dialect, const Limits& limits, std::uint64_t serial);
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;
  ~TcpConnection() override;

  // Connects, reads and hands out answers until it is closed. This object must outlive the task.
  coro::Task<void> run();
  // Sends `packet` as soon as the connection is up.
  void ask(Waiter& waiter, std::span<const std::byte> packet);

  [[nodiscard]] const Upstream& upstream() const { return d_upstream; }
  [[nodiscard]] std::uint64_t serial() const { return d_serial; }
  [[nodiscard]] bool connected() const { return d_connected; }
  [[nodiscard]] bool resumed() const { return d_stream->resumed(); }
  [[nodiscard]] const net::StreamResult& end() const { return d_end; } // how it did
  // The server closes it when nothing was asked for so long (RFC 7828 3.3.2): so do we, if not earlier.
  void shortenIdle(std::chrono::milliseconds idle) { d_limits.maxIdle = std::min(d_limits.maxIdle, idle); }
  [[nodiscard]] bool kept() const { return d_kept; } // idle, and allowed to be
  [[nodiscard]] std::size_t waiting() const { return d_waiters.size(); }
  // Another question may be sent, under this id.
  [[nodiscard]] bool accepts(std::uint16_t id) const;

 private:
  void answered(Dialect::Key key, std::span<std::byte> message) override;
  void failed(Dialect::Key key, std::string why, bool unprocessed) override;
  [[nodiscard]] Waiter* release(Dialect::Key key);

  [[nodiscard]] bool usedUp() const { return d_limits.maxQueries > 0 && d_asked >= d_limits.maxQueries; }
  [[nodiscard]] bool silentTooLong() const;
  [[nodiscard]] bool idleTooLong() const { return d_waiters.empty() && d_loop.now() >= d_lastUse + d_limits.maxIdle; }
  [[nodiscard]] bool stays();
  [[nodiscard]] base::MonoTime readDeadline() const;
  void becomeConnected();
  void startWriting();
  coro::Task<void> write();
  [[nodiscard]] bool takeIn(std::size_t octets); // false: it is over

  coro::Loop& d_loop;
  Owner& d_owner;
  Upstream d_upstream;
  std::unique_ptr<net::Stream> d_stream;
  std::unique_ptr<Dialect> d_dialect;
  Limits d_limits;
  std::uint64_t d_serial;
  std::unordered_map<Dialect::Key, Waiter*> d_waiters;
  std::vector<std::byte> d_writing; // being written
  bool d_connected = false;
  bool d_busyWriting = false;
  bool d_kept = false;
  bool d_suspect = false; // a question timed out or writing failed: no more questions
  unsigned d_asked = 0;
  base::MonoTime d_lastUse;
  base::MonoTime d_lastHeard;
  std::optional<base::MonoTime> d_unanswered; // the first question since something was heard
  net::StreamResult d_end{net::StreamResult::Status::Closed, 0, 0, {}};
  coro::Task<void> d_writer; // destroyed before the stream it uses
};

} // namespace rec
