// Judges an OLM bundle by the rules of operator-sdk: those of every bundle, and those of OperatorHub.
package main

import (
	"fmt"
	"os"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bundle FOLDER")
		os.Exit(2)
	}
	bundle, err := manifests.GetBundleFromDir(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if bundle.CSV == nil {
		fmt.Fprintln(os.Stderr, "there is no ClusterServiceVersion")
		os.Exit(1)
	}
	errors, warnings := 0, 0
	validators := append(validation.DefaultBundleValidators, validation.OperatorHubValidator, validation.ObjectValidator)
	for _, result := range validators.Validate(bundle.ObjectsToValidate()...) {
		for _, e := range result.Errors {
			errors++
			fmt.Printf("error: %s: %s\n", result.Name, e.Error())
		}
		for _, w := range result.Warnings {
			warnings++
			fmt.Printf("warning: %s: %s\n", result.Name, w.Error())
		}
	}
	fmt.Printf("%d CRDs, %d errors, %d warnings\n", len(bundle.V1CRDs), errors, warnings)
	if errors > 0 {
		os.Exit(1)
	}
}
