# Container images, without a container engine. Included by the Makefile.
# What images hold beside the programs, and what pushes them.
PKGS_IMAGES := python3 binutils ca-certificates iptables skopeo

# Which version this is: the nearest tag and the commit, marked when files differ from it.
VERSION = $(shell git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null || echo v0.1.0)
COMMIT = $(shell git describe --always --abbrev=40 --dirty --exclude '*' 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
HOST_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))

.PHONY: deps-images images image-names push

deps-images: deps ## and what images need
	$(call apt_install,$(PKGS_IMAGES))

images: all ## archives of container images and lists of what they hold, in build/images; IMAGES="proxy weftd" makes those
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) python3 deploy/images/images.py build --arch $(HOST_ARCH) --bin $(B)/bin \
		--out build/images --version '$(VERSION)' --commit '$(COMMIT)' $(IMAGES)

image-names: ## write the names and the tag of deploy/images/images.toml wherever they are said
	@python3 deploy/images/images.py names

push: ## push build/images to REGISTRY (host/folder), with skopeo; SKOPEO_FLAGS for credentials and TLS
	@[ -n "$(REGISTRY)" ] || { echo 'say where to: make push REGISTRY=registry.example/folder'; exit 2; }
	@python3 deploy/images/images.py push --registry $(REGISTRY) $(if $(TAG),--tag $(TAG)) $(wildcard build/images build/images/arm64)
