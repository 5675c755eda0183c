package events

func (d *decoder) fastECS(b []byte) (Verdict, bool) {
	kind, known, own := isOther, false, false
	after := byte('{')
	for i := 0; ; after = ',' {
		key, at := fastKey(b, i, after)
		if at < 0 {
			return 0, false
		}
		name := view(key)
		if known && kind == isOther && name != "msg" && name != "message" {
			name = "ecs.version" // of an ordinary log, nothing else counts
		}
		switch name {
		case "msg":
			return 0, false
		case "message":
			if known {
				return 0, false
			}
			if kind, i = d.fastMessage(b, at); i < 0 {
				return 0, false
			}
			known = true
		case "slogtel":
			if own || !known || at >= len(b) || b[at] != '{' {
				return 0, false
			}
			own = true
			i = fastMembers(b, at, func(key []byte, at int) int {
				if f := ecsField(view(key), kind); f != fNone {
					return d.fastField(b, at, f)
				}
				return d.fastAttr(b, at, key)
			})
		case "labels":
			if at < len(b) && b[at] == '{' {
				i = fastMembers(b, at, func(key []byte, at int) int { return d.fastAttr(b, at, key) })
			} else {
				i = d.fastAttr(b, at, key)
			}
		default:
			if f := ecsRootField(name); f == fNone {
				if at < len(b) && b[at] == '{' { // keys with dots, maybe, in another shape: see spread
					return 0, false
				}
				i = d.fastAttr(b, at, key)
			} else if f != fIgnored && own {
				return 0, false
			} else {
				i = d.fastField(b, at, f)
			}
		}
		if i < 0 || i >= len(b) {
			return 0, false
		}
		if b[i] == '}' {
			return d.fastEnd(kind, known && blank(b[i+1:]) && (own || kind == isOther))
		}
	}
}
