package main

import (
	"bytes"
	"net"
	"time"
)

// A sink is a StatsD address that counts the timings it is sent.
type sink struct {
	conn    *net.UDPConn
	counted chan int64
}

func listen() (*sink, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(8 << 20)
	s := &sink{conn, make(chan int64, 1)}
	go s.run()
	return s, nil
}

func (s *sink) address() string { return s.conn.LocalAddr().String() }

func (s *sink) run() {
	timings := int64(0)
	packet := make([]byte, 1<<16)
	for {
		n, err := s.conn.Read(packet)
		if err != nil {
			s.counted <- timings
			return
		}
		for line := range bytes.Lines(packet[:n]) {
			if bytes.Contains(line, []byte("|ms")) { // plain StatsD: one value a line
				timings++
			}
		}
	}
}

// close returns how many timings came. What the kernel holds is read before.
func (s *sink) close() int64 {
	_ = s.conn.SetReadDeadline(time.Now().Add(time.Second))
	defer s.conn.Close()
	return <-s.counted
}
