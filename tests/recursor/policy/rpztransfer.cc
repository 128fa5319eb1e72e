// Zone transfers: the forms that answers to AXFR and IXFR have, and those that are not to be believed.
#include "recursor/policy/rpztransfer.hh"

#include "lib/dns/presentation.hh"
#include "tests/recursor/policy/rpzsupport.hh"

using namespace rec;
using namespace rpztest;

namespace {

constexpr std::uint16_t kId = 77;

class Heard final : public RpzTransferSink {
 public:
  void begin(bool isWhole) override { text += isWhole ? "whole" : "differences"; }
  void add(Octets owner, dns::RRType type, std::uint32_t, Octets) override {
    text += " +" + dns::Name::fromWire(owner).text() + dns::text(type);
  }
  bool remove(Octets owner, dns::RRType type, Octets) override {
    text += " -" + dns::Name::fromWire(owner).text() + dns::text(type);
    return !refuses;
  }
  std::string text;
  bool refuses = false;
};

std::string soa(unsigned serial) { return "z. 60 IN SOA a. b. " + std::to_string(serial) + " 1 1 1 1"; }

std::vector<std::byte> message(const std::vector<std::string>& records, const dns::Header& like = {}) {
  dns::Header header = like;
  header.id = kId;
  header.qr = true;
  return transferMessage(header, {name("z."), dns::RRType::IXFR, dns::RRClass::IN}, records);
}

struct Run {
  explicit Run(std::optional<std::uint32_t> own) : transfer(name("z."), own, kId, heard) {}
  base::Result<void> take(const std::vector<std::string>& records) { return transfer.take(message(records)); }
  Heard heard;
  RpzTransfer transfer;
};

} // namespace

TEST_CASE("a whole zone begins and ends with its SOA, in any number of messages") {
  Run run(std::nullopt);
  REQUIRE(run.take({soa(5)}));
  REQUIRE(run.take({"x.z. 60 IN CNAME .", "y.z. 60 IN CNAME ."}));
  CHECK_FALSE(run.transfer.isDone());
  REQUIRE(run.take({soa(5)}));
  CHECK(run.transfer.isDone());
  CHECK(run.transfer.wasWhole());
  CHECK(run.heard.text == "whole +x.z.CNAME +y.z.CNAME +z.SOA");
}

TEST_CASE("differences lead from our serial to the newest") {
  Run run(3);
  REQUIRE(run.take({soa(5), soa(3), "x.z. 60 IN CNAME .", soa(4), "y.z. 60 IN CNAME .", soa(4)}));
  REQUIRE(run.take({"y.z. 60 IN CNAME .", soa(5), soa(5)}));
  CHECK(run.transfer.isDone());
  CHECK_FALSE(run.transfer.wasWhole());
  CHECK(run.heard.text == "differences -x.z.CNAME +y.z.CNAME -y.z.CNAME +z.SOA");
}

TEST_CASE("a question for differences may be answered with the whole zone") {
  Run run(3);
  REQUIRE(run.take({soa(5), "x.z. 60 IN CNAME .", soa(5)}));
  CHECK(run.transfer.isDone());
  CHECK(run.transfer.wasWhole());
}

TEST_CASE("one SOA that is not newer says that there is nothing new") {
  Run run(5);
  REQUIRE(run.take({soa(5)}));
  CHECK(run.transfer.isDone());
  CHECK(run.transfer.changedNothing());
}

TEST_CASE("transfers that do not fit together are refused") {
  CHECK_FALSE(Run(std::nullopt).take({"x.z. 60 IN CNAME ."}));                 // no SOA first
  CHECK_FALSE(Run(std::nullopt).take({soa(5), "x.z. 60 IN CNAME .", soa(6)})); // changed meanwhile
  CHECK_FALSE(Run(std::nullopt).take({soa(5), "x.z. 60 IN CNAME .", soa(5), "y.z. 60 IN CNAME ."})); // behind the end
  CHECK_FALSE(Run(3).take({soa(5), soa(3), soa(2)}));                                                // backwards
  CHECK_FALSE(Run(3).take({soa(5), soa(3), soa(4), soa(3)}));                                        // not in a row
  CHECK_FALSE(Run(9).take({soa(5), "x.z. 60 IN CNAME .", soa(5)}));                                  // older than ours
  Run absent(3);
  absent.heard.refuses = true;
  CHECK_FALSE(absent.take({soa(5), soa(3), "x.z. 60 IN CNAME .", soa(5), soa(5)}));
}

TEST_CASE("messages that are no answers end a transfer") {
  Run refused(std::nullopt);
  dns::Header header;
  header.rcode = dns::RCode::Refused;
  CHECK_FALSE(refused.transfer.take(message({}, header)));
  CHECK(refused.transfer.refusedWith() == dns::RCode::Refused);
  Run cut(std::nullopt);
  auto octets = message({soa(5), "x.z. 60 IN CNAME ."});
  octets.resize(octets.size() - 3);
  CHECK_FALSE(cut.transfer.take(octets));
  Run other(std::nullopt);
  octets = message({soa(5)});
  octets[0] = std::byte{9};
  CHECK_FALSE(other.transfer.take(octets));
}

TEST_CASE("serials are compared on a circle") {
  CHECK(serialIsNewer(1, 0));
  CHECK(serialIsNewer(5, 0xFFFFFFF0));
  CHECK_FALSE(serialIsNewer(0xFFFFFFF0, 5));
  CHECK_FALSE(serialIsNewer(7, 7));
}
