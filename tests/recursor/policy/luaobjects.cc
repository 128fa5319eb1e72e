// The objects of scripts, each by what a script sees of it.
#include "tests/recursor/policy/luabench.hh"

using namespace luatest;
using rec::LuaAnswer;

TEST_CASE("DNSName has its methods and compares without regard to case") {
  LuaBench bench;
  CHECK(bench.value("dq.qname") == "www.Example.com.");
  CHECK(bench.value("dq.qname:toStringNoDot()") == "www.Example.com");
  CHECK(bench.value("dq.qname == newDN('WWW.example.com')") == "true");
  CHECK(bench.value("dq.qname == 'www.example.com'") == "false");
  CHECK(bench.value("dq.qname:equal('www.example.COM.')") == "true");
  CHECK(bench.value("dq.qname:isPartOf(newDN('example.com'))") == "true");
  CHECK(bench.value("newDN('notexample.com'):isPartOf(newDN('example.com'))") == "false");
  CHECK(bench.value("dq.qname:countLabels() .. ' ' .. dq.qname:wireLength()") == "3 17");
  CHECK(bench.value("dq.qname:getRawLabels()[2]") == "Example");
  CHECK(bench.value("dq.qname:makeRelative(newDN('example.com'))") == "www.");
  CHECK(bench.value("dq.qname:makeRelative(newDN('example.org'))") == "nil");
  CHECK(bench.value("(function() local n = newDN('a.b') n:chopOff() return n end)()") == "b.");
  CHECK(bench.value("newDN('a.example') < newDN('b.example')") == "true");
  CHECK(bench.value("newDN('a.example'):canonCompare(newDN('b.example'))") == "true");
  CHECK(bench.preresolve("newDN('a..b')") == LuaAnswer::Failed);
}

TEST_CASE("ComboAddress has its methods") {
  LuaBench bench;
  CHECK(bench.value("dq.remoteaddr") == "192.0.2.7");
  CHECK(bench.value("dq.remoteaddr:toStringWithPort()") == "192.0.2.7:5353");
  CHECK(bench.value("dq.localaddr:getPort()") == "53");
  CHECK(bench.value("dq.interface_remoteaddr == dq.remoteaddr") == "true");
  CHECK(bench.value("newCA('192.0.2.7:1'):equal(dq.remoteaddr)") == "true");
  CHECK(bench.value("newCA('192.0.2.7:1') == dq.remoteaddr") == "false");
  CHECK(bench.value("newCA('::1'):isIPv6()") == "true");
  CHECK(bench.value("newCA('::ffff:192.0.2.1'):isMappedIPv4()") == "true");
  CHECK(bench.value("newCA('::ffff:192.0.2.1'):mapToIPv4()") == "192.0.2.1");
  CHECK(bench.value("newCA('192.0.2.1'):toStringReversed()") == "1.2.0.192");
  CHECK(bench.value("newCA('2001:db8::1'):toStringReversed()") ==
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2");
  CHECK(bench.value("#newCA('192.0.2.1'):getRaw()") == "4");
  CHECK(bench.value("newCAFromRaw(newCA('2001:db8::1'):getRaw())") == "2001:db8::1");
  CHECK(bench.value("(function() local a = newCA('192.0.2.255') a:truncate(25) return a end)()") == "192.0.2.128");
  CHECK(bench.value("(function() local s = newCAS() s:add('192.0.2.7') s:add({'::1'}) return "
                    "tostring(s:check(dq.remoteaddr)) .. tostring(s:check(newCA('192.0.2.8'))) end)()") == "truefalse");
}

TEST_CASE("Netmask and NetMaskGroup match addresses") {
  LuaBench bench;
  CHECK(bench.value("newNetmask('192.0.2.77/24'):getNetwork()") == "192.0.2.77");
  CHECK(bench.value("newNetmask('192.0.2.77/24'):getMaskedNetwork()") == "192.0.2.0");
  CHECK(bench.value("newNetmask('192.0.2.77/24'):getBits()") == "24");
  CHECK(bench.value("newNetmask('192.0.2.0/24'):match('192.0.2.9')") == "true");
  CHECK(bench.value("newNetmask('192.0.2.0/24') == newNetmask('192.0.2.9/24')") == "true");
  CHECK(bench.value("newNetmask('2001:db8::/32')") == "2001:db8::/32");
  CHECK(bench.value("newNMG({'192.0.2.0/24', '!192.0.2.7/32'}):match(dq.remoteaddr)") == "false");
  CHECK(bench.value("(function() local g = newNMG() g:addMask('192.0.2.0/24') g:addMasks({'10.0.0.0/8'}) return "
                    "g:match(dq.remoteaddr) end)()") == "true");
  CHECK(bench.preresolve("newNMG():addMask('nonsense')") == LuaAnswer::Failed);
}

TEST_CASE("DNSSuffixMatchGroup matches names and all below them") {
  LuaBench bench;
  const std::string group = "local g = newDS() g:add('Example.com') g:add({'a.org', 'b.org'}) g:add(newDN('c.net')) ";
  CHECK(bench.preresolve(group + "return g:check(dq.qname) and g:check(newDN('example.com')) and "
                                 "g:check(newDN('x.b.org')) and not g:check(newDN('org'))") == LuaAnswer::Handled);
  CHECK(bench.preresolve(group + "return g:toString() == 'Example.com., c.net., a.org., b.org.'") ==
        LuaAnswer::Handled);
}

TEST_CASE("records are added, read, changed and set") {
  LuaBench bench;
  CHECK(bench.preresolve(R"(
    dq:addAnswer(pdns.A, '192.0.2.1')
    dq:addAnswer(pdns.MX, '10 mail.example.com', 60, 'other.example.com')
    dq:addRecord(pdns.TXT, '"a text"', pdns.place.ADDITIONAL, 30)
    local records = dq:getRecords()
    if #records ~= 3 or records[1].type ~= pdns.A or records[1].ttl ~= 3600 or records[1].place ~= 1 then return false end
    if records[1]:getCA():toString() ~= '192.0.2.1' or records[2]:getCA() ~= nil then return false end
    if records[2]:getContent() ~= '10 mail.example.com.' then return false end
    records[1]:changeContent('192.0.2.2')
    records[1].ttl = 5
    records[3].name = newDN('moved.example.com')
    table.remove(records, 2)
    dq:setRecords(records)
    return true)") == LuaAnswer::Handled);
  REQUIRE(bench.question.records.size() == 2);
  CHECK(bench.question.records[0].ttl == 5);
  CHECK(bench.question.records[0].rdata.back() == std::byte{2});
  CHECK(bench.question.records[1].place == rec::LuaPlace::Additional);
  CHECK(bench.question.records[1].name == name("moved.example.com"));
  CHECK(bench.preresolve("dq:addAnswer(pdns.A, 'nonsense')") == LuaAnswer::Failed);
  CHECK(bench.preresolve("dq:setRecords({1, 2})") == LuaAnswer::Failed);
  CHECK(bench.value("newDR(newDN('a.b'), 'A', 60, '192.0.2.3', 1):getContent()") == "192.0.2.3");
}

TEST_CASE("dq tells of the question and takes what can be set, and nothing else") {
  LuaBench bench;
  bench.question.header = dns::Header{.id = 77, .rd = true, .cd = true};
  bench.question.dnssecOk = true;
  bench.question.options = {{3, ""}, {8, std::string("\0\1\x18\0\xC0\0\2", 7)}, {65001, "abc"}};
  bench.question.security = rec::Security::Bogus;
  bench.question.errors = {{dns::EdeCode::SignatureExpired, ""}};
  CHECK(bench.value("dq:getDH():getID()") == "77");
  CHECK(bench.value("dq:getDH():getRD() and dq:getDH():getCD() and not dq:getDH():getAD()") == "true");
  CHECK(bench.value("dq:getEDNSFlag('DO')") == "true");
  CHECK(bench.value("dq:getEDNSFlags()[1]") == "DO");
  CHECK(bench.value("dq:getEDNSOption(65001)") == "abc");
  CHECK(bench.value("dq:getEDNSOption(9)") == "nil");
  CHECK(bench.value("dq:getEDNSOptions()[65001]") == "abc");
  CHECK(bench.value("dq:getEDNSSubnet()") == "192.0.2.0/24");
  CHECK(bench.value("#dq:getProxyProtocolValues()") == "0");
  CHECK(bench.value("dq.validationState == pdns.validationstates.Bogus") == "true");
  CHECK(bench.value("dq.detailedValidationState == pdns.validationstates.BogusSignatureExpired") == "true");
  CHECK(bench.value("isValidationStateBogus(dq.detailedValidationState)") == "true");
  CHECK(bench.value("dq.qtype == pdns.A and dq.qtype ~= pdns.AAAA") == "true");
  CHECK(
      bench.preresolve("dq.tag = 5 dq.requestorId = 'r' dq.deviceName = 'n' dq.wantsRPZ = false dq.logResponse = false "
                       "dq.extendedErrorCode = 15 dq.extendedErrorExtra = 'no' dq:setPolicyTags({'x', 'y'}) "
                       "dq:addPolicyTag('z') dq:discardPolicy('list') dq.addPaddingToResponse = false "
                       "return #dq:getPolicyTags() == 3") == LuaAnswer::Handled);
  CHECK(bench.question.tag == 5);
  CHECK_FALSE(bench.question.wantsRpz);
  CHECK(bench.question.extendedErrorCode == 15);
  CHECK(bench.question.discardedPolicies.contains("list"));
  CHECK(bench.preresolve("dq.qname = newDN('x')") == LuaAnswer::Failed);
  CHECK(bench.preresolve("dq.nothing = 1") == LuaAnswer::Failed);
  CHECK(bench.value("dq.nothing") == "nil");
}

TEST_CASE("dq has what a proxy sent with the question, and the proxy's own address") {
  LuaBench bench;
  auto hop = std::make_shared<net::ProxyHop>();
  hop->peer = *base::Address::parse("127.0.0.9:99");
  hop->local = *base::Address::parse("127.0.0.8:53");
  hop->values = {{1, "h2"}, {0xEA, "x"}};
  bench.question.proxy = hop;
  CHECK(bench.value("#dq:getProxyProtocolValues()") == "2");
  CHECK(bench.value("dq:getProxyProtocolValues()[2]:getType()") == "234");
  CHECK(bench.value("dq:getProxyProtocolValues()[1]:getContent()") == "h2");
  CHECK(bench.value("dq.interface_remoteaddr:toStringWithPort()") == "127.0.0.9:99");
  CHECK(bench.value("dq.interface_localaddr:toStringWithPort()") == "127.0.0.8:53");
  CHECK(bench.value("dq.interface_remoteaddr == dq.remoteaddr") == "false");
}

TEST_CASE("appliedPolicy is read and set") {
  LuaBench bench;
  CHECK(bench.preresolve("dq.appliedPolicy.policyKind = pdns.policykinds.Custom dq.appliedPolicy.policyTTL = 30 "
                         "dq.appliedPolicy.policyName = 'mine' dq.appliedPolicy.policyCustom = 'sink.example' "
                         "dq.appliedPolicy.policyType = pdns.policytypes.QName dq.appliedPolicy.policyTrigger = 't' "
                         "dq.appliedPolicy.policyHit = 'h' return dq.appliedPolicy.policyCustom == 'sink.example.'") ==
        LuaAnswer::Handled);
  CHECK(bench.question.policy.action == rec::PolicyAction::Custom);
  CHECK(bench.question.policy.type == rec::PolicyTrigger::QName);
  CHECK(bench.question.policyName == "mine");
  REQUIRE(bench.question.policy.custom.size() == 1);
  CHECK(bench.question.policy.custom[0].ttl() == 30);
  CHECK(bench.preresolve("dq.appliedPolicy.policyKind = 99") == LuaAnswer::Failed);
}

TEST_CASE("metrics of scripts count, and are known by their names") {
  LuaBench bench;
  CHECK(bench.value(
            "(function() local m = getMetric('my-metric', 'my_metric') m:set(40) m:inc() m:incBy(1) return m:get() "
            "end)()") == "42");
  CHECK(bench.metrics.value("my-metric") == 42);
  CHECK(bench.value("getStat('my-metric')") == "42");
  CHECK(bench.value("getMetric('other', {prometheusName='o', type='gauge', description='d'}):get()") == "0");
  CHECK(bench.preresolve("getMetric('questions')") == LuaAnswer::Failed); // ours
}

TEST_CASE("the free functions are there") {
  LuaBench bench;
  CHECK(bench.value("getRecursorThreadId()") == "3");
  CHECK(bench.value("getregisteredname(newDN('a.b.example.co.uk'))") == "example.co.uk");
  CHECK(bench.value("getregisteredname(newDN('a.b.example.com'))") == "example.com");
  CHECK(bench.value("pdnsrandom(1)") == "0");
  CHECK(bench.value("type(pdnsrandom())") == "number");
  CHECK(bench.value("select(2, getConfigDirAndName())") == "x");
  CHECK(bench.value("pdns.now.tv_sec") == "1767225600");
  CHECK(bench.value("dq.queryTime.tv_sec") == "0");
  CHECK(bench.value("newQType('MX'):getCode()") == "15");
  CHECK(bench.value("pdns_features['PR8001_devicename']") == "true");
  CHECK(bench.preresolve("pdnslog('a line', pdns.loglevels.Debug) sendCustomSNMPTrap('x') return true") ==
        LuaAnswer::Handled);
}

TEST_CASE("an object of another kind is refused with its name") {
  LuaBench bench;
  CHECK(bench.preresolve("return dq.qname.isPartOf(dq.remoteaddr, dq.qname)") == LuaAnswer::Failed);
  CHECK(bench.preresolve("return not pcall(dq.qname.toString, {}) and not pcall(dq.getRecords, 1) and "
                         "getmetatable(dq.qname) == false") == LuaAnswer::Handled);
}

TEST_CASE("EDNS options of a packet are read, and a broken packet has none") {
  std::vector<std::byte> packet(512);
  dns::Edns edns;
  edns.nsidRequested = true;
  const dns::Question question{name("example.com"), dns::RRType::A};
  packet.resize(dns::writeQuery(packet, dns::Header{.id = 1}, question, edns));
  const auto options = rec::optionsOf(packet);
  REQUIRE(options.size() == 1);
  CHECK(options[0].first == 3);
  packet.resize(packet.size() - 2);
  CHECK(rec::optionsOf(packet).empty());
}

TEST_CASE("records become sets again, signatures with theirs") {
  rec::Outcome outcome;
  dns::RRsetBuilder builder(name("a.example"), dns::RRType::A, dns::RRClass::IN, 60);
  const std::byte one[4]{std::byte{1}}, other[4]{std::byte{2}};
  builder.add(one);
  builder.add(other);
  outcome.answer.push_back({builder.build(), 60});
  auto records = rec::recordsOf(outcome, true);
  REQUIRE(records.size() == 2);
  records[0].ttl = 30;
  rec::Outcome again;
  rec::putRecords(records, again);
  REQUIRE(again.answer.size() == 1);
  CHECK(again.answer[0].rrset.sameData(outcome.answer[0].rrset));
  CHECK(again.answer[0].ttl == 30);
}

TEST_CASE("public suffixes have wildcards and exceptions") {
  const auto suffixes = rec::PublicSuffixes::builtIn();
  CHECK(suffixes.registered(name("www.a.co.uk")) == name("a.co.uk"));
  CHECK(suffixes.registered(name("co.uk")) == name("co.uk"));
  CHECK(suffixes.registered(name("x.y.z.example")) == name("z.example"));
}
