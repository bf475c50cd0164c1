# CMake toolchain for projects that are guests as a whole:
#   cmake -B build -DCMAKE_TOOLCHAIN_FILE=.../guest-sdk/toolchain.cmake
# zkvm_add_guest(NAME source...) and plain add_executable both give ELF files for the machine.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER ${CMAKE_CURRENT_LIST_DIR}/bin/zkvm-gcc)
set(CMAKE_CXX_COMPILER ${CMAKE_CURRENT_LIST_DIR}/bin/zkvm-g++)
set(CMAKE_ASM_COMPILER ${CMAKE_CURRENT_LIST_DIR}/bin/zkvm-gcc)
set(CMAKE_AR riscv64-unknown-elf-ar CACHE FILEPATH "")
set(CMAKE_RANLIB riscv64-unknown-elf-ranlib CACHE FILEPATH "")
set(CMAKE_EXECUTABLE_SUFFIX_C .elf)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .elf)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(ZKVM_GUEST_TOOLCHAIN ON)
include(${CMAKE_CURRENT_LIST_DIR}/ZkvmGuest.cmake)
