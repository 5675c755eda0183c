package collect

import (
	"container/heap"
	"slices"
)

// A Heap hands out what was put into it by its order, the first one first.
type Heap[T any] struct {
	Order func(a, b T) int
	List  []T // the first one is at its beginning; the rest is in no certain order
}

// Put adds v.
func (h *Heap[T]) Put(v T) { heap.Push((*ordered[T])(h), v) }

// Take takes out the first one. There must be one.
func (h *Heap[T]) Take() T { return heap.Pop((*ordered[T])(h)).(T) }

type ordered[T any] Heap[T]

func (h *ordered[T]) Len() int           { return len(h.List) }
func (h *ordered[T]) Less(i, j int) bool { return h.Order(h.List[i], h.List[j]) < 0 }
func (h *ordered[T]) Swap(i, j int)      { h.List[i], h.List[j] = h.List[j], h.List[i] }
func (h *ordered[T]) Push(v any)         { h.List = append(h.List, v.(T)) }
func (h *ordered[T]) Pop() any {
	last := len(h.List) - 1
	v := h.List[last]
	h.List = slices.Delete(h.List, last, last+1)
	return v
}

// First keeps those that come first in an order, up to a number.
type First[T any] struct {
	most  int
	order func(a, b T) int
	kept  Heap[T] // the one that comes last first
}

// NewFirst returns a First for so many.
func NewFirst[T any](most int, order func(a, b T) int) *First[T] {
	return &First[T]{most, order, Heap[T]{Order: func(a, b T) int { return order(b, a) }}}
}

// Wants reports whether v is among them.
func (f *First[T]) Wants(v T) bool {
	return len(f.kept.List) < f.most || f.most > 0 && f.order(v, f.kept.List[0]) < 0
}

// Keep keeps v if it is wanted.
func (f *First[T]) Keep(v T) {
	if !f.Wants(v) {
		return
	}
	if len(f.kept.List) == f.most {
		f.kept.Take()
	}
	f.kept.Put(v)
}

// Merge keeps what comes first of both.
func (f *First[T]) Merge(o *First[T]) {
	for _, v := range o.kept.List {
		f.Keep(v)
	}
}

// Last returns the one of them that comes last. It is false while there is room for more.
func (f *First[T]) Last() (v T, full bool) {
	if len(f.kept.List) < f.most || f.most == 0 {
		return v, false
	}
	return f.kept.List[0], true
}

// Sorted returns them in order.
func (f *First[T]) Sorted() []T { return slices.SortedFunc(slices.Values(f.kept.List), f.order) }
