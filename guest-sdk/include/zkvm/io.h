// Input and output of a guest, as in the eth-act zkVM standards (standards/io-interface): the same source runs in this
// machine, in others that follow the standard, and natively (guest-sdk/host). C and C++.
#ifndef ZKVM_IO_H
#define ZKVM_IO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Sets *data to the first byte of the private input and *size to its length in bytes. The bytes stay where they are for
// the whole run and nothing is copied; they must not be written to. Cannot fail; may be called any number of times.
// *data is 4-byte aligned.
void read_input(const uint8_t** data, size_t* size);

// Appends `size` bytes to the journal, the public output that a receipt commits to. Cannot fail. Whole words are cheapest:
// two or three instructions for 4 bytes when `data` and the journal's length so far are multiples of 4. Every byte becomes
// public: of a structure also its padding, which may hold what was in memory before. C++ has commit_value (guest.hpp),
// which refuses such types; in C write the members one by one, or call __builtin_clear_padding first.
void write_output(const uint8_t* data, size_t size);

#ifdef __cplusplus
}
#endif

#endif
