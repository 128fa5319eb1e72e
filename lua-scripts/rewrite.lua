-- Rewriting answers: addresses of one network become those of another (a renumbered hoster, a NAT), and no address lives
-- longer than an hour. What is changed is not signed any more, so that questions with DO are left alone.
local from, longest = newNetmask("198.18.0.0/15"), 3600
local function to(address) -- 198.18.x.y -> 10.18.x.y
  return (address:gsub("^198%.", "10."))
end

function postresolve(dq)
  if dq:getEDNSFlag("DO") then return false end
  local records, changed = dq:getRecords(), false
  for _, record in ipairs(records) do
    local address = record.type == pdns.A and record:getCA()
    if address and from:match(address) then
      record:changeContent(to(address:toString()))
      changed = true
    end
    if address and record.ttl > longest then
      record.ttl = longest
      changed = true
    end
  end
  if changed then dq:setRecords(records) end
  return changed
end
