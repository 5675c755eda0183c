package statsd

// SignalFx's form of dimensions,
// https://docs.splunk.com/observability/en/gdi/monitors-monitoring/statsd.html:
//
//	name[key=value,key=value]:value|type|@rate

func appendSignalFXHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for i, t := range tags {
		if i == 0 {
			dst = append(dst, '[')
		} else {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, t.key...), '='), t.value...)
	}
	if len(tags) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, ':')
}
