package switches

// Mode says whether a feature is on, or leaves that to the environment.
type Mode uint8

const (
	FromEnv Mode = iota // as the environment says when the component is made
	On
	Off
)

// On reports whether a feature with these variables is on. Bad is called as by [Read].
func (m Mode) On(variables []Variable, bad func(error)) bool {
	return m == On || m == FromEnv && Read(variables, bad)
}
