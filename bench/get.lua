-- get.lua -- wrk: the same address again and again; `wrk ... -s get.lua URL -- TOKEN` as somebody.
function init(args)
  if args[1] then wrk.headers["Authorization"] = "Bearer " .. args[1] end
  wrk.headers["Accept"] = "text/html"
end

function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %.3f %d %d\n", summary.requests, summary.duration, latency:percentile(50) / 1000,
           latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read +
           summary.errors.write + summary.errors.timeout))
end
