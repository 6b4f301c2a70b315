# Container images, without a container engine. Included by the Makefile.
# What images hold beside the programs, and what pushes them.
PKGS_IMAGES := python3 binutils ca-certificates iptables skopeo

SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
HOST_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))

# Another architecture is built with Debian's cross compiler against Debian's packages, unpacked below build/sysroot.
CROSS := aarch64-linux-gnu
ARM64_ROOT := $(CURDIR)/build/sysroot/arm64
ARM64_PKGS := libc6-dev libstdc++-12-dev $(filter lib% zlib%,$(PKGS_BUILD)) ca-certificates iptables
CROSS_MAKE = $(MAKE) --no-print-directory MODE=arm64 SYSROOT=$(ARM64_ROOT) CC='$(CROSS)-gcc --sysroot=$(ARM64_ROOT)' \
	CXX='$(CROSS)-g++ --sysroot=$(ARM64_ROOT)' FLAGS_arm64='$(FLAGS_release)' \
	HARDEN='$(filter-out -fcf-protection,$(HARDEN)) -mbranch-protection=standard'
# The lab stays at home: it is no image.
SHIPPED_BINS = $(filter-out %/weft-lab %/weft-shim %/weft-crdgen,$(BINS))
PACK = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) python3 deploy/images/images.py build --version '$(VERSION)' --commit '$(COMMIT)'

.PHONY: deps-images deps-cross images images-cross image-names push

deps-images: deps ## and what images need
	$(call apt_install,$(PKGS_IMAGES))

deps-cross: deps-images ## and what images for arm64 need: a cross compiler; the libraries go below build/sysroot
	$(call apt_install,gcc-$(CROSS) g++-$(CROSS))
	@deploy/images/sysroot.sh arm64 $(ARM64_ROOT) $(ARM64_PKGS)

# What the demo deploys on the embedded cluster, which finds archives beside the programs. They come with the programs.
DEMO_IMAGES := $(DEMOS:%=build/images/%.tar)
ifeq ($(MODE),release)
all: $(DEMO_IMAGES)
endif
$(DEMO_IMAGES): build/images/%.tar: build/bin/% $(wildcard deploy/images/*.py) deploy/images/images.toml
	@$(PACK) --arch $(HOST_ARCH) --bin build/bin --out build/images $*

images: all ## archives of container images and lists of what they hold, in build/images; IMAGES="proxy weftd" makes those
	@$(PACK) --arch $(HOST_ARCH) --bin $(B)/bin --out build/images $(IMAGES)

images-cross: deps-cross ## the same for arm64, in build/images/arm64
	@$(CROSS_MAKE) $(SHIPPED_BINS:$(B)/%=build/arm64/%)
	@$(PACK) --arch arm64 --bin build/arm64/bin --out build/images/arm64 --root $(ARM64_ROOT) --strip $(CROSS)-strip $(IMAGES)

image-names: ## write the names and the tag of deploy/images/images.toml wherever they are said
	@python3 deploy/images/images.py names
	@python3 deploy/generate/generate.py

push: ## push build/images to REGISTRY (host/folder), with skopeo; SKOPEO_FLAGS for credentials and TLS
	@[ -n "$(REGISTRY)" ] || { echo 'say where to: make push REGISTRY=registry.example/folder'; exit 2; }
	@python3 deploy/images/images.py push --registry $(REGISTRY) $(if $(TAG),--tag $(TAG)) $(wildcard build/images build/images/arm64)
