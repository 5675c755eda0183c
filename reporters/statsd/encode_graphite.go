package statsd

// Graphite's form of a tagged name, https://graphite.readthedocs.io/en/latest/tags.html,
// which Etsy's StatsD lets pass as a name and hands on to Graphite:
//
//	name;key=value;key=value:value|type|@rate

func appendGraphiteHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for _, t := range tags {
		dst = append(append(append(append(dst, ';'), t.key...), '='), t.value...)
	}
	return append(dst, ':')
}
