-- Split horizon: some names have one answer inside and another outside. The answer depends on the client, and the tag
-- says so: clients with the same tag share the packet cache.
local inside = newNMG({ "127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "::1/128", "fc00::/7" })
local hosts = {
  ["intranet.example.com."] = { inside = "10.0.0.10", outside = nil },
  ["www.example.com."] = { inside = "10.0.0.20", outside = "192.0.2.20" },
}
local insideTag, outsideTag = 1, 2

function gettag(remote, ecs, localaddr, qname, qtype, options, tcp)
  return inside:match(remote) and insideTag or outsideTag
end

function preresolve(dq)
  local host = hosts[string.lower(dq.qname:toString())]
  if not host then return false end
  local address = dq.tag == insideTag and host.inside or host.outside
  if not address then
    dq.rcode = pdns.NXDOMAIN
  elseif dq.qtype == pdns.A then
    dq.rcode = 0
    dq:addAnswer(pdns.A, address, 300)
  else
    dq.rcode = 0 -- no data of other types
  end
  return true
end
