-- event.lua -- wrk: page views as the tracker posts them. 20,000 visitors, 2,000 pages, a tenth with a campaign.
-- `wrk ... -s event.lua URL -- OPTIONS` asks the same without work: the server answers 204 from its loop.
local bodies, method = {}, "POST"
local n = 0

function init(args)
  if args[1] then method = args[1] end
  math.randomseed(tonumber(tostring(wrk.thread):match("0x(%x+)"), 16) % 100000)
  local headers = {
    ["Content-Type"] = "text/plain",
    ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
  }
  for i = 1, 4000 do
    local query = i % 10 == 0 and "?utm_source=news&utm_medium=email&utm_campaign=autumn" or ""
    local body = string.format('{"n":"pageview","u":"https://bench.example/page/%d%s","d":"bench.example","r":null,"fid":"%08x"}',
                               math.random(2000), query, math.random(20000))
    bodies[i] = wrk.format(method, "/api/event", headers, body)
  end
end

function request()
  n = n % #bodies + 1
  return bodies[n]
end

function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %.3f %d %d\n", summary.requests, summary.duration, latency:percentile(50) / 1000,
           latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read +
           summary.errors.write + summary.errors.timeout))
end
