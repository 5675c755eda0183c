package statsd

// The protocol of Telegraf's statsd input,
// https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md:
//
//	name,key=value,key=value:value|type|@rate

func appendInfluxDBHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for _, t := range tags {
		dst = append(append(append(append(dst, ','), t.key...), '='), t.value...)
	}
	return append(dst, ':')
}
