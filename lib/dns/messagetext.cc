// text(Message): the dig-like form of a message, for traces and tests.
#include "lib/dns/message.hh"

namespace dns {
namespace {

std::string headerText(const Header& header) {
  std::string out = ";; opcode: " + text(header.opcode) + ", status: " + text(header.rcode) +
                    ", id: " + std::to_string(header.id) + ", flags:";
  const struct {
    bool set;
    std::string_view name;
  } flags[] = {{header.qr, " qr"}, {header.aa, " aa"}, {header.tc, " tc"}, {header.rd, " rd"},
               {header.ra, " ra"}, {header.ad, " ad"}, {header.cd, " cd"}};
  for (const auto& flag : flags) {
    out += flag.set ? flag.name : "";
  }
  return out + '\n';
}

// A server's text on a terminal: control characters become question marks.
std::string printable(std::string text) {
  for (char& c : text) {
    c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return text;
}

std::string ednsText(const Edns& edns) {
  std::string out = ";; EDNS: version " + std::to_string(edns.version) + ", flags:" + (edns.dnssecOk ? " do" : "") +
                    ", udp: " + std::to_string(edns.udpSize) + (edns.cookie ? ", cookie" : "") + '\n';
  for (const ExtendedError& error : edns.errors) {
    out += ";; EDE: " + std::to_string(static_cast<unsigned>(error.code)) + " (" + printable(error.text) + ")\n";
  }
  return out;
}

std::string sectionText(std::string_view title, const std::vector<RRset>& rrsets) {
  std::string out;
  for (const RRset& rrset : rrsets) {
    out += rrset.text();
  }
  return out.empty() ? out : ";; " + std::string(title) + '\n' + out;
}

} // namespace

std::string text(const Message& message) {
  std::string out = headerText(message.header);
  out += message.edns ? ednsText(*message.edns) : "";
  if (message.question) {
    const Question& question = *message.question;
    out += ";" + question.name.text() + '\t' + text(question.rrclass) + '\t' + text(question.type) + '\n';
  }
  out += sectionText("ANSWER", message.answer);
  out += sectionText("AUTHORITY", message.authority);
  return out + sectionText("ADDITIONAL", message.additional);
}

} // namespace dns
