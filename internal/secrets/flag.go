package secrets

import "strings"

// findFlag finds the value of a command-line flag: --password hunter2, -password hunter2, -phunter2, and the
// password in -u user:hunter2, and of /p hunter2. The anchor is its first dash.
func findFlag(src source, i int) (start, end int) {
	s := src.s
	if i > 0 && !isBlank(s[i-1]) && !isQuote(s[i-1]) && s[i-1] != '\n' && s[i-1] != '[' || src.kinds&Secret == 0 {
		return 0, 0
	}
	from := i + 1
	if from < len(s) && s[from] == '-' {
		from++
	}
	if from == len(s) || !letter[s[from]] {
		return 0, 0
	}
	to := nameChar.runMax(s, from, 2*maxName)
	if to == len(s) {
		if from == i+1 {
			return findShortFlag(s, from, to)
		}
		return 0, 0
	}
	name := s[from:to]
	if from == i+1 && (len(name) == 1 || !isBlank(s[to])) && s[to] != '=' {
		return findShortFlag(s, from, to)
	}
	if s[to] != '=' && !isBlank(s[to]) {
		return 0, 0
	}
	start = skipBlank(s, to)
	if s[to] == '=' {
		start = to + 1
	}
	if start == len(s) || s[start] == '-' {
		return 0, 0
	}
	if strings.EqualFold(name, "user") || strings.EqualFold(name, "proxy-user") {
		return userPassword(s, start, known(s, i, userCommands))
	}
	rule := keyRule(name)
	if name == "pw" && known(s, i, putty) {
		rule = spokenKey
	}
	if rule == nil && from == i+1 {
		return findShortFlag(s, from, to)
	}
	if rule == nil || rule.Kind&src.kinds == 0 || s[to] == '=' || isShortWord(s, start) { // a sentence about the flag
		return 0, 0
	}
	return value{rule: rule}.find(s, start)
}

func isShortWord(s string, i int) bool {
	n := letter.runMax(s, i, 4) - i
	return n < 4 && (i+n == len(s) || isBlank(s[i+n]))
}

// findShortFlag is findFlag for a flag of one letter, at s[from]. What it means depends on the command.
func findShortFlag(s string, from, to int) (start, end int) {
	start = from + 1
	glued := to > start
	if !glued {
		if start = skipBlank(s, start); start == to {
			return 0, 0
		}
	}
	if start >= len(s) || s[start] == '-' {
		return 0, 0
	}
	switch s[from] {
	case 'u', 'U':
		return userPassword(s, start, known(s, from, userCommands))
	case 'a':
		if known(s, from, userCommands) {
			return userPassword(s, start, true)
		}
	case 'p', 'P', 'w':
	default:
		return 0, 0
	}
	start, end, isQuoted := argument(s, start)
	word := s[start:end]
	if word == "" || word == Mask {
		return 0, 0
	}
	if (isQuoted || !isVariable(word)) && (known(s, from, surePassword) || glued && known(s, from, gluedPassword)) && notPath(word) && digit.run(word, 0) < len(word) {
		return start, end
	}
	if !mixed(word) && !(known(s, from, passwordCommands) && random(word) && strings.IndexByte(word, ':') < 0) || !notPath(word) {
		return 0, 0
	}
	return start, end
}

// The commands that take a password after -p, -P, -a or -w, and a user with a password after -u or -U.
var (
	passwordCommands = []string{"sshpass", "mysql", "mariadb", "redis-cli", "zip", "7z", "ldap", "login", "sqlcmd", "mongo", "mosquitto", "bcp ", "isql"}
	surePassword     = []string{"sshpass", "redis-cli", "ldapsearch", "ldapmodify", "ldapadd", "docker login", "podman login", "mosquitto_",
		"psexec", "PsExec", "schtasks", "rdesktop", "winexe", "evil-winrm"}
	gluedPassword = []string{"mysql", "mariadb", "7z ", "7za ", "rar "}
	putty         = []string{"plink", "pscp", "psftp", "putty"}
	passFlags     = []string{"-passin ", "-passout ", "-pass "}
	userCommands  = []string{"curl", "wget", "http ", "https ", "smbclient", "rpcclient", "httpie", "etcd"}
)

// known reports whether one of the commands stands in the line before s[i].
func known(s string, i int, commands []string) bool {
	line := s[max(0, i-160):i]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	for _, c := range commands {
		if strings.Contains(line, c) {
			return true
		}
	}
	return false
}

// argument returns the extent of the argument at s[i], without its quotes.
func argument(s string, i int) (start, end int, isQuoted bool) {
	if open := quoteAt(s, i); open > i {
		return open, quoteEnd(s, i, open), true
	}
	return i, value{rule: spokenKey}.plainEnd(s, i), false
}

// userPassword finds the password of user:password or user%password at s[i].
func userPassword(s string, i int, certain bool) (start, end int) {
	i, end, _ = argument(s, i)
	word := s[i:min(end, i+maxUserinfo)]
	colon := strings.IndexAny(word, ":%")
	if colon < 0 || colon+1 == len(word) || strings.Contains(word, "://") {
		return 0, 0
	}
	password := word[colon+1:]
	if password == Mask || digit.run(password, 0) == len(password) && len(password) < 6 || !certain && !mixed(password) && !strong(password) {
		return 0, 0
	}
	return i + colon + 1, end
}
