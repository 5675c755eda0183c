package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/diff"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

//go:embed assets/*.html assets/*.css assets/*.js assets/vendor/VERSIONS assets/vendor/*.css assets/vendor/*.js assets/vendor/*.LICENSE
var assets embed.FS

// The parts of the page, in their order.
var (
	styles  = []string{"vendor/uPlot.min.css", "base.css", "charts.css", "table.css"}
	scripts = []string{
		"vendor/uPlot.iife.min.js", "data.js", "dom.js", "state.js", "theme.js", "table.js", "flame.js",
		"timeline_groups.js", "timeline_draw.js", "timeline_details.js", "timeline.js", "chart.js", "latency.js", "scopes.js", "metrics.js", "errors.js", "compare.js", "main.js",
	}
)

// pageTemplate is for text: nothing of what it is given comes from outside. Data is a
// mark in the place of the data, which is JSON without any of <, > and &.
var pageTemplate = template.Must(template.New("page").Parse(asset("page.html")))

// asset returns a file of assets. The files are part of the program.
func asset(name string) string {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// A Page is what is said on a page beside the model.
type Page struct {
	Title       string // "" is a general one
	Counts      events.Counts
	Generated   time.Time
	Interrupted bool // the reader was stopped before the end
}

// A side is one of two that a page compares, or all there is.
type side struct {
	*Model
	Page
}

// A book is the data of a page.
type book struct {
	Sides   []*document `json:"sides"` // one, or A and B
	Compare *compareDoc `json:"compare,omitempty"`
}

// Write writes the page of m, which is at most [MaxSize] bytes. The error is that of w.
// More events may be added later.
func (m *Model) Write(w io.Writer, p Page) error {
	_, err := write(w, nil, side{m, p})
	return err
}

// write writes a page of one side, or of two and what differs between them. It returns how many bytes that is.
func write(w io.Writer, c *diff.Comparison, sides ...side) (int, error) {
	head := render(nil)
	for l, shrunk := sides[0].limits, false; ; l, shrunk = l.half(), true {
		b := book{Compare: compared(c, l)}
		for _, s := range sides {
			d := s.document(s.Title, s.Counts, l)
			d.Generated = float64(s.Generated.UnixMilli())
			if s.Interrupted {
				d.Notices = append(d.Notices, "Reading was interrupted: this is what was read until then.")
			}
			if shrunk {
				d.Notices = append(d.Notices, fmt.Sprintf("Less is shown than was kept, so that the page stays below %.1f MB.", MaxSize/1e6))
			}
			b.Sides = append(b.Sides, d)
		}
		data, err := json.Marshal(b)
		if err != nil {
			return 0, fmt.Errorf("html: encode the report: %w", err)
		}
		if len(head)+len(data) > MaxSize && l.Scopes > 1 {
			continue
		}
		return w.Write(render(data))
	}
}

// shell is the page before and after its data.
var shell = sync.OnceValues(func() (before, after []byte) {
	const data = "\x00data\x00"
	v := struct {
		Policy, Licences, Data string
		Styles, Scripts        []string
	}{Data: data}
	v.Licences = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(
		asset("vendor/VERSIONS") + "\n" + asset("vendor/uPlot.LICENSE"))
	for _, name := range styles {
		v.Styles = append(v.Styles, asset(name))
	}
	for _, name := range scripts {
		v.Scripts = append(v.Scripts, asset(name))
	}
	v.Policy = strings.Join([]string{
		"default-src 'none'", "script-src" + hashes(v.Scripts), "style-src" + hashes(v.Styles),
		"base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		panic(err) // the template is part of the program
	}
	before, after, _ = bytes.Cut(b.Bytes(), []byte(data))
	return before, after
})

// render returns the page with data, which must be JSON as [json.Marshal] makes it.
func render(data []byte) []byte {
	before, after := shell()
	return slices.Concat(before, data, after)
}

// hashes returns the sources of a policy that allow these and nothing else.
func hashes(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		b.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return b.String()
}
