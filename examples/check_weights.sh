#!/bin/sh
# check_weights.sh PYTHON: converts the examples' models again and compares the headers.
set -eu
cd "$(dirname "$0")"
for example in keyword_spotting image_classification; do
  "$1" convert_tflite.py "$example/model.tflite" "$example" | cmp - "$example/weights.hpp" ||
    { echo "FAILED - $example/weights.hpp is not what convert_tflite.py writes" >&2; exit 1; }
  echo "ok - $example/weights.hpp"
done
