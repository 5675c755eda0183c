package statsd

// The plain protocol, as https://github.com/statsd/statsd/blob/master/docs/metric_types.md
// has it:
//
//	name:value|type|@rate

// appendFoldedHead appends the tags to the name as two segments each. The dots in
// them become underscores, so that each name has as many segments as the next one.
func appendFoldedHead(dst []byte, name string, tags []tag) []byte {
	dst = append(dst, name...)
	for _, t := range tags {
		dst = appendSegment(append(dst, '.'), t.key)
		dst = appendSegment(append(dst, '.'), t.value)
	}
	return append(dst, ':')
}

// appendSegment appends text as one segment of a name.
func appendSegment(dst []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		if !nameBytes[c] || c == '.' {
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}

func appendPlainTail(dst []byte, typ, rate string, _ []tag) []byte {
	dst = append(append(dst, '|'), typ...)
	if rate != "" {
		dst = append(append(dst, "|@"...), rate...)
	}
	return dst
}
