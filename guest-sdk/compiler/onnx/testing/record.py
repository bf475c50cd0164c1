#!/usr/bin/env python3
"""record.py FOLDER... [--runs N]: what onnxruntime gives for the models in the folders, on stdout.

A line for each model: its name, the number of runs, the FNV-1a hash of all runs' outputs one behind the other, and the
first run's output. A folder's manifest.txt says how each model is run (see Reference); without one, by default settings.
Needs numpy, onnx and onnxruntime.
"""
import argparse
import os

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

U64 = (1 << 64) - 1


def input_bytes(run, count):
    """cases.hpp's input_byte() for the first `count` bytes."""
    with numpy.errstate(over="ignore"):
        z = (numpy.arange(count, dtype=numpy.uint64) + numpy.uint64((run << 32) + 1)) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return (z ^ (z >> numpy.uint64(31))).astype(numpy.uint8)


def without_last_dequantisation(model):
    """The model with the integers as outputs that DequantizeLinear makes reals of: they are what is compared."""
    graph = model.graph
    types = {t.name: t.data_type for t in graph.initializer}
    for output in graph.output:
        for node in graph.node:
            if output.name in node.output and node.op_type == "DequantizeLinear":
                dtype = types[node.input[2]] if len(node.input) > 2 else TensorProto.UINT8
                output.CopyFrom(helper.make_tensor_value_info(node.input[0], dtype, None))
    return model


class Reference:
    """A model, run by onnxruntime on the CPU in one of these ways:
    default  as it comes: operators between DequantizeLinear and QuantizeLinear are fused into integer kernels
    int8     convolutions of int8 are fused, too; by default that is done on ARM only
    plain    without optimisations: every operator by itself, in single precision
    Inputs and outputs are bytes: what is float in the file is quantised as the QuantizeLinear behind the
    input, or the DequantizeLinear before the output, says."""

    def __init__(self, path, way="default"):
        options = onnxruntime.SessionOptions()
        level = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = level.ORT_DISABLE_ALL if way == "plain" else level.ORT_ENABLE_ALL
        if way == "int8":
            options.add_session_config_entry("session.qdqisint8allowed", "1")
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        model = without_last_dequantisation(onnx.load(path) if isinstance(path, str) else path)
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                                    providers=["CPUExecutionProvider"])
        graph = model.graph
        constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}

        def parameters(node):
            zero = constants[node.input[2]] if len(node.input) > 2 else numpy.uint8(0)
            return constants[node.input[1]].reshape(()), zero.reshape(())

        def behind(tensor):
            for node in graph.node:
                if node.input and node.input[0] == tensor:
                    if node.op_type == "QuantizeLinear":
                        return parameters(node)
                    return behind(node.output[0])

        def before(tensor):
            for node in graph.node:
                if tensor in node.output:
                    if node.op_type == "DequantizeLinear":
                        return parameters(node)
                    if node.op_type in ("Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity"):
                        return before(node.input[0])
            return numpy.float32(1 / 256), numpy.int8(-128)  # probabilities

        self.inputs, self.outputs = [], []
        for value in graph.input:
            if value.name in constants:
                continue
            shape = [d.dim_value or 1 for d in value.type.tensor_type.shape.dim]
            is_float = value.type.tensor_type.elem_type == TensorProto.FLOAT
            dtype = {TensorProto.INT8: numpy.int8, TensorProto.UINT8: numpy.uint8}.get(value.type.tensor_type.elem_type)
            self.inputs.append((value.name, shape, dtype, behind(value.name) if is_float else None))
        for value in graph.output:
            self.outputs.append((value.name, before(value.name)))
        self.input_bytes = sum(int(numpy.prod(shape)) for _, shape, _, _ in self.inputs)

    def run(self, data):
        feed = {}
        for name, shape, dtype, q in self.inputs:
            count = int(numpy.prod(shape))
            part, data = data[:count], data[count:]
            if q is None:
                feed[name] = part.view(dtype).reshape(shape)
            else:
                scale, zero = q
                feed[name] = ((part.view(zero.dtype).astype(numpy.int32) - numpy.int32(zero)).astype(numpy.float32) *
                              numpy.float32(scale)).reshape(shape)
        out = b""
        for (_, (scale, zero)), value in zip(self.outputs, self.session.run(None, feed)):
            if value.dtype == numpy.float32:
                low = numpy.iinfo(zero.dtype)
                q = numpy.rint(value / numpy.float32(scale)) + numpy.float32(zero)
                value = numpy.clip(q, low.min, low.max).astype(zero.dtype)
            out += value.tobytes()
        return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--runs", type=int, default=1000)
    arguments = parser.parse_args()
    for folder in arguments.folders:
        manifest = os.path.join(folder, "manifest.txt")
        if os.path.exists(manifest):
            with open(manifest) as file:
                models = [line.split() for line in file]
        else:
            models = [(f[:-len(".onnx")], "default") for f in sorted(os.listdir(folder)) if f.endswith(".onnx")]
        for name, way in models:
            reference = Reference(os.path.join(folder, name + ".onnx"), way)
            digest, first = 0xCBF29CE484222325, None
            for run in range(arguments.runs):
                out = reference.run(input_bytes(run, reference.input_bytes))
                first = first or out
                for byte in out:
                    digest = ((digest ^ byte) * 0x100000001B3) & U64
            print(name, arguments.runs, f"{digest:016x}", first[:48].hex(), flush=True)


if __name__ == "__main__":
    main()
