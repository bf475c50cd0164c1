#!/usr/bin/env python3
"""make_models.py FOLDER: the models of this folder, made anew from seeds and quantised by onnxruntime's quantiser.

For each: NAME.onnx, NAME.input (bytes of a seeded input) and NAME.output (what onnxruntime gives, run as manifest.txt
says; see testing/record.py).
Weights are random, scaled so that values neither vanish nor explode: what matters here is the arithmetic. Needs numpy,
onnx and onnxruntime (made with onnx 1.23, onnxruntime 1.32).
"""
import os
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "testing"))
import record  # noqa: E402


class Net:
    """A float model, layer by layer; every method returns the name of its output."""

    def __init__(self, name, seed, shape):
        self.name, self.random = name, numpy.random.default_rng(seed)
        self.shape, self.nodes, self.constants, self.counts = shape, [], [], {}

    def node(self, op, *inputs, **attributes):
        number = self.counts.get(op, 0)
        self.counts[op] = number + 1
        out = f"{op.lower()}{number}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], name=out, **attributes))
        return out

    def constant(self, value):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(value), name))
        return name

    def weights(self, shape, inputs):
        return self.constant((self.random.normal(size=shape) * (2 / inputs) ** 0.5).astype(numpy.float32))

    def bias(self, n):
        return self.constant((self.random.normal(size=n) * 0.2).astype(numpy.float32))

    def conv(self, x, ins, outs, kernel, group=1, pads=None, **attributes):
        pads = pads or [kernel // 2] * 4
        w = self.weights((outs, ins // group, kernel, kernel), ins // group * kernel * kernel)
        return self.node("Conv", x, w, self.bias(outs), kernel_shape=[kernel] * 2, group=group, pads=pads, **attributes)

    def gemm(self, x, ins, outs):
        return self.node("Gemm", x, self.weights((outs, ins), ins), self.bias(outs), transB=1)

    def model(self, output):
        graph = helper.make_graph(
            self.nodes, self.name, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *self.shape])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


class Calibration(CalibrationDataReader):
    def __init__(self, seed, shape):
        random = numpy.random.default_rng(seed)
        self.data = iter([{"image": random.normal(size=(1, *shape)).astype(numpy.float32)} for _ in range(32)])

    def get_next(self):
        return next(self.data, None)


def residual(seed):
    """Convolutions with a shortcut, a mean, a classifier."""
    n = Net("residual", seed, (3, 16, 16))
    x = n.node("Relu", n.conv("image", 3, 8, 3))
    y = n.node("Relu", n.conv(x, 8, 8, 3))
    x = n.node("Relu", n.node("Add", x, n.conv(y, 8, 8, 3)))
    x = n.node("Relu", n.conv(x, 8, 16, 3, strides=[2, 2]))
    x = n.node("Flatten", n.node("GlobalAveragePool", x))
    return n, n.gemm(x, 16, 10)


def mobile(seed):
    """Channels last outside, depthwise convolutions with ReLU6, two branches, a pool, a gate."""
    n = Net("mobile", seed, (16, 16, 2))
    x = n.node("Transpose", "image", perm=[0, 3, 1, 2])
    six = [n.constant(numpy.float32(0)), n.constant(numpy.float32(6))]
    x = n.node("Clip", n.conv(x, 2, 8, 3, strides=[2, 2], pads=[0, 0, 1, 1]), *six)
    x = n.node("Clip", n.conv(x, 8, 8, 3, group=8), *six)
    a = n.conv(x, 8, 6, 1)
    b = n.node("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    x = n.node("Concat", a, b, axis=1)
    x = n.node("Clip", n.conv(x, 14, 14, 3, group=14, dilations=[2, 2], pads=[2, 2, 2, 2]), *six)
    x = n.node("Mul", x, n.node("Sigmoid", n.conv(x, 14, 14, 1)))
    x = n.node("AveragePool", x, kernel_shape=[3, 3], strides=[3, 3])
    x = n.node("Transpose", x, perm=[0, 2, 3, 1])
    x = n.node("Reshape", x, n.constant(numpy.array([-1, 56], numpy.int64)))
    return n, n.gemm(x, 56, 5)


def dense(seed):
    """Fully connected layers, a Softmax."""
    n = Net("dense", seed, (64,))
    x = n.node("Relu", n.gemm("image", 64, 48))
    x = n.node("Tanh", n.gemm(x, 48, 32))
    x = n.node("MatMul", x, n.weights((32, 10), 32))
    x = n.node("Add", x, n.bias(10))
    return n, n.node("Softmax", x, axis=-1)


def quantise(name, way, folder, net, output, form, activation, weight, per_channel):
    float_model, path = os.path.join(folder, "float.onnx"), os.path.join(folder, name + ".onnx")
    onnx.save(net.model(output), float_model)
    quantize_static(float_model, path, Calibration(7, net.shape), quant_format=form, per_channel=per_channel,
                    activation_type=activation, weight_type=weight)
    os.remove(float_model)
    model = onnx.load(path)
    del model.graph.value_info[:]
    onnx.save(model, path)
    reference = record.Reference(path, way)
    data = record.input_bytes(0, reference.input_bytes)
    for ending, content in (("input", data.tobytes()), ("output", reference.run(data))):
        with open(os.path.join(folder, f"{name}.{ending}"), "wb") as file:
            file.write(content)
    with open(os.path.join(folder, "manifest.txt"), "a") as file:
        file.write(f"{name} {way}\n")


def main():
    folder = sys.argv[1]
    open(os.path.join(folder, "manifest.txt"), "w").close()
    int8, uint8 = QuantType.QInt8, QuantType.QUInt8
    quantise("residual_qdq", "int8", folder, *residual(1), QuantFormat.QDQ, int8, int8, True)
    quantise("residual_qoperator", "default", folder, *residual(2), QuantFormat.QOperator, uint8, uint8, False)
    quantise("mobile_qdq", "int8", folder, *mobile(3), QuantFormat.QDQ, int8, int8, True)
    quantise("mobile_qoperator", "default", folder, *mobile(4), QuantFormat.QOperator, uint8, int8, False)
    quantise("dense_qdq", "default", folder, *dense(5), QuantFormat.QDQ, int8, int8, False)


if __name__ == "__main__":
    main()
