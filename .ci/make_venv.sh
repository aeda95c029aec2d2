#!/bin/sh
# Makes .venv with the Python named in $1. Debian ships Python without the venv module's half: put that right where we may.
set -eu
python=$1
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    echo "LuYu Card needs Python 3.11, 3.12 or 3.13 and found: $("$python" --version 2>&1 || echo none)." >&2
    echo "Name another one like this: make run PYTHON=python3.12" >&2
    exit 2
fi
rm -rf .venv
echo "Making .venv with $("$python" --version) ..."
if "$python" -m venv .venv >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "This Python lacks its venv module; installing Debian's package for it ..."
    apt-get -qq update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null
    rm -rf .venv
    exec "$python" -m venv .venv
fi
echo "This Python cannot make a virtual environment. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2
exit 2
