#!/usr/bin/env bash
# `make check` as a test: formatting, includes, clang-tidy, cppcheck, generated files, and both compilers without a warning.
set -u
cd "$ROOT"
unset MAKEFLAGS MAKELEVEL MODE
exec make --no-print-directory check
