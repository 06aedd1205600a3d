#!/usr/bin/env bash
# Adds up the cobertura reports of all test projects: a line counts as covered when any of them reached it. Libraries only, without generated code.
#   eng/coverage.sh DIRECTORY
set -eu
awk '
  match($0, /<class [^>]*filename="[^"]*"/) {
    file = $0; sub(/.*filename="/, "", file); sub(/".*/, "", file)
    take = file ~ /\/src\/Micro/ && file !~ /\/obj\// && file !~ /\.g\.cs$/
  }
  take && match($0, /<line [^>]*number="[0-9]+"/) {
    number = $0; sub(/.*number="/, "", number); sub(/".*/, "", number)
    hits = $0; sub(/.*hits="/, "", hits); sub(/".*/, "", hits)
    key = file ":" number
    if (!(key in seen)) { seen[key] = 0 }
    if (hits + 0 > 0) { seen[key] = 1 }
  }
  END {
    for (key in seen) { all++; covered += seen[key] }
    printf "line coverage of src/: %.1f %% (%d of %d)\n", all ? 100 * covered / all : 0, covered, all
  }' "$1"/*.cobertura.xml
