package secrets

import "strings"

// The finders of this file know commands of Windows, which have passwords without a name before them.

// maxCommand is how much of a command is read.
const maxCommand = 256

// findNet finds the password in net use Z: \\host\share hunter2 /user:bob and net user bob hunter2 /add
// (https://learn.microsoft.com/troubleshoot/windows-server/networking/net-commands-on-operating-systems). The anchor is
// the last letter of net.
func findNet(src source, i int) (start, end int) {
	s := src.s
	if from := i - 2; from < 0 || !wordStart(s, from) {
		return 0, 0
	}
	verb := s[i+2 : letter.runMax(s, i+2, 5)]
	isUser := strings.EqualFold(verb, "user")
	if !isUser && !strings.EqualFold(verb, "use") {
		return 0, 0
	}
	limit := min(len(s), i+maxCommand)
	bare, share, add := 0, false, false
	for k := i + 2 + len(verb); k < limit && isBlank(s[k]) && bare < 4 && !(share && bare > 0); {
		if k = skipBlank(s, k); k >= limit {
			break
		}
		open := quoteAt(s[:limit], k)
		from, to := k, k
		if open > k {
			from, to = open, quoteEnd(s[:limit], k, open)
			k = to + 1
		} else {
			for to < limit && !textEnd[s[to]] {
				to++
			}
			k = to
		}
		switch arg := s[from:to]; {
		case arg == "":
			k = limit
		case arg[0] == '/':
			add = add || strings.EqualFold(arg, "/add")
		case arg[0] == '\\':
			share = true
		case len(arg) == 2 && arg[1] == ':', arg == "*", arg == Mask:
		default:
			if bare++; bare == 1 && !isUser || bare == 2 && isUser {
				start, end = from, to
			}
		}
	}
	if end == 0 || !isUser && !share || isUser && !add && !random(s[start:end]) {
		return 0, 0
	}
	return start, end
}

// findSecureString finds the text of ConvertTo-SecureString "hunter2"
// (https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring). The anchor is the
// dash.
func findSecureString(src source, i int) (start, end int) {
	s := src.s
	if !hasFold(s, i+1, "securestring") {
		return 0, 0
	}
	k := skipBlank(s, i+1+len("securestring"))
	if hasFold(s, k, "-string") {
		k = skipBlank(s, k+len("-string"))
	}
	if k >= len(s) || s[k] == '-' || s[k] == '$' || s[k] == '(' {
		return 0, 0
	}
	start, end, isQuoted := argument(s, k)
	word := s[start:end]
	if isQuoted && (word == "" || word[0] == '$' || word == Mask) || !isQuoted && !random(word) {
		return 0, 0
	}
	return start, end
}

// slashFlag is the rule for what follows /p: and its like. Properties of a build (/p:Name=value) and ports are none.
var slashFlag = &KeyRule{Name: "flag", Kind: Secret, judge: func(v string) bool {
	return len(v) >= 4 && notPath(v) && digit.run(v, 0) < len(v) && !strings.ContainsAny(v, "=*%$")
}}

// isSlashFlag reports whether the name is that of a flag of Windows for passwords: /p:, /pw:, /pass:. The first also stands
// for other things: it is one beside a user.
func (n pairName) isSlashFlag(s string, sign int) bool {
	if s[sign] != ':' || n.from == 0 || s[n.from-1] != '/' || n.from > 1 && !isBlank(s[n.from-2]) && !isQuote(s[n.from-2]) {
		return false
	}
	switch name := s[n.from:n.to]; {
	case strings.EqualFold(name, "p"):
		return known(s, n.from, slashUsers) || random(s[sign+1:value{rule: slashFlag}.plainEnd(s[:min(len(s), sign+checkLen)], sign+1)])
	case strings.EqualFold(name, "pw"), strings.EqualFold(name, "pass"), strings.EqualFold(name, "pwd"):
		return true
	}
	return false
}

var slashUsers = []string{"/u:", "/user:", "/U:", "/USER:"}
