-- Parental control: gettag says by its network whose question it is, as policy tags, which block lists and response
-- policy zones can be bound to, too; here the tags decide themselves: categories of names that are denied to children,
-- and hours in which nothing but homework is answered.
local profiles = {
  { tag = "child", networks = { "127.0.0.2/32", "192.168.10.0/24" }, deny = { "games", "adult" }, bedtime = { 21, 7 } },
  { tag = "teen", networks = { "127.0.0.3/32", "192.168.20.0/24" }, deny = { "adult" } },
}
local categories = {
  games = { "games.example.com", "play.example.net" },
  adult = { "adult.example.com" },
  homework = { "school.example.org", "dictionary.example.org" },
}
local hour = tonumber(os.getenv("PARENTAL_HOUR") or -1) -- for tests; else the clock's

local groups = {}
for category, names in pairs(categories) do
  groups[category] = newDS()
  groups[category]:add(names)
end
local byTag = {}
for number, profile in ipairs(profiles) do
  profile.number, profile.group = number, newNMG(profile.networks)
  byTag[profile.tag] = profile
end

local function inBed(profile)
  if not profile.bedtime then return false end
  local now = hour >= 0 and hour or tonumber(os.date("%H", pdns.now.tv_sec))
  local from, to = profile.bedtime[1], profile.bedtime[2]
  if from > to then return now >= from or now < to end
  return now >= from and now < to
end

-- The packet cache tag is the profile, and whether it is bedtime; dq.data has the profile's policy tag.
function gettag(remote)
  for _, profile in ipairs(profiles) do
    if profile.group:match(remote) then
      local asleep = inBed(profile)
      local tag = profile.number * 2 + (asleep and 1 or 0)
      return tag, { profile.tag }, { profile = profile.tag, asleep = asleep }
    end
  end
  return 0
end

local function deny(dq, why)
  dq.appliedPolicy.policyKind = pdns.policykinds.NXDOMAIN
  dq.appliedPolicy.policyName = "parental control"
  dq.extendedErrorCode = 17 -- Filtered
  dq.extendedErrorExtra = why
  return true
end

function preresolve(dq)
  local profile = dq.data and byTag[dq.data.profile]
  if not profile then return false end
  if dq.data.asleep and not groups.homework:check(dq.qname) then return deny(dq, "bedtime") end
  for _, category in ipairs(profile.deny) do
    if groups[category]:check(dq.qname) then return deny(dq, category) end
  end
  return false
end
