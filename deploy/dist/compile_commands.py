#!/usr/bin/env python3
"""compile_commands.json for clangd and other tools: the files of standard input, each compiled as the Makefile compiles it.

usage: compile_commands.py FLAGS... < files"""
import json
import os
import sys

flags, root = sys.argv[1:], os.getcwd()
json.dump([{"directory": root, "file": f, "arguments": [*flags, "-c", f]} for f in sys.stdin.read().split()], sys.stdout, indent=1)
