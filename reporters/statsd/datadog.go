package statsd

import (
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// What DataDog's clients read from the environment and the container,
// https://docs.datadoghq.com/developers/dogstatsd/ and
// https://docs.datadoghq.com/getting_started/tagging/unified_service_tagging/.

// envTags returns the tags that the environment asks for.
func envTags() (tags []slog.Attr) {
	for _, t := range [...]struct{ variable, key string }{
		{"DD_ENV", "env"}, {"DD_SERVICE", "service"}, {"DD_VERSION", "version"},
		{"DD_ENTITY_ID", "dd.internal.entity_id"}, // of the pod: the agent adds its tags
	} {
		if v := os.Getenv(t.variable); v != "" {
			tags = append(tags, slog.String(t.key, v))
		}
	}
	return tags
}

// originWanted reports whether the environment asks for the origin in each line.
func originWanted() bool {
	on, err := strconv.ParseBool(os.Getenv("DD_ORIGIN_DETECTION_ENABLED"))
	return on && err == nil
}

// originField returns the end of each line that says where it comes from: the
// container's id, or else the inode of its cgroup, and what the agent has put into the
// environment for that. The fields are of versions 1.2, 1.4 and 1.5 of the protocol,
// https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/.
func originField() (field string) {
	if id := containerID(os.ReadFile, cgroupInode); id != "" {
		field = "|c:" + id
	}
	const most = 256
	if external := clean(os.Getenv("DD_EXTERNAL_ENV"), externalBytes, most); external != "" {
		field += "|e:" + external
	}
	return field
}

var externalBytes = charsetOf("_-./+=:,")

// Ids of containers as they stand in paths: of docker and containerd, of ECS, of
// Cloud Foundry.
const idForm = `([0-9a-f]{64}|[0-9a-f]{32}-[0-9]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){4,5})`

var (
	cgroupID = regexp.MustCompile(idForm + `(?:\.scope)?$`)
	mountID  = regexp.MustCompile(`/(?:containers|sandboxes|pods|[0-9a-z.]*containerd[0-9a-z./_-]*)/` + idForm + `/`)
)

// containerID returns the id of the container that this process is in, or what stands
// for it, or "".
func containerID(readFile func(string) ([]byte, error), inode func(path string) uint64) string {
	if runtime.GOOS != "linux" {
		return ""
	}
	const root = "/sys/fs/cgroup"
	data, _ := readFile("/proc/self/cgroup")
	paths := make(map[string]string) // of cgroups, by controller
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if m := cgroupID.FindStringSubmatch(parts[2]); m != nil {
			return m[1]
		}
		paths[parts[1]] = parts[2]
	}
	// Within a cgroup namespace the path says nothing: the mounts of files that the
	// container's runtime has made do.
	data, _ = readFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 4 && strings.HasPrefix(fields[4], "/etc/host") {
			if m := mountID.FindStringSubmatch(fields[3]); m != nil {
				return m[1]
			}
		}
	}
	for _, controller := range []string{"memory", ""} {
		path, ok := paths[controller]
		if !ok {
			continue
		}
		if n := inode(root + "/" + controller + path); n > 2 { // the host's own is not a container's
			return "in-" + strconv.FormatUint(n, 10)
		}
	}
	return ""
}

// cgroupInode returns the inode of the folder at path, or 0 where there is none.
func cgroupInode(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	stat := reflect.Indirect(reflect.ValueOf(info.Sys())) // a struct of the system's own
	if stat.Kind() != reflect.Struct {
		return 0
	}
	if ino := stat.FieldByName("Ino"); ino.IsValid() && ino.CanUint() {
		return ino.Uint()
	}
	return 0
}

// selfEvery is the time between two lines of each kind of telemetry of the client.
const selfEvery = 10 * time.Second

// selfTelemetry is what the handler says of itself, in the names that DataDog's clients
// have: https://docs.datadoghq.com/developers/dogstatsd/high_throughput/#client-side-telemetry.
type selfTelemetry struct {
	every time.Duration // 0: never
	at    time.Time     // next
	due   bool
	tail  string
	last  selfCounts
	lines []string // to be sent
}

type selfCounts struct{ events, lost, packets, bytes, lostPackets, lostBytes int64 }

func (t *selfTelemetry) init(c *client, o *Options) {
	if !o.ClientTelemetry {
		return
	}
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == "github.com/slogtel/telemetry" && m.Version != "" {
				version = clean(strings.Trim(m.Version, "()"), valueBytes, maxTag)
			}
		}
	}
	tags := append(c.constant[:len(c.constant):len(c.constant)],
		tag{"client", "slogtel"}, tag{"client_version", version}, tag{"client_transport", c.network})
	t.tail = string(c.dialect.appendTail(nil, "c", "", tags)) + c.origin + "\n"
	t.every, t.at = selfEvery, time.Now().Add(selfEvery)
}

// encodeSelf encodes the telemetry of the client, if it is time. Its lines are no events.
func (s *sender) encodeSelf() bool {
	t := &s.self
	if t.due {
		t.due, t.at = false, time.Now().Add(t.every)
		t.lines = s.selfLines()
	}
	for len(t.lines) > 0 {
		if !s.encode(0, func(dst []byte) []byte { return append(dst, t.lines[0]...) }) {
			return false
		}
		t.lines = t.lines[1:]
	}
	return true
}

func (s *sender) selfLines() (lines []string) {
	st := s.stats()
	s.queue.mu.Lock()
	lost := s.queue.totals.lost
	s.queue.mu.Unlock()
	now := selfCounts{st.Events(), st.Dropped + st.Overflowed, st.Packets, st.Bytes, lost.packets, lost.bytes}
	before := s.self.last
	s.self.last = now
	for _, m := range [...]struct {
		name string
		n    int64
	}{
		{"metrics", now.events - before.events},
		{"metric_dropped_on_receive", now.lost - before.lost},
		{"aggregated_context", st.Series},
		{"packets_sent", now.packets - before.packets},
		{"bytes_sent", now.bytes - before.bytes},
		{"packets_dropped", now.lostPackets - before.lostPackets},
		{"packets_dropped_writer", now.lostPackets - before.lostPackets},
		{"bytes_dropped", now.lostBytes - before.lostBytes},
	} {
		lines = append(lines, "datadog.dogstatsd.client."+m.name+":"+strconv.FormatInt(m.n, 10)+"|"+strings.TrimPrefix(s.self.tail, "|"))
	}
	return lines
}
