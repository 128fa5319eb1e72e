-- Rate limit: each client network (/24, /56) may ask for so many names a second that are not in the packet cache, with a
-- burst of so many. What is more is dropped before it is looked at: ipfilter comes first of all. The buckets are those of
-- one worker, so that the whole is at most that many times the number of workers.
local rate, burst = tonumber(os.getenv("RATELIMIT_RATE") or 200), tonumber(os.getenv("RATELIMIT_BURST") or 400)
local exempt = newNMG({ "::1/128" })
local buckets, count, most = {}, 0, 50000
local dropped = getMetric("script-ratelimit-drops")

local function now()
  local time = pdns.now
  return time.tv_sec + time.tv_usec / 1000000
end

local function networkOf(address)
  local network = newCAFromRaw(address:getRaw())
  network:truncate(network:isIPv4() and 24 or 56)
  return network:getRaw()
end

function ipfilter(remote, localaddr, dh)
  if exempt:match(remote) then return false end
  local key, time = networkOf(remote), now()
  local bucket = buckets[key]
  if not bucket then
    if count >= most then buckets, count = {}, 0 end -- a flood from everywhere: begin anew
    bucket = { tokens = burst, time = time }
    buckets[key], count = bucket, count + 1
  end
  bucket.tokens = math.min(burst, bucket.tokens + (time - bucket.time) * rate)
  bucket.time = time
  if bucket.tokens < 1 then
    dropped:inc()
    return true
  end
  bucket.tokens = bucket.tokens - 1
  return false
end
