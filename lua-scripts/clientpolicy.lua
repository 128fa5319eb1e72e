-- Per-client policy: the first rule whose networks have the client decides. `only`: names it may ask for; `never`: names
-- it may not; `types`: types it may not. What is not allowed is refused. gettag gives each rule's clients a tag of their
-- own, so that none gets an answer of another's from the packet cache.
local rules = {
  { networks = { "127.0.0.2/32", "192.168.50.0/24" }, only = { "update.example.com", "ntp.org" } }, -- things
  { networks = { "127.0.0.3/32", "192.168.60.0/24" }, never = { "social.example.com" }, types = { pdns.ANY, pdns.TXT } },
}

local function suffixes(names)
  if not names then return nil end
  local group = newDS()
  group:add(names)
  return group
end

for _, rule in ipairs(rules) do
  rule.group = newNMG(rule.networks)
  rule.onlyGroup, rule.neverGroup = suffixes(rule.only), suffixes(rule.never)
  rule.denied = {}
  for _, qtype in ipairs(rule.types or {}) do rule.denied[qtype] = true end
end

function gettag(remote)
  for number, rule in ipairs(rules) do
    if rule.group:match(remote) then return number end
  end
  return 0
end

function preresolve(dq)
  local rule = rules[dq.tag]
  if not rule then return false end
  local allowed = not rule.denied[dq.qtype] and not (rule.neverGroup and rule.neverGroup:check(dq.qname)) and
                    (not rule.onlyGroup or rule.onlyGroup:check(dq.qname))
  if allowed then return false end
  dq.rcode = pdns.REFUSED
  dq.extendedErrorCode = 18 -- Prohibited
  return true
end
