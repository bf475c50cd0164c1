#!/usr/bin/env python3
"""Writes the sample files of this folder: images, what Pillow reads from them, and NumPy arrays. They are test data and
the fuzz target's corpus. Needs numpy and Pillow 11 (with other versions --resize's reference may differ by rounding).

    make.py FOLDER
"""
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image

FOLDER = sys.argv[1]


def path(name):
    return os.path.join(FOLDER, name)


def pixels(image):
    """Height, width, channels."""
    a = np.asarray(image)
    return a[:, :, None] if a.ndim == 2 else a


def with_chunk(name, kind, data):
    """A PNG file with one more chunk behind its header."""
    file = open(path(name), "rb").read()
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    open(path(name), "wb").write(file[:33] + chunk + file[33:])


def write_png(name, width, height, depth, color, rows, interlace=0):
    """A PNG file from packed rows."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    with open(path(name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


rng = np.random.default_rng(4)
color = Image.fromarray(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)).resize((17, 13), Image.BICUBIC)
grey = color.convert("L")

color.save(path("color.png"))
grey.save(path("grey.png"))
color.quantize(16).save(path("palette.png"))
color.convert("RGBA").save(path("opaque.png"))
grey.convert("LA").save(path("opaque_grey.png"))
transparent = color.convert("RGBA")
transparent.putpixel((3, 2), (1, 2, 3, 254))
transparent.save(path("transparent.png"))
color.save(path("gamma.png"))
with_chunk("gamma.png", b"gAMA", struct.pack(">I", 100000))
write_png("bits4.png", 8, 3, 4, 0, [bytes(rng.integers(0, 256, 4, dtype=np.uint8)) for _ in range(3)])
write_png("bits16.png", 8, 3, 16, 0, [bytes(rng.integers(0, 256, 16, dtype=np.uint8)) for _ in range(3)])
passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]  # Adam7
parts = [np.asarray(color)[y::dy, x::dx] for x, y, dx, dy in passes]
write_png("interlaced.png", 17, 13, 8, 2, [row.tobytes() for part in parts for row in part], 1)
color.save(path("color.jpg"), quality=80, subsampling=2)
color.save(path("full.jpg"), quality=90, subsampling=0)
color.save(path("progressive.jpg"), quality=70, subsampling=2, progressive=True)
grey.save(path("grey.jpg"), quality=80)
color.convert("CMYK").save(path("cmyk.jpg"))

for name in ("color.png", "grey.png", "palette.png", "opaque.png", "opaque_grey.png", "gamma.png", "interlaced.png",
             "bits4.png", "color.jpg", "full.jpg", "progressive.jpg", "grey.jpg"):
    image = Image.open(path(name))
    is_grey = name.startswith(("grey", "bits4")) or name == "opaque_grey.png"
    np.save(path(name + ".npy"), pixels(image.convert("L" if is_grey else "RGB")))
np.save(path("color.png.5x7.npy"), pixels(color.resize((7, 5), Image.BILINEAR)))
np.save(path("color.png.30x20.npy"), pixels(color.resize((20, 30), Image.BILINEAR)))

# Arrays of 2 x 3 x 4 elements 0, 1, 2, ..., of each type, order and version.
count = np.arange(24).reshape(2, 3, 4)
np.save(path("int8.npy"), count.astype(np.int8))
np.save(path("float32.npy"), count.astype("<f4"))
np.save(path("float64_fortran.npy"), np.asfortranarray(count.astype("<f8")))
np.save(path("int16.npy"), count.astype("<i2"))
np.save(path("big_endian.npy"), count.astype(">f4"))
for version in ((2, 0), (3, 0)):
    with open(path("uint8_version%d.npy" % version[0]), "wb") as file:
        np.lib.format.write_array(file, count.astype(np.uint8), version=version)
