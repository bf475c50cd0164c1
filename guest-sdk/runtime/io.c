// zkvm/io.h over the machine: the input is mapped into memory, the journal leaves one word at a time.

#include "zkvm/io.h"

#include "runtime.h"

extern const uint8_t __zkvm_input[]; // from link.ld: length (32 bits), then the bytes

static uint32_t journal_length;
static uint32_t partial_word; // the journal_length % 4 bytes not yet emitted, upper bytes zero

void read_input(const uint8_t** data, size_t* size) {
  *size = *(const zkvm_word*)__zkvm_input;
  *data = __zkvm_input + 4;
}

void write_output(const uint8_t* data, size_t size) {
  uint32_t held = 8 * (journal_length & 3); // bits in partial_word, 0..24
  journal_length += size;
  if (held == 0 && ((uintptr_t)data & 3) == 0) {
    while (size >= 16) {
      const zkvm_word* words = (const zkvm_word*)data;
      zkvm_emit(words[0]);
      zkvm_emit(words[1]);
      zkvm_emit(words[2]);
      zkvm_emit(words[3]);
      data += 16;
      size -= 16;
    }
    while (size >= 4) {
      zkvm_emit(*(const zkvm_word*)data);
      data += 4;
      size -= 4;
    }
  }
  uint32_t word = partial_word;
  for (; size > 0; --size) {
    word |= (uint32_t)*data++ << held;
    held += 8;
    if (held == 32) {
      zkvm_emit(word);
      word = 0;
      held = 0;
    }
  }
  partial_word = word;
}

uint32_t __zkvm_finish_journal(void) {
  if ((journal_length & 3) != 0) zkvm_emit(partial_word);
  return journal_length;
}
