// From the entry point to main, and from main to the machine's halt.

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"

typedef void (*initialiser)(void);
extern initialiser __preinit_array_start[], __preinit_array_end[];
extern initialiser __init_array_start[], __init_array_end[];
extern initialiser __fini_array_start[], __fini_array_end[];

int main(int argc, char** argv, char** envp);

// Identifies this program to __cxa_atexit; there are no other loadable objects.
__attribute__((visibility("hidden"))) void* const __dso_handle = (void*)&__dso_handle;

// Handlers registered with atexit and __cxa_atexit, run last in, first out. A block that is full gets a successor.
struct handler {
  void (*function)(void*); // an atexit handler simply ignores its argument: ilp32 passes it in a register
  void* argument;
};

struct handler_block {
  struct handler_block* older;
  uint32_t count;
  struct handler handlers[32];
};

static struct handler_block first_block;
static struct handler_block* newest_block = &first_block;

int __cxa_atexit(void (*function)(void*), void* argument, void* dso) {
  (void)dso;
  struct handler_block* block = newest_block;
  if (block->count == sizeof block->handlers / sizeof block->handlers[0]) {
    struct handler_block* next = malloc(sizeof *next);
    if (next == NULL) return -1;
    next->older = block;
    next->count = 0;
    newest_block = block = next;
  }
  block->handlers[block->count].function = function;
  block->handlers[block->count].argument = argument;
  ++block->count;
  return 0;
}

// Destructors of thread_local objects: the only thread ends with the program.
int __cxa_thread_atexit(void (*function)(void*), void* argument, void* dso) {
  return __cxa_atexit(function, argument, dso);
}

ZKVM_REPLACEABLE int atexit(void (*function)(void)) { return __cxa_atexit((void (*)(void*))function, NULL, NULL); }

ZKVM_REPLACEABLE void exit(int code) {
  // A handler may register more: look at the counts afresh each time.
  for (;;) {
    struct handler_block* block = newest_block;
    if (block->count == 0) {
      if (block->older == NULL) break;
      newest_block = block->older;
      continue;
    }
    --block->count;
    struct handler handler = block->handlers[block->count];
    handler.function(handler.argument);
  }
  for (initialiser* f = __fini_array_end; f != __fini_array_start;) (*--f)();
  _exit(code);
}

ZKVM_REPLACEABLE void _exit(int code) {
  __zkvm_flush_streams();
  uint32_t journal_length = __zkvm_finish_journal();
  register uint32_t a0 __asm__("a0") = (uint32_t)code;
  register uint32_t a1 __asm__("a1") = journal_length;
  register uint32_t a7 __asm__("a7") = ZKVM_ECALL_HALT;
  for (;;) __asm__ volatile("ecall" : : "r"(a0), "r"(a1), "r"(a7) : "memory");
}

// 128 + SIGABRT, what a shell shows for an aborted native run.
ZKVM_REPLACEABLE void abort(void) { _exit(134); }

void __zkvm_die(const char* message) {
  fputs("guest: ", stderr);
  fputs(message, stderr);
  fputs("\n", stderr);
  abort();
}

ZKVM_REPLACEABLE void __assert_func(const char* file, int line, const char* function, const char* expression) {
  fprintf(stderr, "%s:%d: %s%sassertion `%s' failed\n", file, line, function == NULL ? "" : function,
          function == NULL ? "" : ": ", expression);
  abort();
}

// With -fstack-protector: the machine has no source of randomness that the prover could not choose.
ZKVM_REPLACEABLE uintptr_t __stack_chk_guard = 0x0a0dff00;
ZKVM_REPLACEABLE void __stack_chk_fail(void) { __zkvm_die("stack smashing detected"); }

// With exceptions: libgcc's unwinder, when it is linked, learns where the tables are. It keeps its notes in `notes`.
extern char __eh_frame_start[];
__attribute__((weak)) void __register_frame_info(const void* tables, void* notes);

__attribute__((noreturn)) void __zkvm_start(void) {
  static char* no_strings[1];
  static uint32_t notes[16];
  if (__register_frame_info != NULL) __register_frame_info(__eh_frame_start, notes);
  for (initialiser* f = __preinit_array_start; f != __preinit_array_end; ++f) (*f)();
  for (initialiser* f = __init_array_start; f != __init_array_end; ++f) (*f)();
  exit(main(0, no_strings, no_strings));
}
