#!/bin/sh
# Joins frontend/styles/*.css into frontend/.build/app.css, in the order of the cascade:
# values first, then base and components, then what overrides them (small screens, the reader's wishes).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root/frontend/styles"
mkdir -p ../.build

first="fonts tokens base layout nav button form badge avatar card progress tabs table toolbar missions mission"
middle="evidence comments matrix charts timeline dialog feedback menu states wizard permissions auth"
last="small-screens reader attack"

tmp=../.build/app.css.$$
for part in $first $middle; do cat "$part.css"; echo; done >"$tmp"
# A part that this list does not name yet stands between the components and the overrides.
for file in *.css; do
  part=${file%.css}
  case " $first $middle $last " in
    *" $part "*) ;;
    *) cat "$file"; echo ;;
  esac
done >>"$tmp"
for part in $last; do cat "$part.css"; echo; done >>"$tmp"

# An unchanged file keeps its time stamp, so that a watching build does not go in circles.
if cmp -s "$tmp" ../.build/app.css; then rm -f "$tmp"; else mv -f "$tmp" ../.build/app.css; fi
