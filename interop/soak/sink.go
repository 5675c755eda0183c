package main

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// A sink is a StatsD address that counts the timings it is sent.
type sink struct {
	conn    *net.UDPConn
	once    sync.Once
	done    chan struct{}
	timings int64 // to be read when done is closed
}

func listen() (*sink, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(8 << 20)
	s := &sink{conn: conn, done: make(chan struct{})}
	go s.run()
	return s, nil
}

func (s *sink) address() string { return s.conn.LocalAddr().String() }

func (s *sink) run() {
	defer close(s.done)
	packet := make([]byte, 1<<16)
	for {
		n, err := s.conn.Read(packet)
		if err != nil {
			return
		}
		for line := range bytes.Lines(packet[:n]) {
			if bytes.Contains(line, []byte("|ms")) { // plain StatsD: one value a line
				s.timings++
			}
		}
	}
}

// close returns how many timings came. What the kernel holds is read before.
func (s *sink) close() int64 {
	s.once.Do(func() { _ = s.conn.SetReadDeadline(time.Now().Add(time.Second)) })
	<-s.done
	_ = s.conn.Close()
	return s.timings
}
