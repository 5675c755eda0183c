package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
)

// manCommand prints the manual page, which is made of the help texts.
func manCommand() *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page",
		Description: `Prints the manual page of slogtel, in the language of man(7), made of the same texts as --help.

Examples:

   slogtel man | man -l -
   slogtel man > ~/.local/share/man/man1/slogtel.1`,
		Action: func(_ context.Context, cmd *cli.Command) error {
			_, err := io.WriteString(cmd.Root().Writer, manPage(cmd.Root()))
			return input.Done(err)
		},
	}
}

// manPage returns the manual page of a command and those below it.
func manPage(root *cli.Command) string {
	var b strings.Builder
	section := func(name string) { fmt.Fprintf(&b, ".SH %s\n", name) }
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"slogtel\" \"User Commands\"\n", strings.ToUpper(root.Name))
	section("NAME")
	b.WriteString(roff(root.Name+" - "+root.Usage) + "\n")
	section("SYNOPSIS")
	fmt.Fprintf(&b, ".B %s\n[\\fB\\-\\-no\\-pager\\fR] \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIFILE\\fR | \\fIPATTERN\\fR | \\fIURL\\fR | \\fB\\-\\fR]...\n", root.Name)
	section("DESCRIPTION")
	manText(&b, root.Description)
	section("OPTIONS OF ALL")
	shared := make(map[string]bool)
	report := root.Command("report")
	for _, f := range report.Flags {
		if name := f.Names()[0]; inAll(root, name) {
			shared[name] = true
			manFlag(&b, f)
		}
	}
	for _, f := range root.Flags {
		if f.Names()[0] == "no-pager" {
			manFlag(&b, f)
		}
	}
	section("COMMANDS")
	for _, c := range root.Commands {
		if c.Hidden || c.Name == "help" || c.Name == "completion" {
			continue
		}
		fmt.Fprintf(&b, ".SS \"%s %s\"\n", root.Name, roff(strings.TrimSpace(c.Name+" "+c.ArgsUsage)))
		b.WriteString(roff(strings.ToUpper(c.Usage[:1])+c.Usage[1:]+".") + "\n")
		b.WriteString(".PP\n")
		manText(&b, c.Description)
		for _, f := range c.Flags {
			if !shared[f.Names()[0]] && f.Names()[0] != "help" {
				manFlag(&b, f)
			}
		}
	}
	section("ENVIRONMENT")
	for _, v := range [][2]string{
		{"PAGER", "the program that shows what is printed to a terminal; less, where it is not set; cat is none"},
		{"LESS", "of less; FRX, where it is not set"},
		{remote.TokenVariable, "what is sent to the host of a URL: a bearer token, or a scheme and credentials"},
		{remote.TenantVariable, "the tenant of Loki"},
	} {
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(v[0]), roff(v[1]))
	}
	section("SEE ALSO")
	b.WriteString(".BR less (1),\n.BR jq (1)\n")
	return b.String()
}

// inAll reports whether all commands that read inputs have a flag.
func inAll(root *cli.Command, name string) bool {
	for _, c := range root.Commands {
		reads, has := false, false
		for _, f := range c.Flags {
			reads = reads || f.Names()[0] == "since"
			has = has || f.Names()[0] == name
		}
		if reads && !has {
			return false
		}
	}
	return true
}

// roff returns text such that nothing in it is a request or an escape.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, `"`, `\(dq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}

// manText writes a help text: paragraphs, and what is indented as it stands.
func manText(b *strings.Builder, s string) {
	verbatim := false
	set := func(v bool) {
		if v != verbatim {
			b.WriteString(map[bool]string{true: ".RS 3\n.nf\n", false: ".fi\n.RE\n"}[v])
			verbatim = v
		}
	}
	gap := false
	for line := range strings.SplitSeq(s, "\n") {
		text := strings.TrimSpace(line)
		if text == "" {
			gap = true
			continue
		}
		set(strings.HasPrefix(line, "   "))
		if gap && !verbatim {
			b.WriteString(".PP\n")
		}
		gap = false
		b.WriteString(roff(text) + "\n")
	}
	set(false)
}

// manFlag writes what a flag is for.
func manFlag(b *strings.Builder, f cli.Flag) {
	doc, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return
	}
	usage, value := doc.GetUsage(), ""
	if before, rest, ok := strings.Cut(usage, "`"); ok {
		if name, after, ok := strings.Cut(rest, "`"); ok {
			usage, value = before+name+after, name
		}
	}
	var names []string
	for _, name := range f.Names() {
		dashes := "--"
		if len(name) == 1 {
			dashes = "-"
		}
		names = append(names, `\fB`+roff(dashes+name)+`\fR`)
	}
	line := strings.Join(names, ", ")
	if doc.TakesValue() {
		if value == "" {
			value = strings.ToUpper(f.Names()[0])
		}
		line += ` \fI` + roff(value) + `\fR`
	}
	if def := doc.GetDefaultText(); doc.TakesValue() && def != "" && def != `""` && def != "0" {
		usage += " (default: " + strings.Trim(def, `"`) + ")"
	}
	fmt.Fprintf(b, ".TP\n%s\n%s\n", line, roff(usage))
}
