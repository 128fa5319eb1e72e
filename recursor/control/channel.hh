// ControlChannel: the unix socket that rec_control talks to, with two threads: one for the socket, which runs what is
// quick, and a clerk for the other commands, one after the other. Clients that send slowly or do not read wait in
// buffers and never hold up the others.
#pragma once

#include <atomic>
#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/fd.hh"
#include "lib/base/memory.hh"
#include "lib/base/result.hh"
#include "recursor/control/clerk.hh"
#include "recursor/control/target.hh"

namespace rec {

struct Reply;

class ControlChannel {
 public:
  struct Options {
    std::string path;                               // of the socket
    std::string owner, group;                       // socket-owner, socket-group: name or number; empty leaves them
    std::uint32_t mode = 0660;                      // socket-mode
    std::size_t maxClients = 32;                    // more are closed at once
    std::chrono::milliseconds clientTimeout{10000}; // to send a command, and again to read the reply
  };
  static Options optionsOf(const Settings& settings);

  // Binds the socket, over one that nobody listens on any more. The error names the path and the reason. To be called
  // before privileges are dropped. `target` must outlive the channel.
  static base::Result<std::unique_ptr<ControlChannel>> open(const Options& options, ControlTarget& target);
  void start();      // the thread
  ~ControlChannel(); // ends the thread, removes the socket
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

 private:
  struct Client;
  struct Finished; // by the clerk
  using Instant = std::chrono::steady_clock::time_point;

  ControlChannel(const Options& options, ControlTarget& target, base::Fd listener, base::Fd wake);
  void run();
  void waitAndServe();
  void acceptClients();
  bool serve(Client& client); // false: the client is done
  bool readRequest(Client& client);
  void handToClerk(Client& client, std::vector<std::string> words);
  void takeFinished();
  bool answer(Client& client, Reply reply);
  bool writeReply(Client& client);

  Options d_options;
  ControlTarget& d_target;
  base::Fd d_listener;
  base::Fd d_wake; // eventfd: the end, or something is finished
  std::list<Client> d_clients;
  std::mutex d_mutex; // guards d_finished
  std::vector<Finished> d_finished;
  std::atomic<bool> d_stopping = false;
  base::ThreadArena d_arena;
  std::thread d_thread;
  Clerk d_clerk{"control/clerk"}; // its job refers to a client: ends before all else
};

} // namespace rec
