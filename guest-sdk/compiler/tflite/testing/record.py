#!/usr/bin/env python3
"""record.py FOLDER [RUNS]: what the reference kernels give for the models that tflite_cases wrote into FOLDER, on stdout.

A line for each model: its name, the number of runs, the FNV-1a hash of all runs' outputs one behind the other, and the
first run's output. Needs numpy and the packages tflite_micro (TensorFlow Lite Micro's Python interpreter, built with the
reference kernels) and ai_edge_litert (TensorFlow Lite, for the few models with "lite" in the manifest).
"""
import os
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro import runtime

U64 = (1 << 64) - 1


def input_bytes(run, count):
    """cases.hpp's input_byte() for the first `count` bytes."""
    with numpy.errstate(over="ignore"):
        z = (numpy.arange(count, dtype=numpy.uint64) + numpy.uint64((run << 32) + 1)) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return (z ^ (z >> numpy.uint64(31))).astype(numpy.uint8)


def micro(model):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)

    def details(get):
        found = []
        try:
            while True:
                found.append(get(len(found)))
        except (ValueError, IndexError):
            return found

    inputs, count = details(interpreter.get_input_details), len(details(interpreter.get_output_details))

    def run(values):
        for i, value in enumerate(values):
            interpreter.set_input(value, i)
        interpreter.invoke()
        return [interpreter.get_output(i) for i in range(count)]

    return [(tuple(d["shape"]), d["dtype"]) for d in inputs], run


def lite(model):
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()

    def run(values):
        for detail, value in zip(inputs, values):
            interpreter.set_tensor(detail["index"], value)
        interpreter.invoke()
        return [interpreter.get_tensor(detail["index"]) for detail in outputs]

    return [(tuple(d["shape"]), d["dtype"]) for d in inputs], run


def main():
    folder, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with open(os.path.join(folder, "manifest.txt")) as file:
        manifest = [line.split() for line in file]
    for name, reference in manifest:
        with open(os.path.join(folder, name + ".tflite"), "rb") as file:
            inputs, run = {"micro": micro, "lite": lite}[reference](file.read())
        sizes = [int(numpy.prod(shape)) for shape, _ in inputs]
        digest, first = 0xCBF29CE484222325, None
        for k in range(runs):
            data = input_bytes(k, sum(sizes))
            values, at = [], 0
            for (shape, dtype), size in zip(inputs, sizes):
                values.append(data[at:at + size].view(dtype).reshape(shape))
                at += size
            out = b"".join(value.tobytes() for value in run(values))
            first = first or out
            for byte in out:
                digest = ((digest ^ byte) * 0x100000001B3) & U64
        print(name, runs, f"{digest:016x}", first[:48].hex(), flush=True)


if __name__ == "__main__":
    main()
