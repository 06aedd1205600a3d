#!/usr/bin/env bash
# Makes the programs the tests start available: installs what is missing as root on Debian, else says what is missing.
# Tests that need a missing program are skipped by name. Prints one line for each missing program; never fails the run.
set -u
# program:package
needed=(curl:curl)
missing=()
for entry in "${needed[@]}"; do
  command -v "${entry%%:*}" >/dev/null 2>&1 || missing+=("$entry")
done
[ "${#missing[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
  packages=("${missing[@]##*:}")
  echo "installing ${packages[*]}"
  { apt-get -o DPkg::Lock::Timeout=300 update && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${packages[@]}"; } >/dev/null 2>&1
fi
for entry in "${missing[@]}"; do
  command -v "${entry%%:*}" >/dev/null 2>&1 || echo "missing: ${entry%%:*} (Debian package ${entry##*:}); the tests that need it are skipped"
done
exit 0
