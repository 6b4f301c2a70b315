#!/usr/bin/python3
"""Fifty proxies under a real weftd, as `make bench-control` has two thousand: all get everything by either form of the
protocol, one view or many, changes reach all of them, and no connection breaks. What it costs is not looked at."""
import os, subprocess, sys

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.dirname(os.environ["BIN"])
sys.path.insert(0, os.path.join(ROOT, "test/lib"))
sys.dont_write_bytecode = True
import own_network

TOOLS = [f"build/test/bench/{name}" for name in ("ads_clients", "api_server")]


def main():
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, *TOOLS], check=True, stdout=subprocess.DEVNULL)
    own_network.enter()
    failed = 0
    for form in ((), ("--sotw",)):
        r = subprocess.run([sys.executable, os.path.join(ROOT, "test/bench/control.py"), BUILD, "--services", "40", "--endpoints", "3",
                            "--proxies", "50", "--views", "1,7", "--changes", "3", "--check", *form])
        failed += r.returncode != 0
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
