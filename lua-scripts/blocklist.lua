-- Block list policy: names of a file, and all below them, do not exist; names of an allow list are left alone. The files
-- are looked at once a minute, on each worker, and read again when they have changed. For lists of millions of names
-- there is blocklist-files, which takes less memory and time.
--
-- Where the files are: beside this script's configuration, or as BLOCKLIST_FILE and BLOCKLIST_ALLOW_FILE say.
local directory = getConfigDirAndName()
local blockFile = os.getenv("BLOCKLIST_FILE") or directory .. "/blocked.txt"
local allowFile = os.getenv("BLOCKLIST_ALLOW_FILE") or directory .. "/allowed.txt"
local checkEvery = 60 -- seconds

local blocked, allowed = newDS(), newDS()
local sizes, nextCheck = {}, 0
local hits = getMetric("script-blocklist-hits")

-- One name a line; "#" begins a comment.
local function read(path)
  local names, text = newDS(), ""
  local file = io.open(path)
  if not file then return names, text end
  text = file:read("*a")
  file:close()
  for line in text:gmatch("[^\r\n]+") do
    local name = line:gsub("#.*", ""):match("^%s*(%S+)")
    if name and pcall(newDN, name) then names:add(name) end
  end
  return names, text
end

local function reload()
  for path, take in pairs({ [blockFile] = function(names) blocked = names end,
                            [allowFile] = function(names) allowed = names end }) do
    local names, text = read(path)
    if text ~= sizes[path] then
      sizes[path] = text
      take(names)
      pdnslog("block list: read " .. path, pdns.loglevels.Notice)
    end
  end
end

function maintenance()
  if pdns.now.tv_sec < nextCheck then return end
  nextCheck = pdns.now.tv_sec + checkEvery
  reload()
end

function preresolve(dq)
  if allowed:check(dq.qname) or not blocked:check(dq.qname) then return false end
  hits:inc()
  dq.rcode = pdns.NXDOMAIN
  dq.extendedErrorCode = 15 -- Blocked (RFC 8914)
  dq.extendedErrorExtra = "on the block list"
  return true
end

reload()
