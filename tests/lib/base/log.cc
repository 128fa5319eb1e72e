// The forms of a log line, and the way into a journal.
#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "lib/base/fd.hh"
#include "lib/base/journal.hh"
#include "lib/base/logformat.hh"

using namespace base;

namespace {

const std::array<LogField, 2> kFields{{{"qname", "a\"b\\c\n."}, {"answers", "3"}}};

LogLine line(std::string_view message = "hello") {
  return {LogLevel::Notice, message, LogFields(kFields), 2, 1'700'000'000'123};
}

} // namespace

TEST_CASE("a plain line has level, message and fields, and control characters are escaped") {
  CHECK(plainText(line("a\nb\x7f"), false) == "[notice] a\\x0ab\\x7f qname=\"a\\\"b\\\\c\\x0a.\" answers=\"3\"");
  CHECK(plainMessage({LogLevel::Info, "alone", {}, 0, 0}) == "alone");
  CHECK(plainText(line(), true).find("[notice] hello") != std::string::npos);
}

TEST_CASE("pairs are those of PowerDNS Recursor") {
  CHECK(pairsText(line(), true) == "msg=\"hello\" level=\"0\" prio=\"Notice\" tid=\"2\" ts=\"1700000000.123\" "
                                   "qname=\"a\\\"b\\\\c\\x0a.\" answers=\"3\"");
  CHECK(pairsText(line(), false).find("ts=") == std::string::npos);
}

TEST_CASE("a line in JSON is one object, whatever octets it has") {
  CHECK(jsonText(line()) == "{\"msg\": \"hello\", \"level\": \"0\", \"prio\": \"Notice\", \"tid\": \"2\", "
                            "\"ts\": \"1700000000.123\", \"qname\": \"a\\\"b\\\\c\\u000a.\", \"answers\": \"3\"}");
  CHECK(jsonText(line("gr\xc3\xbc\xc3\x9f")).find("gr\xc3\xbc\xc3\x9f") != std::string::npos);
  for (const std::string_view wrong :
       {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    const std::string text = jsonText({LogLevel::Info, wrong, {}, 0, 0});
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}

TEST_CASE("an entry of the journal has a field for each thing known, and keeps several lines apart from fields") {
  const std::string entry = journalEntry(line());
  CHECK(entry.starts_with("MESSAGE=hello qname="));
  CHECK(entry.find("\nPRIORITY=5\n") != std::string::npos);
  CHECK(entry.find("\nSYSLOG_IDENTIFIER=recursor\n") != std::string::npos);
  CHECK(entry.find(std::string("\nQNAME\n\x07\0\0\0\0\0\0\0a\"b\\c\n.\n", 23)) != std::string::npos);
  CHECK(entry.ends_with("ANSWERS=3\n"));
  const std::array<LogField, 1> odd{{{"1-x", "v"}}};
  CHECK(journalEntry({LogLevel::Info, "m", LogFields(odd), 0, 0}).ends_with("\nX1_X=v\n"));
}

TEST_CASE("entries arrive at the journal's socket; without one that is told") {
  std::string folder = "/tmp/rootwalk-journal-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/socket";
  CHECK_FALSE(sendToJournal("MESSAGE=x\n", path.c_str()));
  const Fd journal(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(journal.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(sendToJournal("MESSAGE=x\n", path.c_str()));
  std::array<char, 64> got{};
  CHECK(::recv(journal.get(), got.data(), got.size(), 0) == 10);
  CHECK(std::string(got.data(), 10) == "MESSAGE=x\n");
  ::unlink(path.c_str());
  ::rmdir(folder.c_str());
}
