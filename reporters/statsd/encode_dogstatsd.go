package statsd

// The protocol of DataDog's agent, version 1.1 of
// https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/:
//
//	name:value:value|type|@rate|#key:value,key:value
//
// More than one value is sent only when [Options.PackValues] is on.

func appendDogStatsDHead(dst []byte, name string, _ []tag) []byte {
	return append(append(dst, name...), ':')
}

func appendDogStatsDTail(dst []byte, typ, rate string, tags []tag) []byte {
	dst = appendPlainTail(dst, typ, rate, nil)
	for i, t := range tags {
		if i == 0 {
			dst = append(dst, "|#"...)
		} else {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, t.key...), ':'), t.value...)
	}
	return dst
}
