#pragma once
/// \file
/// Layer records: what a neural-network precompile reads about a layer. For C and C++, guest and host.
///
/// A record is constant data in the read-only memory of layers (section .zkvm.rom, addresses 0x6000'0000 to
/// 0x7f00'0000). It holds all of a layer that does not depend on the input: shapes, quantisation, weights. The machine
/// commits to it as part of the image ID; a guest cannot load from it or store to it, it can only name it in a call:
///
///     ecall with a7 = ZKVM_ECALL_NN, a0 = record, a1 = input, a2 = second input or 0, a3 = output
///
/// Pointers are multiples of 4 and name int8 tensors, row-major, channels last, channel counts multiples of 4. A call
/// reads all of its inputs before it writes; the output may be the input. Records are multiples of 32 bytes at
/// multiples of 32 bytes; every word that is not named here is 0. What a record computes is defined by software.hpp.

#include <stdint.h>

#include "../ecall.h"

#define ZKVM_NN_MAGIC 0x314e4e5au /* "ZNN1" */
#define ZKVM_NN_HEADER_BYTES 128  /* what follows the header starts here */
#define ZKVM_NN_ROM_BEGIN 0x60000000u
#define ZKVM_NN_ROM_END 0x7f000000u

enum zkvm_nn_kind {
  ZKVM_NN_LINEAR = 1,     /* convolution, depthwise convolution, fully connected, matmul; requantised */
  ZKVM_NN_ADD = 2,        /* sum of two tensors through two tables of int32, requantised */
  ZKVM_NN_TABLE = 3,      /* 256-entry activation */
  ZKVM_NN_POOL = 4,       /* average or maximum over windows */
  ZKVM_NN_SOFTMAX = 5,    /* along the last axis */
  ZKVM_NN_LAYER_NORM = 6, /* along the last axis */
};

enum zkvm_nn_operand {
  ZKVM_NN_DENSE = 0,      /* weights in the record, [out][kernel_h][kernel_w][in] */
  ZKVM_NN_DEPTHWISE = 1,  /* weights in the record, [kernel_h][kernel_w][channel] */
  ZKVM_NN_RAM_NK = 2,     /* the second input, [out_c][in_c] (a matrix product with a transposed right factor) */
  ZKVM_NN_RAM_KN = 3,     /* the second input, [in_c][out_c] */
};

/* Requantisation of one output channel: the accumulator plus bias is multiplied by multiplier / 2^31 * 2^shift. */
struct zkvm_nn_channel {
  int32_t bias;       /* in units of the accumulator */
  int32_t multiplier; /* 0 <= multiplier < 2^31 (Q31) */
  int32_t shift;      /* -31 ... 13; positive: to the left */
};

enum zkvm_nn_requantisation {
  ZKVM_NN_MULTIPLIERS = 0, /* struct zkvm_nn_channel: multiply, round twice, add out_zp, clamp */
  ZKVM_NN_THRESHOLDS = 1,  /* struct zkvm_nn_thresholds: any nondecreasing function of the accumulator */
};

/* One output channel as a step function: with a = bias + sum of products,
 *   output = -128 + number of i with threshold[i] <= a
 * so threshold[i] is the least a that gives -127 + i or more. Thresholds are nondecreasing; where two are equal, the
 * result between them does not occur. Accumulators a are within [-2^29, 2^29), thresholds within [-2^29, 2^29]: -2^29 is
 * always reached, 2^29 never. */
struct zkvm_nn_thresholds {
  int32_t bias; /* in units of the accumulator */
  int32_t threshold[255];
};

/* After the header: weight_out channels (struct zkvm_nn_channel, or struct zkvm_nn_thresholds where requantisation says
 * so), then the weights (int8), then zeros up to a multiple of 32 bytes. Channels of the tensors beyond weight_in and
 * weight_out have weight 0; those beyond weight_out are clamp(out_zp). With thresholds these alone decide: act_min is
 * -128 and act_max 127, and out_zp is only what channels beyond weight_out are. */
struct zkvm_nn_linear {
  uint32_t magic, kind, bytes, reserved; /* bytes: of the whole record */
  int32_t operand;                       /* enum zkvm_nn_operand */
  int32_t in_h, in_w, in_c;              /* matmul [M][K]: 1, M, K */
  int32_t out_h, out_w, out_c;           /* matmul [M][N]: 1, M, N */
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_top, pad_left;             /* output (0, 0) starts at input (-pad_top, -pad_left); outside is zero point */
  int32_t in_zp, b_zp, out_zp;           /* zero points, -128 ... 127; b_zp: of the second input, otherwise 0 */
  int32_t act_min, act_max;              /* -128 <= act_min <= act_max <= 127 */
  int32_t weight_in, weight_out;         /* channels that the record has weights for: <= in_c, <= out_c */
  int32_t requantisation;                /* enum zkvm_nn_requantisation */
  int32_t unused[5];
};

/* After the header: int32 first[256], second[256], indexed by an element's byte (its value modulo 256), each within
 * +-(2^28 - 1). output = clamp(requantise(first[x1] + second[x2]) + out_zp). */
struct zkvm_nn_add {
  uint32_t magic, kind, bytes, reserved;
  int32_t count; /* elements, a multiple of 4 */
  int32_t out_zp, act_min, act_max;
  int32_t multiplier, shift;
  int32_t unused[22];
};

/* After the header: int8 table[256], indexed by an element's byte. */
struct zkvm_nn_table {
  uint32_t magic, kind, bytes, reserved;
  int32_t count; /* elements, a multiple of 4 */
  int32_t unused[27];
};

/* In read-only memory windows lie within the input, pads are 0 and strides are at least the kernel: every position is read
 * once. Software takes all. */
struct zkvm_nn_pool {
  uint32_t magic, kind, bytes, reserved;
  int32_t is_max; /* 0: average, rounded half away from zero; 1: maximum */
  int32_t in_h, in_w, channels, out_h, out_w;
  int32_t kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left; /* outside of the input counts for nothing */
  int32_t act_min, act_max;
  int32_t unused[14];
};

/* After the header: int32 exponential[256], Q0.31: of -d input steps, d = maximum of the row - x, 0 from diff_min on. All
 * are in 0 ... 2^31 - 1, and exponential[0] is 2^31 - 1. */
struct zkvm_nn_softmax {
  uint32_t magic, kind, bytes, reserved;
  int32_t rows, cols; /* in read-only memory: at most 2^15, a multiple of 4 up to 4060; in software: any, up to 4095 */
  int32_t unused[26];
};

/* One channel of a layer norm. */
struct zkvm_nn_norm {
  int32_t gamma; /* within +-(2^13 - 1) */
  int32_t beta;  /* within +-2^28, in units of gamma * normalised */
};

/* After the header: cols channels (struct zkvm_nn_norm). With n = cols, s = sum of the row's x, all divisions rounding
 * down and sqrt the integer square root:
 *   variance = n * (sum of x^2) - s^2 + epsilon          (n^2 times the row's; below 2^39)
 *   inverse = 2^47 / sqrt(2^24 * variance)               (2^35 / sqrt(variance))
 *   normalised = ((n * x - s) * inverse + 2^24) / 2^25   (2^10 times; within +-2^16)
 *   output = clamp(requantise(gamma * normalised + beta) + out_zp)
 * The mean is taken off, so the input's zero point does not matter. In read-only memory rows are at most 2^15, and
 * |gamma| N + |beta| < 2^29 with N = ceil(2^10 sqrt(n - 1)) + 2, a bound of |normalised|: any gamma and beta up to 1024
 * columns. */
struct zkvm_nn_layer_norm {
  uint32_t magic, kind, bytes, reserved;
  int32_t rows, cols;               /* cols: a multiple of 4, at most 4096 */
  int32_t epsilon;                  /* at least 1 */
  int32_t out_zp, act_min, act_max;
  int32_t multiplier, shift;        /* as in zkvm_nn_channel */
  int32_t unused[20];
};

#ifdef __cplusplus
static_assert(sizeof(zkvm_nn_layer_norm) == ZKVM_NN_HEADER_BYTES && sizeof(zkvm_nn_norm) == 8);
static_assert(sizeof(zkvm_nn_linear) == ZKVM_NN_HEADER_BYTES && sizeof(zkvm_nn_add) == ZKVM_NN_HEADER_BYTES &&
              sizeof(zkvm_nn_table) == ZKVM_NN_HEADER_BYTES && sizeof(zkvm_nn_pool) == ZKVM_NN_HEADER_BYTES &&
              sizeof(zkvm_nn_softmax) == ZKVM_NN_HEADER_BYTES && sizeof(zkvm_nn_channel) == 12 &&
              sizeof(zkvm_nn_thresholds) == 1024);
#endif
