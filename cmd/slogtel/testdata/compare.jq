# Compares what "slogtel report --json" says with what report.jq says of the same lines,
# and fails where they differ by more than the rounding of sums of floats.
#
#	jq -nr --slurpfile slogtel slogtel.json --slurpfile jq jq.json -f compare.jq
def near($a; $b): ($a - $b | fabs) <= 1e-9 * ([($a | fabs), ($b | fabs)] | max);
def by_scope: map({key: .scope, value: .}) | from_entries;
def same($kind; $ours; $theirs; $names):
  if ($ours | keys) != ($theirs | keys) then error("other \($kind)") else . end
  | reduce ($ours | keys[]) as $k (.; reduce $names[] as $n (.;
      if near($ours[$k][$n]; $theirs[$k][$n]) then .
      else error("\($kind) \($k): \($n) is \($ours[$k][$n]) and \($theirs[$k][$n])") end));
$slogtel[0] as $a | $jq[0] as $b
| same("scopes"; $a.scopes | by_scope; $b.scopes; ["calls", "errors", "total_s", "min_s", "max_s"])
| same("counters"; $a.counters | by_scope; $b.counters; ["count", "sum"])
| same("gauges"; $a.gauges | by_scope; $b.gauges; ["count", "min", "max"])
| same("histograms"; $a.histograms | by_scope; $b.histograms; ["count", "sum", "min", "max"])
| if $a.lines.skipped == $b.skipped then . else error("skipped: \($a.lines.skipped) and \($b.skipped)") end
| "slogtel report and jq agree: \($a.scopes | length) scopes, \($a.lines.read) lines"
