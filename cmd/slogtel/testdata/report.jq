# What "slogtel report" adds up, but for quantiles, which take all values in memory.
#
#	jq -nc -f report.jq telemetry.jsonl
reduce inputs as $e ({};
  if $e.msg == "telemetry.timing" then
    .scopes[$e.scope] |= {
      calls: (.calls + 1),
      errors: (.errors + if $e.error then 1 else 0 end),
      total_s: (.total_s + $e.duration_s),
      min_s: (if .calls then [.min_s, $e.duration_s] | min else $e.duration_s end),
      max_s: (if .calls then [.max_s, $e.duration_s] | max else $e.duration_s end)
    }
  elif $e.msg == "telemetry.metric" and $e.metric_type == "counter" then
    .counters[$e.scope] |= {count: (.count + 1), sum: (.sum + $e.value)}
  elif $e.msg == "telemetry.metric" and $e.metric_type == "gauge" then
    .gauges[$e.scope] |= {
      count: (.count + 1), last: $e.value,
      min: (if .count then [.min, $e.value] | min else $e.value end),
      max: (if .count then [.max, $e.value] | max else $e.value end)
    }
  elif $e.msg == "telemetry.metric" and $e.metric_type == "histogram" then
    .histograms[$e.scope] |= {
      count: (.count + 1), sum: (.sum + $e.value),
      min: (if .count then [.min, $e.value] | min else $e.value end),
      max: (if .count then [.max, $e.value] | max else $e.value end)
    }
  else .skipped += 1
  end
)
