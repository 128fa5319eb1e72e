-- Safe search: search engines and video sites are answered with an alias for the name that shows nothing improper. The
-- alias is followed, so that clients get its addresses, too. For all clients, or for the networks of `whom`.
local whom = newNMG({ "0.0.0.0/0", "::/0" })
local aliases = {
  ["www.google.com."] = "forcesafesearch.google.com",
  ["www.bing.com."] = "strict.bing.com",
  ["duckduckgo.com."] = "safe.duckduckgo.com",
  ["www.youtube.com."] = "restrict.youtube.com",
  ["m.youtube.com."] = "restrict.youtube.com",
}
-- Names of one's own: SAFESEARCH_EXTRA="name=target name=target"
for name, target in (os.getenv("SAFESEARCH_EXTRA") or ""):gmatch("(%S+)=(%S+)") do
  aliases[newDN(name):toString()] = target
end

function gettag(remote)
  return whom:match(remote) and 1 or 0
end

function preresolve(dq)
  local target = dq.tag == 1 and aliases[string.lower(dq.qname:toString())]
  local isAddress = dq.qtype == pdns.A or dq.qtype == pdns.AAAA or dq.qtype == pdns.HTTPS
  if not target or not isAddress then return false end
  dq.rcode = 0
  dq:addAnswer(pdns.CNAME, target, 300)
  dq.followupFunction = "followCNAMERecords"
  return true
end
