# Entry point: sets the three pointers that compiled code relies on. Memory starts zeroed, so nothing is cleared.

    .section .text.zkvm_start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    la tp, __tls_base
    tail __zkvm_start
    .size _start, . - _start
