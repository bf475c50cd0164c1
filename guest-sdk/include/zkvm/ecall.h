// The calls a guest makes to the machine: number in a7, arguments in a0 to a3. No register changes.
// vm/ gives them their meaning; anything else in a7 traps.
#ifndef ZKVM_ECALL_H
#define ZKVM_ECALL_H

#define ZKVM_ECALL_HALT 0               // a0 = exit code, a1 = journal length in bytes; does not return
#define ZKVM_ECALL_WRITE_JOURNAL_WORD 1 // a0 = the next 4 bytes of the journal, little-endian
#define ZKVM_ECALL_PRINT_STDOUT 2       // a0 = pointer, a1 = length in bytes; shown by the host, proves nothing
#define ZKVM_ECALL_PRINT_STDERR 3       // likewise, to the host's stderr

// Precompiles: pointers in a0 to a3, multiples of 4 in memory. All of a call's inputs are read before it writes.
#define ZKVM_ECALL_NN 16     // zkvm/nn/record.h: a0 = layer record, a1 = input, a2 = second input or 0, a3 = output
#define ZKVM_ECALL_SHA256 32 // a0 = state, 8 words, updated; a1 = block, 64 bytes in message order
#define ZKVM_ECALL_KECCAK 33 // a0 = state, 25 lanes of 64 bits, little-endian; replaced by its Keccak-f[1600]

#endif
