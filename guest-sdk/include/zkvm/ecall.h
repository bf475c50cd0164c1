// The calls a guest makes to the machine: number in a7, arguments in a0 and a1. No register changes.
// vm/ gives them their meaning; anything else in a7 traps.
#ifndef ZKVM_ECALL_H
#define ZKVM_ECALL_H

#define ZKVM_ECALL_HALT 0               // a0 = exit code, a1 = journal length in bytes; does not return
#define ZKVM_ECALL_WRITE_JOURNAL_WORD 1 // a0 = the next 4 bytes of the journal, little-endian
#define ZKVM_ECALL_PRINT_STDOUT 2       // a0 = pointer, a1 = length in bytes; shown by the host, proves nothing
#define ZKVM_ECALL_PRINT_STDERR 3       // likewise, to the host's stderr

#endif
