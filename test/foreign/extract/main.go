// extract prints the test cases of other projects' validation as JSON, one a line.
//
//	extract istio DIR | extract maistra DIR
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: extract istio|maistra DIR")
		os.Exit(2)
	}
	out := json.NewEncoder(os.Stdout)
	emit := func(c *Case) {
		if err := out.Encode(c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	switch os.Args[1] {
	case "istio":
		istio(os.Args[2], emit)
	case "maistra":
		maistra(os.Args[2], emit)
	default:
		fmt.Fprintln(os.Stderr, "unknown project:", os.Args[1])
		os.Exit(2)
	}
}
