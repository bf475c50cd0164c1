// What happens before main and after it: constructors in order, zeroed and initialised data, thread-local storage, errno,
// exit handlers last in first out. The handlers check themselves: a wrong order ends the guest with exit code 1.

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <unistd.h>

#include "check.hpp"

namespace {

int order = 0;
int zeroed[1000];
int initialised[3] = {1, 2, 3};
thread_local int thread_initialised = 77;
thread_local int thread_zeroed;

struct Counted {
  explicit Counted(int expected) : right(order++ == expected) {}
  bool right;
};

__attribute__((init_priority(200))) Counted second(1);
__attribute__((init_priority(150))) Counted first(0);
Counted third(2);
Counted fourth(3);

struct Noisy {
  ~Noisy() { ++destroyed; }
  static int destroyed;
};
int Noisy::destroyed = 0;

Noisy& local_static() {
  static Noisy noisy;
  return noisy;
}

thread_local Noisy thread_noisy;

int handlers_run = 0;
void last_handler() {
  if (handlers_run != 40 || Noisy::destroyed != 2) {
    std::printf("expected 40 handlers and 2 destructors, found %d and %d\n", handlers_run, Noisy::destroyed);
    _exit(1);
  }
  std::printf("handlers ran in order\n");
}
template <int N>
void handler() {
  if (handlers_run != 39 - N) _exit(1);
  ++handlers_run;
}
template <int N>
void register_handlers() {
  if constexpr (N < 40) {
    CHECK(std::atexit(handler<N>) == 0);
    register_handlers<N + 1>();
  }
}

}  // namespace

int main(int argc, char** argv) {
  CHECK(first.right && second.right && third.right && fourth.right && order == 4);
  for (int value : zeroed) CHECK(value == 0);
  CHECK(initialised[0] == 1 && initialised[2] == 3);
  CHECK(thread_initialised == 77 && thread_zeroed == 0);
  thread_initialised = 1;
  thread_zeroed = 2;
  CHECK(thread_initialised == 1 && thread_zeroed == 2);
  errno = 0;
  CHECK(std::strtol("99999999999999999999999", nullptr, 10) == 0x7fffffffL || sizeof(long) == 8);
  CHECK(errno == ERANGE);
#ifdef __riscv
  CHECK(argc == 0 && argv[0] == nullptr && std::getenv("PATH") == nullptr);
#else
  CHECK(argc == 1 && argv[1] == nullptr);
#endif
  std::atexit(last_handler);
  local_static();
  (void)&thread_noisy;
  register_handlers<0>(); // more than one block of handlers
  return check::report();
}
