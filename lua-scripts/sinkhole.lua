-- Sinkhole with logging: who asks for these names is likely to have malware. They are answered with the address of a
-- host of ours that takes connections, and each client is logged, at most once a minute.
local sinkhole4, sinkhole6 = "192.0.2.66", "2001:db8::66"
local names = newDS()
names:add({ "malware.example.com", "botnet.example.net" })

local logged, lastSweep = {}, 0
local hits = getMetric("script-sinkhole-hits")

local function note(dq)
  local client, now = dq.remoteaddr:toString(), pdns.now.tv_sec
  if logged[client] and logged[client] > now - 60 then return end
  logged[client] = now
  pdnslog("sinkhole: " .. client .. " asked for " .. dq.qname:toString(), pdns.loglevels.Warning)
end

function preresolve(dq)
  if not names:check(dq.qname) then return false end
  hits:inc()
  note(dq)
  dq.rcode = 0
  dq.variable = true -- not from the packet cache: each question is to be seen
  if dq.qtype == pdns.A or dq.qtype == pdns.ANY then dq:addAnswer(pdns.A, sinkhole4, 60) end
  if dq.qtype == pdns.AAAA or dq.qtype == pdns.ANY then dq:addAnswer(pdns.AAAA, sinkhole6, 60) end
  return true
end

-- Clients that were silent for long are forgotten.
function maintenance()
  local now = pdns.now.tv_sec
  if now < lastSweep + 300 then return end
  lastSweep = now
  for client, last in pairs(logged) do
    if last < now - 300 then logged[client] = nil end
  end
end
