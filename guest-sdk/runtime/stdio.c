// stdin, stdout and stderr for picolibc, and the file descriptors under them. Output is collected line by line, since a
// print costs the guest one instruction whatever its length; stdin reads the private input. There are no files.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime.h"
#include "zkvm/io.h"

struct output {
  FILE file; // first, so that a FILE* is an output*
  uint32_t call;
  uint32_t used;
  char* buffer;
};

enum { BUFFER_SIZE = 512 };

static int flush_output(FILE* file) {
  struct output* out = (struct output*)file;
  if (out->used > 0) zkvm_print(out->call, out->buffer, out->used);
  out->used = 0;
  return 0;
}

static int put_output(char c, FILE* file) {
  struct output* out = (struct output*)file;
  out->buffer[out->used++] = c;
  if (c == '\n' || out->used == BUFFER_SIZE) flush_output(file);
  return (unsigned char)c;
}

// Apart from the streams: zeroed memory is not part of the program's image.
static char output_buffer[BUFFER_SIZE], errors_buffer[BUFFER_SIZE];

static struct output output = {FDEV_SETUP_STREAM(put_output, NULL, flush_output, _FDEV_SETUP_WRITE),
                               ZKVM_ECALL_PRINT_STDOUT, 0, output_buffer};
static struct output errors = {FDEV_SETUP_STREAM(put_output, NULL, flush_output, _FDEV_SETUP_WRITE),
                               ZKVM_ECALL_PRINT_STDERR, 0, errors_buffer};

static size_t input_position;

static int get_input(FILE* file) {
  (void)file;
  const uint8_t* data;
  size_t size;
  read_input(&data, &size);
  return input_position < size ? data[input_position++] : _FDEV_EOF;
}

static FILE input = FDEV_SETUP_STREAM(NULL, get_input, NULL, _FDEV_SETUP_READ);

FILE* const stdin = &input;
FILE* const stdout = &output.file;
FILE* const stderr = &errors.file;

void __zkvm_flush_streams(void) {
  flush_output(&output.file);
  flush_output(&errors.file);
}

ZKVM_REPLACEABLE ssize_t write(int descriptor, const void* data, size_t size) {
  if (descriptor != 1 && descriptor != 2) {
    errno = EBADF;
    return -1;
  }
  FILE* file = descriptor == 1 ? stdout : stderr;
  flush_output(file);
  zkvm_print(((struct output*)file)->call, data, size);
  return (ssize_t)size;
}

ZKVM_REPLACEABLE ssize_t read(int descriptor, void* data, size_t size) {
  if (descriptor != 0) {
    errno = EBADF;
    return -1;
  }
  const uint8_t* source;
  size_t available;
  read_input(&source, &available);
  available -= input_position;
  if (size > available) size = available;
  __builtin_memcpy(data, source + input_position, size);
  input_position += size;
  return (ssize_t)size;
}

ZKVM_REPLACEABLE int open(const char* path, int flags, ...) {
  (void)path, (void)flags;
  errno = ENOENT;
  return -1;
}

ZKVM_REPLACEABLE int close(int descriptor) {
  (void)descriptor;
  errno = EBADF;
  return -1;
}

ZKVM_REPLACEABLE off_t lseek(int descriptor, off_t offset, int whence) {
  (void)descriptor, (void)offset, (void)whence;
  errno = ESPIPE;
  return -1;
}

ZKVM_REPLACEABLE int isatty(int descriptor) {
  (void)descriptor;
  return 0;
}

ZKVM_REPLACEABLE int fstat(int descriptor, struct stat* status) {
  (void)descriptor, (void)status;
  errno = EBADF;
  return -1;
}

ZKVM_REPLACEABLE int unlink(const char* path) {
  (void)path;
  errno = ENOENT;
  return -1;
}
