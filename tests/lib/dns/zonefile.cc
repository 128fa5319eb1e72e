// Unit tests of readZoneFile(): directives, line numbers of errors, limits.
#include "lib/dns/zonefile.hh"

#include <unistd.h>

#include <fstream>

#include "tests/lib/dns/support.hh"

using dns::RRset;
using dns::RRType;
using dnstest::name;

namespace {

// A folder for the files of one test, removed afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/rootwalk-zone-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    d_path = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    for (const std::string& file : d_files) {
      ::unlink(file.c_str());
    }
    ::rmdir(d_path.c_str());
  }
  std::string write(const std::string& file, std::string_view text) {
    d_files.push_back(d_path + "/" + file);
    std::ofstream(d_files.back()) << text;
    return d_files.back();
  }

 private:
  std::string d_path;
  std::vector<std::string> d_files;
};

std::string zoneText(const std::vector<RRset>& sets) {
  std::string out;
  for (const RRset& set : sets) {
    out += set.text();
  }
  return out;
}

// The zone's text, or the error without the folder's name.
std::string read(std::string_view text, const dns::ZoneFileOptions& options = {}) {
  Folder folder;
  const auto sets = dns::readZoneFile(folder.write("zone", text), name("example"), options);
  if (sets) {
    return zoneText(*sets);
  }
  const std::string& message = sets.error().message;
  return message.substr(message.find("/zone:") + 1);
}

} // namespace

TEST_CASE("a zone file is read into sets") {
  CHECK(read("$TTL 1h\n"
             "@ IN SOA ns host ( 1 ; serial\n"
             "   2 3\n"
             "   4 5 )\n"
             "\n"
             "  NS ns ; the server\n"
             "ns 60 A 192.0.2.1\n"
             "   A 192.0.2.2\r\n"
             "txt TXT \"a;b (c\" \\;d\n"
             "@ NS ns2\n") == "example.\t3600\tIN\tSOA\tns.example. host.example. 1 2 3 4 5\n"
                              "example.\t3600\tIN\tNS\tns.example.\n"
                              "example.\t3600\tIN\tNS\tns2.example.\n"
                              "ns.example.\t60\tIN\tA\t192.0.2.1\n"
                              "ns.example.\t60\tIN\tA\t192.0.2.2\n"
                              "txt.example.\t3600\tIN\tTXT\t\"a;b (c\" \";d\"\n");
}

TEST_CASE("without $TTL the last TTL stated goes on") {
  CHECK(read("a A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\n", {.defaultTtl = 77}) ==
        "a.example.\t77\tIN\tA\t192.0.2.1\nb.example.\t5\tIN\tA\t192.0.2.1\nc.example.\t5\tIN\tA\t192.0.2.1\n");
}

TEST_CASE("$ORIGIN completes the names that follow") {
  CHECK(read("$ORIGIN sub\na A 192.0.2.1\n$ORIGIN test.\na CNAME b\n") ==
        "a.sub.example.\t3600\tIN\tA\t192.0.2.1\na.test.\t3600\tIN\tCNAME\tb.test.\n");
}

TEST_CASE("signatures go to the set they cover wherever they stand") {
  const std::string rest = " 8 2 300 20260101000000 20250101000000 1234 example. AAAA\n";
  Folder folder;
  const auto sets =
      dns::readZoneFile(folder.write("zone", "a RRSIG A" + rest + "a A 192.0.2.1\na RRSIG MX" + rest), name("example"));
  REQUIRE(sets);
  REQUIRE(sets->size() == 2);
  CHECK(sets->at(0).signatureCount() == 1);
  CHECK(sets->at(1).type() == RRType::RRSIG);
}

TEST_CASE("$GENERATE makes records") {
  CHECK(read("$GENERATE 1-5/2 h$ 60 A 192.0.2.$\n") == "h1.example.\t60\tIN\tA\t192.0.2.1\n"
                                                       "h3.example.\t60\tIN\tA\t192.0.2.3\n"
                                                       "h5.example.\t60\tIN\tA\t192.0.2.5\n");
  CHECK(read("$GENERATE 10-10 h${-3,4,d}-${0,2,x}-${0,0,X}-$$ TXT x\n").starts_with("h0007-0a-A-\\$.example."));
  for (const char* bad :
       {"$GENERATE", "$GENERATE 5-1 a A 1.2.3.4", "$GENERATE 1-2/0 a A 1.2.3.4", "$GENERATE x-2 a A 1.2.3.4",
        "$GENERATE 1-2 a${0,1,n} A 1.2.3.4", "$GENERATE 1-2 a${ A 1.2.3.4", "$GENERATE 0-1000000 h$ A 1.2.3.4"}) {
    INFO(bad);
    CHECK(read(bad).starts_with("zone:1: "));
  }
}

TEST_CASE("$INCLUDE reads a file beside this one and keeps the origin") {
  Folder folder;
  folder.write("part", "x A 192.0.2.9\n$ORIGIN elsewhere.\n");
  const auto sets = dns::readZoneFile(folder.write("zone", "$INCLUDE part sub\ny A 192.0.2.1\n"), name("example"));
  REQUIRE(sets);
  CHECK(zoneText(*sets) == "x.sub.example.\t3600\tIN\tA\t192.0.2.9\ny.example.\t3600\tIN\tA\t192.0.2.1\n");
}

TEST_CASE("an error in an included file names both files") {
  Folder folder;
  const std::string part = folder.write("part", "\nx A oops\n");
  const std::string zone = folder.write("zone", "\n\n$INCLUDE part\n");
  const auto sets = dns::readZoneFile(zone, name("example"));
  REQUIRE_FALSE(sets);
  CHECK(sets.error().message.starts_with(zone + ":3: " + part + ":2: "));
}

TEST_CASE("a file that includes itself is refused") {
  CHECK(read("$INCLUDE zone\n").find("too deep") != std::string::npos);
}

TEST_CASE("errors name file and line") {
  CHECK(read("a A 192.0.2.1\nb A oops\n").starts_with("zone:2: bad A rdata"));
  CHECK(read("a A 192.0.2.1\n@ SOA (\n\n 1 2\n").starts_with("zone:2: parenthesis never closed"));
  CHECK(read("\n\na TXT \"open\n").starts_with("zone:3: unbalanced"));
  CHECK(read("a ) A\n").starts_with("zone:1: unbalanced"));
  CHECK(read("$BOGUS x\n") == "zone:1: unknown directive $BOGUS");
  CHECK(read("$TTL x\n").starts_with("zone:1: "));
  CHECK(read("$ORIGIN\n").starts_with("zone:1: "));
  CHECK(read("$INCLUDE\n").starts_with("zone:1: "));
  CHECK(read("$INCLUDE /no/such/file\n").find("cannot read") != std::string::npos);
  CHECK(read("a BOGUS x\n") == "zone:1: unknown record type 'BOGUS'");
  CHECK_FALSE(dns::readZoneFile("/no/such/file", name("example")));
}

TEST_CASE("the number of records is limited") {
  CHECK(read("a A 192.0.2.1\nb A 192.0.2.1\n", {.maxRecords = 1}) == "zone:2: more than 1 records");
}
