#!/usr/bin/env python3
"""Trains the perceptron of this example and writes weights.hpp and images/.

Needs scikit-learn (pip install scikit-learn), only for its copy of the UCI handwritten digits data set: 1797 images of
8x8 pixels with 17 grey levels, written by 43 people (E. Alpaydin, C. Kaynak, 1998; CC BY 4.0,
https://archive.ics.uci.edu/dataset/80). Run in this folder: python3 train.py. Deterministic on one machine.

The network: 64 inputs (0..16), 32 hidden units with rectified linear activation, 10 scores. Trained in floating point with
Adam on 1437 images, some shifted by a pixel; rounded to 8-bit weights; tested as integers on the other 360.
"""

import os

import numpy as np
from sklearn.datasets import load_digits

HIDDEN = 32
EPOCHS = 150
BATCH = 64
rng = np.random.default_rng(1)

digits = load_digits()
images, labels = digits.data.astype(np.float64), digits.target
order = rng.permutation(len(images))
split = 1437
train, test = order[:split], order[split:]


def shifted(batch):
    """Each image moved by -1, 0 or 1 pixels in both directions (most stay), with empty pixels moving in."""
    squares = batch.reshape(-1, 8, 8)
    out = np.zeros_like(squares)
    for i, square in enumerate(squares):
        dy, dx = rng.choice([-1, 0, 0, 0, 1], 2)
        out[i, max(dy, 0):8 + min(dy, 0), max(dx, 0):8 + min(dx, 0)] = \
            square[max(-dy, 0):8 + min(-dy, 0), max(-dx, 0):8 + min(-dx, 0)]
    return out.reshape(-1, 64)


weights = [rng.normal(0, np.sqrt(2 / 64), (64, HIDDEN)), np.zeros(HIDDEN),
           rng.normal(0, np.sqrt(2 / HIDDEN), (HIDDEN, 10)), np.zeros(10)]
moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
step = 0
for epoch in range(EPOCHS):
    rate = 3e-3 * (1 - epoch / EPOCHS)
    for start in range(0, split, BATCH):
        chosen = rng.permutation(train)[:BATCH] if start == 0 else train[rng.integers(0, split, BATCH)]
        x = shifted(images[chosen]) / 16
        y = labels[chosen]
        hidden = np.maximum(x @ weights[0] + weights[1], 0)
        scores = hidden @ weights[2] + weights[3]
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        p /= len(y)
        back = (p @ weights[2].T) * (hidden > 0)
        gradients = [x.T @ back + 1e-4 * weights[0], back.sum(0), hidden.T @ p + 1e-4 * weights[2], p.sum(0)]
        step += 1
        for w, g, (m, v) in zip(weights, gradients, moments):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)

# To integers: inputs stay 0..16, weights become round(w * scale) in -127..127, hidden sums are shifted right until they
# fit 0..127.
scale1 = 127 / np.abs(weights[0]).max()
w1 = np.rint(weights[0] * scale1).astype(int)
b1 = np.rint(weights[1] * scale1 * 16).astype(int)
sums = np.maximum(images[train].astype(int) @ w1 + b1, 0)
shift = 0
while np.quantile(sums >> shift, 0.9995) > 127:
    shift += 1
scale2 = 127 / np.abs(weights[2]).max()
w2 = np.rint(weights[2] * scale2).astype(int)
b2 = np.rint(weights[3] * scale2 * scale1 * 16 / 2**shift).astype(int)


def classify(x):
    hidden = np.minimum(np.maximum(x.astype(int) @ w1 + b1, 0) >> shift, 127)
    return (hidden @ w2 + b2).argmax(1)


accuracy = (classify(images[test]) == labels[test]).mean()
floating = np.maximum(images[test] / 16 @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
print(f"test accuracy: {accuracy:.4f} as integers, {(floating.argmax(1) == labels[test]).mean():.4f} in floating point, "
      f"{len(test)} images")


def table(values, kind, name, shape):
    rows = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values.reshape(1, -1)
    lines = []
    for row in rows:
        text = ", ".join(str(v) for v in row)
        while len(text) > 112:
            cut = text.rfind(", ", 0, 112)
            lines.append("    " + text[:cut] + ",")
            text = text[cut + 2:]
        lines.append("    " + text + ",")
    return f"inline constexpr std::{kind} {name}{shape} = {{\n" + "\n".join(lines) + "\n};\n"


here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "weights.hpp"), "w") as out:
    out.write("// Written by train.py: data, not code. Weights are stored unit by unit, so that a unit's are contiguous.\n"
              f"// Test accuracy of these integers: {100 * accuracy:.1f}% of {len(test)} images not used in training.\n"
              "#pragma once\n\n#include <cstdint>\n\nnamespace digits {\n\n"
              f"inline constexpr int INPUTS = 64;\ninline constexpr int HIDDEN = {HIDDEN};\n"
              f"inline constexpr int CLASSES = 10;\ninline constexpr int HIDDEN_SHIFT = {shift};\n\n")
    out.write(table(w1.T.flatten(), "int8_t", "HIDDEN_WEIGHTS", "[HIDDEN * INPUTS]") + "\n")
    out.write(table(b1, "int32_t", "HIDDEN_BIASES", "[HIDDEN]") + "\n")
    out.write(table(w2.T.flatten(), "int8_t", "OUTPUT_WEIGHTS", "[CLASSES * HIDDEN]") + "\n")
    out.write(table(b2, "int32_t", "OUTPUT_BIASES", "[CLASSES]") + "\n}  // namespace digits\n")

# The first test image of each digit, and all test images with their labels for the accuracy test.
os.makedirs(os.path.join(here, "images"), exist_ok=True)
for digit in range(10):
    first = next(i for i in test if labels[i] == digit)
    images[first].astype(np.uint8).tofile(os.path.join(here, "images", f"digit-{digit}.bin"))
with open(os.path.join(here, "images", "test-set.bin"), "wb") as out:
    for i in test:
        out.write(images[i].astype(np.uint8).tobytes() + bytes([labels[i]]))
