-- Sends one request again and again, and prints what came of it, for `wrk -s`.
-- The environment names the body's file, and the size of its JSON if binary data follows.
wrk.method = "POST"
local file = io.open(os.getenv("LOAD_BODY"), "rb")
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "application/json"
local length = os.getenv("LOAD_JSON_SIZE")
if length then
  wrk.headers["Content-Type"] = "application/octet-stream"
  wrk.headers["Inference-Header-Content-Length"] = length
end

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("answers %d seconds %f errors %d\n", summary.requests,
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
