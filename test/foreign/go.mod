module weft/test/foreign

go 1.19

require (
	github.com/maistra/istio-operator v0.0.0-20240328123420-8143614c5f13
	istio.io/istio v0.0.0-20231114065328-6869a6c2371e
)
