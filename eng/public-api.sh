#!/usr/bin/env bash
# Writes what the public API analyzer misses into PublicAPI.Unshipped.txt of each library, sorted. Review the difference before committing it.
set -eu
cd "$(dirname "$0")/.."
for project in src/*/; do
  name=$(basename "$project")
  case "$name" in Micro.Generators) continue ;; esac
  for file in Shipped Unshipped; do
    [ -f "$project/PublicAPI.$file.txt" ] || printf '#nullable enable\n' > "$project/PublicAPI.$file.txt"
  done
done
build() { dotnet build Micro.slnx -v quiet --nologo --no-incremental -p:TreatWarningsAsErrors=false -p:WarningsNotAsErrors=RS0016 2>&1 || true; }
build | sed -nE "s/.*\/(src\/[^/]+)\/.*(warning|error) RS0016: Symbol '(.*)' is not part of the declared public API.*/\1\t\3/p" | sort -u | while IFS=$'\t' read -r project symbol; do
  printf '%s\n' "$symbol" >> "$project/PublicAPI.Unshipped.txt"
done
for file in src/*/PublicAPI.Unshipped.txt; do
  { echo '#nullable enable'; grep -v '^#nullable enable$' "$file" | LC_ALL=C sort -u || true; } > "$file.new" && mv "$file.new" "$file"
done
git status --short -- 'src/*/PublicAPI.*.txt'
