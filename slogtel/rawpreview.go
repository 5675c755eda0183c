package slogtel

import (
	"log/slog"

	"github.com/slogtel/telemetry/slogtel/preview"
)

// maxPreviews is how many previews one timing event carries; more are counted.
const maxPreviews = 32

// previews are the previews collected by one span.
type previews struct {
	list    []preview.Preview
	dropped int
}

// Preview adds a compact, sanitized view of a provider's raw response to the
// timing event: raw_preview = {model, batch: [...]}, with a member "dropped" that
// counts those beyond 32. See package preview for what raw may be. When previews
// are off it does nothing, and builds nothing.
//
// Raw is read during the call and not kept; it must not be changed meanwhile.
func (s *Span) Preview(raw any) {
	if s != nil && s.tel.preview {
		s.addPreview(raw)
	}
}

func (s *Span) addPreview(raw any) {
	if s.tel.core.closed.Load() {
		return
	}
	p := preview.Of(raw, 0) // not under the lock: raw's own methods may run
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.start.mono == ended {
		return
	}
	all := &s.rare().previews
	if len(all.list) == maxPreviews {
		all.dropped++
		return
	}
	all.list = append(all.list, p)
}

// append appends the raw_preview attribute, if there is any preview. The model is
// the first one named.
func (p *previews) append(dst []slog.Attr) []slog.Attr {
	if len(p.list) == 0 {
		return dst
	}
	group := make([]slog.Attr, 0, 3)
	for i := range p.list {
		if m := p.list[i].Model; m != "" {
			group = append(group, slog.String("model", m))
			break
		}
	}
	group = append(group, slog.Any("batch", p.list))
	if p.dropped > 0 {
		group = append(group, slog.Int("dropped", p.dropped))
	}
	return append(dst, slog.Attr{Key: KeyRawPreview, Value: slog.GroupValue(group...)})
}
