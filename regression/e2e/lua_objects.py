"""The objects of scripts as a question from the wire fills them: dq with header, EDNS, addresses, validation, records;
the rest of the objects checks itself in a script."""
import dns.edns
import dns.message

from lab import expect, expect_equal
from luatest import ask_from, with_script

TELL = """
local function tell(dq, ...)
  for _, value in ipairs({...}) do dq:addAnswer(pdns.TXT, '"' .. tostring(value) .. '"', 60, dq.qname:toString()) end
  dq.rcode = 0
  dq.variable = true
  return true
end
"""


def told(answer):
    return {text.strip('"') for text in answer.data("TXT")}


def test_question(lab):
    """name, type, addresses, transport, header flags and time are the question's"""
    script = TELL + """
    function preresolve(dq)
      local dh = dq:getDH()
      return tell(dq, "name=" .. dq.qname:toString(), "type=" .. dq.qtype, "from=" .. dq.remoteaddr:toString(),
                  "at=" .. dq.localaddr:toStringWithPort(), "tcp=" .. tostring(dq.isTcp), "rd=" .. tostring(dh:getRD()),
                  "cd=" .. tostring(dh:getCD()), "ad=" .. tostring(dh:getAD()), "opcode=" .. dh:getOPCODE(),
                  "late=" .. tostring(os.time() - dq.queryTime.tv_sec > 5), "usec=" .. tostring(dq.queryTime.tv_usec < 1000000))
    end"""
    with with_script(lab, script) as recursor:
        answer = told(ask_from(recursor, "127.0.0.5", "Some.Example", "TXT", cd=True))
        expect_equal(answer, {"name=Some.Example.", "type=16", "from=127.0.0.5", f"at=127.0.0.1:{recursor.port}",
                              "tcp=false", "rd=true", "cd=true", "ad=false", "opcode=0", "late=false", "usec=true"})
        answer = told(recursor.ask("some.example", "TXT", tcp=True, ad=True))
        expect("tcp=true" in answer and "ad=true" in answer and f"at=127.0.0.1:{recursor.port}" in answer, answer)


def test_edns(lab):
    """EDNS flags, options and client subnet are there; without EDNS there are none"""
    script = TELL + """
    function preresolve(dq)
      local subnet, option = dq:getEDNSSubnet(), dq:getEDNSOption(65001)
      return tell(dq, "do=" .. tostring(dq:getEDNSFlag("DO")), "flags=" .. #dq:getEDNSFlags(),
                  "subnet=" .. (subnet and subnet:toString() or "none"), "option=" .. tostring(option),
                  "all=" .. tostring(dq:getEDNSOptions()[65001]))
    end"""
    with with_script(lab, script) as recursor:
        options = [dns.edns.ECSOption("192.0.2.0", 24), dns.edns.GenericOption(65001, b"value")]
        expect_equal(told(recursor.ask("a.example", "TXT", dnssec=True, options=options)),
                     {"do=true", "flags=1", "subnet=192.0.2.0/24", "option=value", "all=value"})
        expect_equal(told(recursor.ask("a.example", "TXT", edns=False)),
                     {"do=false", "flags=0", "subnet=none", "option=nil", "all=nil"})


def test_gettag_arguments(lab):
    """gettag gets addresses, subnet, name, type and the options when they are wanted"""
    script = TELL + """
    function gettag(remote, ecs, localaddr, qname, qtype, options, tcp, values)
      local view = options[65001]
      local text = remote:toString() .. " " .. ecs:toString() .. " " .. localaddr:toString() .. " " .. qname:toString() ..
                   " " .. qtype .. " " .. (view and view:count() .. view:getValues()[1] .. view.size or "none") .. " " ..
                   tostring(tcp) .. " " .. #values
      return 0, {}, text
    end
    function preresolve(dq) return tell(dq, dq.data) end"""
    options = [dns.edns.ECSOption("192.0.2.0", 24), dns.edns.GenericOption(65001, b"value")]
    with with_script(lab, script, gettag_needs_edns_options="yes") as recursor:
        expect_equal(told(recursor.ask("a.example", "TXT", options=options)),
                     {"127.0.0.1 192.0.2.0/24 127.0.0.1 a.example. 16 1value5 false 0"})
        expect_equal(told(recursor.ask("a.example", "TXT", edns=False)), {"127.0.0.1  127.0.0.1 a.example. 16 none false 0"})
    with with_script(lab, script) as recursor:
        expect_equal(told(recursor.ask("a.example", "TXT", options=options)),
                     {"127.0.0.1 192.0.2.0/24 127.0.0.1 a.example. 16 none false 0"})


def test_validation_state(lab):
    """validationState and detailedValidationState tell how the answer validated"""
    script = """
    function postresolve(dq)
      local states, name = pdns.validationstates, "other"
      if dq.validationState == states.Secure then name = "secure" end
      if dq.validationState == states.Insecure then name = "insecure" end
      if dq.validationState == states.Bogus then name = "bogus" end
      dq.extendedErrorCode = 49152
      dq.extendedErrorExtra = name .. " " .. tostring(isValidationStateBogus(dq.detailedValidationState))
      return false
    end"""
    with with_script(lab, script, dnssec="validate") as recursor:
        for name, state in (("www.alg13.signed", "secure false"), ("www.wide.com", "insecure false"),
                            ("www.garbage-answer.bogus", "bogus true")):
            expect_equal(recursor.ask(name).extended_errors(), [(49152, state)])


def test_signatures_stay(lab):
    """records of a secure answer have their signatures for those who ask with DO, changed or not"""
    script = """
    function postresolve(dq)
      local kinds = {}
      for _, record in ipairs(dq:getRecords()) do kinds[record.type] = true end
      dq.extendedErrorCode, dq.extendedErrorExtra = 49152, tostring(kinds[pdns.RRSIG])
      dq:addRecord(pdns.TXT, '"more"', pdns.place.ADDITIONAL, 60)
      return true
    end"""
    with with_script(lab, script, dnssec="validate") as recursor:
        answer = recursor.ask("www.alg13.signed", dnssec=True)
        expect_equal(answer.extended_errors(), [(49152, "true")])
        expect(len(answer.data("RRSIG")) == 1 and answer.data("TXT", "additional"), answer)
        expect(not answer.has_flag("AD"), "changed data is called authentic")
        expect_equal(recursor.ask("www.alg13.signed").extended_errors(), [(49152, "nil")])


CHECKS = {
    "names": """local n = newDN("www.Example.com")
        return n:isPartOf(newDN("example.com")) and n:equal("WWW.example.com") and n:countLabels() == 3 and
               n:toStringNoDot() == "www.Example.com" and n:getRawLabels()[1] == "www" and n == newDN("www.example.COM") and
               getregisteredname(n) == "Example.com" """,
    "addresses": """local a = newCA("[2001:db8::1]:5300")
        return a:isIPv6() and a:getPort() == 5300 and a:toString() == "2001:db8::1" and #a:getRaw() == 16 and
               newCA("::ffff:192.0.2.1"):mapToIPv4():toString() == "192.0.2.1" """,
    "networks": """local g = newNMG({"192.0.2.0/24", "!192.0.2.128/25"})
        return g:match(newCA("192.0.2.1")) and not g:match(newCA("192.0.2.200")) and
               newNetmask("2001:db8::/32"):match("2001:db8::1") """,
    "suffixes": """local d = newDS() d:add({"a.example", "b.example"})
        return d:check(newDN("x.a.example")) and not d:check(newDN("example")) and d:toString() == "a.example., b.example." """,
    "records": """local r = newDR(newDN("a.example"), "MX", 60, "10 mail.example", 1)
        r.ttl = 5 r:changeContent("20 other.example")
        return r:getContent() == "20 other.example." and r.ttl == 5 and r.type == pdns.MX and r.name == newDN("a.example") """,
    "metrics": """local m = getMetric("own-metric") m:incBy(5) m:inc() local is = m:get() m:set(0) return is == 6 and
               getStat("questions") > 0 and getStat("no-such-metric") == 0 """,
    "constants": """return pdns.AAAA == 28 and pdns.NXDOMAIN == 3 and pdns.policykinds.Custom == 5 and
               pdns.policytypes.NSIP == 5 and pdns.place.ADDITIONAL == 3 and pdns.now.tv_sec > 1700000000 """,
}


def cases(lab):
    for title, body in CHECKS.items():
        yield f"{title} do in a running recursor what they are to", lambda b=body: check(lab, b)


def check(lab, body):
    script = f"local function check() {body} end\nfunction preresolve(dq) if check() then dq.rcode = 0 " \
             "dq:addAnswer(pdns.A, '192.0.2.1') return true end dq.rcode = pdns.REFUSED return true end"
    with with_script(lab, script) as recursor:
        expect_equal(recursor.ask("a.example").data("A"), ["192.0.2.1"], recursor.log()[-800:])


def test_metric_of_script(lab):
    """a script's metric is in get-all beside ours, and stays when the script is loaded again"""
    with with_script(lab, 'm = getMetric("my-own", "my_own")\nfunction preresolve(dq) m:inc() end') as recursor:
        recursor.ask("www.wide.com")
        expect("my-own\t1\n" in recursor.ordered("get-all"), "not there")
        recursor.ordered("reload-lua-script")
        expect_equal(recursor.metric("my-own"), 1)


FFI = """
local ffi = require("ffi")
ffi.cdef[[
  typedef struct pdns_ffi_param pdns_ffi_param_t;
  typedef struct pdns_ednsoption { uint16_t optionCode; uint16_t len; const void* data; } pdns_ednsoption_t;
  typedef enum { pdns_record_place_answer = 1, pdns_record_place_authority = 2, pdns_record_place_additional = 3 } pdns_record_place_t;
  const char* pdns_ffi_param_get_qname(pdns_ffi_param_t* ref);
  void pdns_ffi_param_get_qname_raw(pdns_ffi_param_t* ref, const char** qname, size_t* qnameSize);
  uint16_t pdns_ffi_param_get_qtype(const pdns_ffi_param_t* ref);
  const char* pdns_ffi_param_get_remote(pdns_ffi_param_t* ref);
  uint16_t pdns_ffi_param_get_local_port(const pdns_ffi_param_t* ref);
  const char* pdns_ffi_param_get_edns_cs(pdns_ffi_param_t* ref);
  size_t pdns_ffi_param_get_edns_options_by_code(pdns_ffi_param_t* ref, uint16_t optionCode, const pdns_ednsoption_t** out);
  void pdns_ffi_param_set_tag(pdns_ffi_param_t* ref, unsigned int tag);
  void pdns_ffi_param_set_ttl_cap(pdns_ffi_param_t* ref, uint32_t ttl);
  void pdns_ffi_param_set_rcode(pdns_ffi_param_t* ref, int rcode);
  void pdns_ffi_param_set_follow_cname_records(pdns_ffi_param_t* ref, bool follow);
  void pdns_ffi_param_set_extended_error_code(pdns_ffi_param_t* ref, uint16_t code);
  bool pdns_ffi_param_add_record(pdns_ffi_param_t *ref, const char* name, uint16_t type, uint32_t ttl, const char* content,
                                 size_t contentSize, pdns_record_place_t place);
  typedef struct pdns_postresolve_ffi_handle pdns_postresolve_ffi_handle_t;
  typedef struct pdns_ffi_record { const char* name; size_t name_len; const char* content; size_t content_len; uint32_t ttl;
                                   pdns_record_place_t place; uint16_t type; } pdns_ffi_record_t;
  const char* pdns_postresolve_ffi_handle_get_qname(pdns_postresolve_ffi_handle_t* ref);
  bool pdns_postresolve_ffi_handle_get_record(pdns_postresolve_ffi_handle_t* ref, unsigned int i, pdns_ffi_record_t* record, bool raw);
  bool pdns_postresolve_ffi_handle_set_record(pdns_postresolve_ffi_handle_t* ref, unsigned int i, const char* content, size_t len, bool raw);
  bool pdns_postresolve_ffi_handle_add_record(pdns_postresolve_ffi_handle_t* ref, const char* name, uint16_t type,
         uint32_t ttl, const char* content, size_t contentLen, pdns_record_place_t place, bool raw);
]]
local C = ffi.C
function gettag_ffi(ref)
  local name = ffi.string(C.pdns_ffi_param_get_qname(ref))
  local out = ffi.new("const pdns_ednsoption_t*[1]")
  local count = C.pdns_ffi_param_get_edns_options_by_code(ref, 65001, out)
  if name == "alias.example" then
    C.pdns_ffi_param_add_record(ref, nil, 5, 60, "www.wide.com", 12, 1)
    C.pdns_ffi_param_set_follow_cname_records(ref, true)
    C.pdns_ffi_param_set_rcode(ref, 0)
  elseif count == 1 then
    local text = '"' .. ffi.string(out[0][0].data, out[0][0].len) .. '"'
    C.pdns_ffi_param_add_record(ref, nil, 16, 60, text, #text, 1)
    C.pdns_ffi_param_set_rcode(ref, 0)
  end
  C.pdns_ffi_param_set_ttl_cap(ref, 17)
  C.pdns_ffi_param_set_tag(ref, 3)
  return {}
end
function postresolve_ffi(ref)
  local record, at = ffi.new("pdns_ffi_record_t"), 0
  while C.pdns_postresolve_ffi_handle_get_record(ref, at, record, false) do
    if record.type == 1 and ffi.string(record.content, record.content_len) == "192.0.2.12" then
      C.pdns_postresolve_ffi_handle_set_record(ref, at, "192.0.2.13", 10, false)
    end
    at = at + 1
  end
  C.pdns_postresolve_ffi_handle_add_record(ref, nil, 16, 60, '"ffi"', 5, 3, false)
  return true
end"""


def test_ffi(lab):
    """gettag_ffi and postresolve_ffi read and change by LuaJIT's ffi"""
    with with_script(lab, FFI) as recursor:
        answer = recursor.ask("alias.example")
        expect_equal((answer.data("CNAME"), answer.data("A")), (["www.wide.com."], ["192.0.2.12"]), answer)
        expect_equal(answer.ttl("A"), 17)
        options = [dns.edns.GenericOption(65001, b"value")]
        expect_equal(recursor.ask("a.example", "TXT", options=options).data("TXT"), ['"value"'])
        for _ in range(2):
            answer = recursor.ask("www.wide.com")
            expect_equal((answer.data("A"), answer.data("TXT", "additional")), (["192.0.2.13"], ['"ffi"']), answer)
            expect_equal(answer.ttl("A"), 17)
