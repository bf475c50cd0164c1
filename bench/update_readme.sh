#!/bin/sh
# Writes recorded results into a README: what stands between the markers <!-- figures --> and <!-- /figures --> becomes the table
# of RESULTS/figures.csv, and likewise "workloads" the rows of the last run in RESULTS/runs.csv.
#
#   bench/update_readme.sh [RESULTS [README]]    default: bench/results bench/README.md
set -eu
here=$(cd "$(dirname "$0")" && pwd)
results=${1:-$here/results}
readme=${2:-$here/README.md}
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
[ -f "$readme" ] || die "expected the file $readme, found none"
for file in "$results/figures.csv" "$results/runs.csv"; do
  [ -f "$file" ] || die "expected the file $file (written by bench/run.sh), found none"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Reads CSV with quoted fields into value[name of column], then calls row().
csv='
function parse(line, parts,    n, at, c, quoted, field) {
  n = 0; quoted = 0; field = ""
  for (at = 1; at <= length(line); ++at) {
    c = substr(line, at, 1)
    if (quoted && c == "\"" && substr(line, at + 1, 1) == "\"") { field = field c; ++at }
    else if (c == "\"") quoted = !quoted
    else if (c == "," && !quoted) { parts[++n] = field; field = "" }
    else field = field c
  }
  parts[++n] = field
  return n
}
function where() { return value["cpu"] ", " value["cores"] " cores, commit " value["commit"] ", " value["date"] ", load " value["load"] }
FNR == 1 { columns = parse($0, names); next }
{ parse($0, parts); for (i = 1; i <= columns; ++i) value[names[i]] = parts[i]; row() }'

awk "$csv"'
function row() {
  if (FNR == 2) print where() ":\n\n| figure | target | measured | |\n|---|---|---|---|"
  print "| " value["figure"] " | " value["target"] " | " value["measured"] " | " (value["met"] == "yes" ? "met" : "**missed**") " |"
}' "$results/figures.csv" >"$work/figures"

# The last run is the rows that share the date of the last row.
awk "$csv"'
function mega(name, unit) { return sprintf("%.2f", value[name] / unit) }
function row() {
  if (value["date"] != date) {
    date = value["date"]
    text = where() ", medians of " value["repetitions"] ":\n\n" \
      "| workload | cycles | kHz | of roofline | cells a cycle | quotient | peak, GB | shards | receipt a shard, MB | verify a shard, ms | bits |\n" \
      "|---|---|---|---|---|---|---|---|---|---|---|\n"
  }
  memory = value["memory"] == "default" ? "" : " --memory " value["memory"]
  text = text "| " value["workload"] memory " | " value["cycles"] " | " sprintf("%.0f", value["khz"]) " | " value["roofline_ratio"] " | " \
    value["cells_per_cycle"] " | " value["quotient_cells_per_cycle"] " | " mega("peak_rss_bytes", 1e9) " | " value["shards"] " | " \
    mega("receipt_bytes_per_shard", 1e6) " | " sprintf("%.1f", value["verify_ms_per_shard"]) " | " sprintf("%.1f", value["security_bits"]) " |\n"
}
END { printf "%s", text }' "$results/runs.csv" >"$work/workloads"

cp "$readme" "$work/readme"
for part in figures workloads; do
  [ -s "$work/$part" ] || die "no rows in $results for the table of $part"
  grep -qx "<!-- $part -->" "$work/readme" && grep -qx "<!-- /$part -->" "$work/readme" ||
    die "expected the lines <!-- $part --> and <!-- /$part --> in $readme"
  awk -v part="$part" -v table="$work/$part" '
    $0 == "<!-- /" part " -->" { while ((getline line < table) > 0) print line; skip = 0 }
    !skip { print }
    $0 == "<!-- " part " -->" { skip = 1 }' "$work/readme" >"$work/next"
  mv "$work/next" "$work/readme"
done
cat "$work/readme" >"$readme"
