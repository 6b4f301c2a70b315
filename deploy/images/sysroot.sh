#!/usr/bin/env bash
# The libraries of another architecture from Debian's packages, unpacked below DIR, with a database that dpkg-query reads.
# Touches nothing of this machine's packages and needs no root: apt works in a state of its own.
# usage: sysroot.sh ARCH DIR PACKAGE...
set -euo pipefail
arch=$1 dir=$(realpath -m "$2"); shift 2
stamp="$dir/.made-of" wanted="$arch $*"
[ "$(cat "$stamp" 2>/dev/null || :)" != "$wanted" ] || exit 0
rm -rf "$dir"
apt="$dir/.apt"
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$dir/var/lib/dpkg/info" "$dir/var/lib/dpkg/updates"
: >"$apt/status"
echo 1 >"$dir/var/lib/dpkg/info/format" # names with an architecture
own() {
  local command=$1; shift
  "$command" -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" \
    -o Dir::State::extended_states="$apt/extended" -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User= -o APT::Install-Recommends=0 -o DPkg::Use-Pty=0 "$@"
}
echo "packages of $arch: the lists"
own apt-get update >"$apt/log"
echo "packages of $arch: $*"
own apt-get install -y --download-only "$@" >>"$apt/log"
for deb in "$apt"/archives/*.deb; do
  dpkg-deb -x "$deb" "$dir"
  name=$(dpkg-deb -f "$deb" Package)
  [ "$(dpkg-deb -f "$deb" Multi-Arch)" = same ] && name+=":$arch"
  dpkg-deb --fsys-tarfile "$deb" | tar -t | sed 's,^\.,,; s,/$,,; s,^$,/.,' >"$dir/var/lib/dpkg/info/$name.list"
  { echo "Status: install ok installed"; dpkg-deb -f "$deb" | grep -v '^ ' | grep -vE '^(Conffiles|Status):'; echo; } >>"$dir/var/lib/dpkg/status"
done
rm -rf "$apt"
# Absolute links would lead out of it.
find "$dir" -type l -lname '/*' | while read -r l; do ln -sfr "$dir$(readlink "$l")" "$l"; done
echo "$wanted" >"$stamp"
