#!/usr/bin/env python3
"""convert_tflite.py MODEL.tflite NAMESPACE: writes an int8 TensorFlow Lite model's constants as a C++ header to stdout.

Python's standard library is enough. For each operator, in order of execution, a comment says what it is; layers with weights
give arrays NAME_WEIGHTS, NAME_BIASES and NAME_SCALES (of the weights: one per output channel, or one), and every tensor
between operators gives its quantisation. Names are the operator's kind and its number in the model.
"""
import struct
import sys

# From TensorFlow Lite's schema: enum BuiltinOperator, and the members of tables by position.
OPERATORS = {0: "ADD", 1: "AVERAGE_POOL_2D", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 9: "FULLY_CONNECTED", 22: "RESHAPE",
             25: "SOFTMAX"}
INT8, INT32 = 9, 2
PADDING = {0: "SAME", 1: "VALID"}
ACTIVATION = {0: "none", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6"}


class Table:
    """A table of a flatbuffer: its vtable gives the offset of each member, or 0 for those that are left out."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.vtable = at - self.value("i", at)
        self.members = (self.value("H", self.vtable) - 4) // 2

    def value(self, kind, at):
        return struct.unpack_from("<" + kind, self.data, at)[0]

    def place(self, member):
        if member >= self.members:
            return 0
        offset = self.value("H", self.vtable + 4 + 2 * member)
        return self.at + offset if offset else 0

    def scalar(self, member, kind, default=0):
        place = self.place(member)
        return self.value(kind, place) if place else default

    def target(self, place):
        return place + self.value("I", place)

    def table(self, member):
        place = self.place(member)
        return Table(self.data, self.target(place)) if place else None

    def vector(self, member, kind):
        place = self.place(member)
        if not place:
            return []
        start = self.target(place)
        return list(struct.unpack_from(f"<{self.value('I', start)}{kind}", self.data, start + 4))

    def tables(self, member):
        start = self.target(self.place(member))
        return [Table(self.data, self.target(start + 4 + 4 * i)) for i in range(self.value("I", start))]


class Tensor:
    def __init__(self, table, buffers):
        self.shape = table.vector(0, "i")
        self.type = table.scalar(1, "b")
        quantization = table.table(4)
        self.scales = quantization.vector(2, "f") if quantization else []
        self.zero_points = quantization.vector(3, "q") if quantization else []
        self.bytes = bytes(buffers[table.scalar(2, "I")].vector(0, "B"))

    def values(self):
        return list(struct.unpack(f"<{len(self.bytes) // 4}i" if self.type == INT32 else f"<{len(self.bytes)}b", self.bytes))


class Operator:
    def __init__(self, kind, table):
        self.kind = kind
        self.inputs, self.outputs = table.vector(1, "i"), table.vector(2, "i")
        options = table.table(4)

        def option(member, kind="i", default=0):
            return options.scalar(member, kind, default) if options else default

        self.note = ""
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            depthwise = kind == "DEPTHWISE_CONV_2D"  # it has the depth multiplier in between
            if depthwise and option(3) != 1:
                sys.exit("depthwise convolution: expected depth multiplier 1, found " + str(option(3)))
            if (option(5 if depthwise else 4, "i", 1), option(6 if depthwise else 5, "i", 1)) != (1, 1):
                sys.exit("convolution: expected no dilation")
            self.note = (f"{PADDING[option(0, 'b')]}, stride {option(2)} x {option(1)}, activation "
                         f"{ACTIVATION[option(4 if depthwise else 3, 'b')]}")
        elif kind == "AVERAGE_POOL_2D":
            self.note = (f"{PADDING[option(0, 'b')]}, window {option(4)} x {option(3)}, stride {option(2)} x {option(1)}, "
                         f"activation {ACTIVATION[option(5, 'b')]}")
        elif kind in ("FULLY_CONNECTED", "ADD"):
            self.note = f"activation {ACTIVATION[option(0, 'b')]}"
        elif kind == "SOFTMAX":
            self.note = f"beta {option(0, 'f', 0.0):g}"


def read_model(data):
    if data[4:8] != b"TFL3":
        sys.exit("expected a TensorFlow Lite model, found something else")
    model = Table(data, struct.unpack_from("<I", data)[0])
    # An operator's code is in a byte where it fits, in an int otherwise.
    codes = [max(code.scalar(0, "b"), code.scalar(3, "i")) for code in model.tables(1)]
    graph = model.tables(2)[0]
    buffers = model.tables(4)
    tensors = [Tensor(table, buffers) for table in graph.tables(0)]
    operators = []
    for table in graph.tables(3):
        code = codes[table.scalar(0, "I")]
        if code not in OPERATORS:
            sys.exit(f"expected an operator of {', '.join(OPERATORS.values())}, found number {code}")
        operators.append(Operator(OPERATORS[code], table))
    return graph.vector(1, "i"), tensors, operators


def literal(value):
    """A float exactly, as a hexadecimal literal of C++17."""
    if not isinstance(value, float):
        return str(value)
    digits, exponent = value.hex().split("p")
    return digits.rstrip("0").rstrip(".") + "p" + exponent + "F"


def array(kind, name, values):
    lines, line = [], "   "
    for value in values:
        word = " " + literal(value) + ","
        if len(line) + len(word) > 120:
            lines.append(line)
            line = "   "
        line += word
    lines.append(line)
    body = "\n".join(lines).rstrip(",")
    return f"inline constexpr {kind} {name}[{len(values)}] = {{\n{body}}};\n"


def quantization(name, tensor):
    return (f"inline constexpr zkvm::nn::Quantization {name}{{{literal(tensor.scales[0])}, {tensor.zero_points[0]}}};\n")


def shape(tensor):
    return "x".join(map(str, tensor.shape[1:]))


def main():
    path, namespace = sys.argv[1:]
    with open(path, "rb") as file:
        inputs, tensors, operators = read_model(file.read())
    out = [f"// Written by convert_tflite.py from {path.split('/')[-1]}: data, not code.\n#pragma once\n\n#include <cstdint>\n\n"
           f'#include "zkvm/nn/quantise.hpp"\n\nnamespace {namespace} {{\n\n',
           f"// The input, {shape(tensors[inputs[0]])}.\n", quantization("INPUT", tensors[inputs[0]])]
    names = {inputs[0]: "INPUT"}
    counts = {}
    for operator in operators:
        counts[operator.kind] = counts.get(operator.kind, 0) + 1
        name = f"{operator.kind}_{counts[operator.kind]}"
        activations = [i for i in operator.inputs if i in names]
        result = operator.outputs[0]
        about = f" ({operator.note})" if operator.note else ""
        out.append(f"\n// {' and '.join(names[i] for i in activations)} -> {name}, {shape(tensors[result])}{about}\n")
        names[result] = name
        if tensors[result].type != INT8:
            sys.exit(f"{name}: expected an int8 output")
        out.append(quantization(name, tensors[result]))
        if operator.kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            weights, biases = tensors[operator.inputs[1]], tensors[operator.inputs[2]]
            if weights.type != INT8 or biases.type != INT32 or any(weights.zero_points):
                sys.exit(f"{name}: expected int8 weights with zero point 0 and int32 biases")
            out.append(f"// Weights: {'x'.join(map(str, weights.shape))}.\n")
            out.append(array("float", name + "_SCALES", weights.scales))
            out.append(array("std::int32_t", name + "_BIASES", biases.values()))
            out.append(array("std::int8_t", name + "_WEIGHTS", weights.values()))
    out.append(f"\n}}  // namespace {namespace}\n")
    sys.stdout.write("".join(out))


if __name__ == "__main__":
    main()
