// The control socket: requests, files, stale sockets, and clients that misbehave.
#include "recursor/control/channel.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <future>

#include "recursor/config/configfile.hh"
#include "recursor/control/client.hh"
#include "recursor/control/protocol.hh"
#include "recursor/control/socketpath.hh"
#include "tests/recursor/config/tempdir.hh"
#include "tests/recursor/control/faketarget.hh"

using namespace rec;
using namespace std::chrono_literals;

namespace {

struct Running {
  explicit Running(std::size_t maxClients = 32) {
    options.path = dir.path() + "/recursor.controlsocket";
    options.maxClients = maxClients;
    auto opened = ControlChannel::open(options, target);
    REQUIRE(opened);
    channel = std::move(*opened);
    channel->start();
  }
  [[nodiscard]] base::Fd connect() const { return connectTo(options.path).value(); }
  [[nodiscard]] base::Result<ClientReply> ask(const std::vector<std::string>& words, int file = -1) const {
    const auto socket = connect();
    return askRecursor(socket.get(), words, file, 5s);
  }

  TempDir dir;
  FakeTarget target;
  ControlChannel::Options options;
  std::unique_ptr<ControlChannel> channel;
};

} // namespace

TEST_CASE("a command goes in and its reply comes out with the status") {
  const Running running;
  const auto pong = running.ask({"ping"});
  REQUIRE(pong);
  CHECK(pong->status == 0);
  CHECK(pong->text == "pong\n");
  const auto unknown = running.ask({"nonsense"});
  REQUIRE(unknown);
  CHECK(unknown->status == 1);
}

TEST_CASE("a file is passed to the recursor, which writes to it") {
  const Running running;
  const auto path = running.dir.write("dump", "");
  const base::Fd file(::open(path.c_str(), O_WRONLY));
  const auto reply = running.ask({"dump-nsspeeds", path}, file.get());
  REQUIRE(reply);
  CHECK(reply->text == "dump-nsspeeds: dumped 1 records\n");
  CHECK(readFile(path).value() == "line of table 3\n");
}

TEST_CASE("several clients are served, one that is stuck harms nobody") {
  const Running running;
  const auto silent = running.connect();
  const auto half = running.connect();
  REQUIRE(::send(half.get(), "\0\0", 2, 0) == 2);
  const auto deaf = running.connect(); // asks and never reads
  const auto request = encodeRequest({"help"});
  REQUIRE(::send(deaf.get(), request.data(), request.size(), 0) > 0);
  for (int i = 0; i < 5; ++i) CHECK(running.ask({"ping"})->text == "pong\n");
}

TEST_CASE("a command that takes long holds up no quick one, and none that waits for its turn is forgotten") {
  Running running;
  std::promise<void> begun, goOn;
  running.target.whileSaving = [&] {
    begun.set_value();
    goOn.get_future().wait();
  };
  const auto ask = [&running](const std::string& word) {
    return std::async(std::launch::async, [&running, word] {
      const auto socket = running.connect();
      return askRecursor(socket.get(), {word}, -1, 60s);
    });
  };
  auto saving = ask("save-cache");
  begun.get_future().wait();
  CHECK(running.target.turn.try_lock()); // it is not held while caches are saved
  auto unloading = ask("unload-lua-script");
  CHECK(running.ask({"ping"})->text == "pong\n");
  CHECK(running.ask({"get", "questions"})->text == "0\n");
  CHECK(running.ask({"nonsense"})->status == 1);
  { // one that does not wait for the reply
    const auto socket = running.connect();
    const auto request = encodeRequest({"reload-zones"});
    REQUIRE(::send(socket.get(), request.data(), request.size(), 0) > 0);
  }
  goOn.set_value();
  CHECK(saving.get()->text == "7 cached entries were saved\n");
  CHECK(running.ask({"ping"})->text == "pong\n"); // while another one waits for its turn
  running.target.turn.unlock();
  CHECK(unloading.get()->status == 0);
}

TEST_CASE("a request that is too long or not made of words closes the connection") {
  const Running running;
  for (const auto& bytes : {std::string("\xff\xff\xff\xff", 4), std::string("\0\0\0\3abc", 7)}) {
    const auto socket = running.connect();
    REQUIRE(::send(socket.get(), bytes.data(), bytes.size(), 0) > 0);
    char octet = 0;
    CHECK(::recv(socket.get(), &octet, 1, 0) == 0);
  }
}

TEST_CASE("a command may come octet by octet") {
  const Running running;
  const auto socket = running.connect();
  const auto request = encodeRequest({"ping"});
  for (const char octet : request) REQUIRE(::send(socket.get(), &octet, 1, 0) == 1);
  std::string reply(13, '\0');
  REQUIRE(::recv(socket.get(), reply.data(), reply.size(), MSG_WAITALL) == 13);
  CHECK(reply.substr(8) == "pong\n");
}

TEST_CASE("more clients than allowed are turned away") {
  const Running running(1);
  const auto first = running.connect();
  const auto request = encodeRequest({"pi"}); // still unsent: the first stays
  const auto second = running.connect();
  char octet = 0;
  CHECK(::recv(second.get(), &octet, 1, 0) == 0);
  static_cast<void>(request);
}

TEST_CASE("the socket has the mode asked for and is gone with the channel") {
  std::string path;
  {
    const Running running;
    path = running.options.path;
    struct stat about{};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0660);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket that nobody listens on is replaced, one in use is not") {
  Running running;
  const auto busy = ControlChannel::open(running.options, running.target);
  REQUIRE_FALSE(busy);
  CHECK(busy.error().message.find("another recursor listens on it") != std::string::npos);
  auto stale = running.options;
  stale.path = running.dir.path() + "/stale.controlsocket";
  listenOn(stale.path, 0600, "", "").value().reset();
  CHECK(ControlChannel::open(stale, running.target));
  auto file = running.options;
  file.path = running.dir.write("file", "not a socket");
  CHECK_FALSE(ControlChannel::open(file, running.target));
  file.path = running.dir.path() + "/missing/socket";
  CHECK(ControlChannel::open(file, running.target).error().message.find("No such file") != std::string::npos);
  file.path = running.dir.path() + "/other";
  file.owner = "no-such-user";
  CHECK_FALSE(ControlChannel::open(file, running.target));
}

TEST_CASE("quit reaches the recursor after the client has its reply") {
  Running running;
  CHECK(running.ask({"quit-nicely"})->text == "bye nicely\n");
  running.channel.reset(); // joins the thread, so that the call is seen
  CHECK(running.target.calls == std::vector<std::string>{"quit nicely"});
}

TEST_CASE("the socket's place and permissions follow the settings") {
  auto settings = defaultSettings();
  settings.socketDir = "/run/x";
  settings.configName = "two";
  settings.socketMode = 0640;
  const auto options = ControlChannel::optionsOf(settings);
  CHECK(options.path == "/run/x/recursor-two.controlsocket");
  CHECK(options.mode == 0640);
}
