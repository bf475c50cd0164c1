# Kernels of the proof system: vector field arithmetic, extension, hashing, Merkle trees.
#   zkvm_stark_hash     portable hash suite and Merkle verification; no SIMD, no threads, no exceptions (verifier side)
#   zkvm_stark_kernels  everything the prover runs fast, in three instruction sets

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(ZKVM_SIMD_ISAS portable avx2 avx512)
else()
  set(ZKVM_SIMD_ISAS portable)
endif()
set(ZKVM_SIMD_FLAGS_portable "")
set(ZKVM_SIMD_FLAGS_avx2 -mavx2 -mbmi2)
set(ZKVM_SIMD_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mbmi2)
# Undefined behaviour is looked for in the portable build of the same sources: instrumented, fully unrolled vector code
# takes minutes to compile.
list(APPEND ZKVM_SIMD_FLAGS_avx2 -fno-sanitize=undefined)
list(APPEND ZKVM_SIMD_FLAGS_avx512 -fno-sanitize=undefined)
# g++ 12 warns about its own _mm512_undefined_epi32() once inlined (GCC bug 105593).
list(APPEND ZKVM_SIMD_FLAGS_avx512 $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized>
     $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

# zkvm_simd_sources(TARGET file.kernel.cpp...): compiles each file once per instruction set with its flags, through
# wrappers generated in the build folder. The file includes ZKVM_SIMD_HEADER and puts everything into
# namespace zkvm::stark { namespace ZKVM_SIMD_NS { ... } }. Inline functions shared with other translation units (those
# of F and E, and std templates) must be inlined away or avoided: the linker would keep only one copy, possibly one that
# an older processor cannot run. The test simd_symbols_stay_private checks that.
# The flags are set for this folder's scope, so call it from the CMakeLists.txt that defines TARGET.
function(zkvm_simd_sources TARGET)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE)
    file(RELATIVE_PATH room_path ${CMAKE_SOURCE_DIR} ${path})
    string(MAKE_C_IDENTIFIER ${room_path} name)
    foreach(isa ${ZKVM_SIMD_ISAS})
      set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/simd/${name}.${isa}.cpp)
      file(CONFIGURE OUTPUT ${wrapper} CONTENT
"#define ZKVM_SIMD_NS @isa@
#define ZKVM_SIMD_HEADER \"stark/simd/vec_@isa@.hpp\"
#include \"@room_path@\"
" @ONLY)
      set_source_files_properties(${wrapper} PROPERTIES COMPILE_OPTIONS "${ZKVM_SIMD_FLAGS_${isa}}")
      target_sources(${TARGET} PRIVATE ${wrapper})
    endforeach()
  endforeach()
endfunction()

set(ZKVM_KERNELS_DIR ${CMAKE_CURRENT_LIST_DIR})

add_library(zkvm_stark_hash STATIC
  ${ZKVM_KERNELS_DIR}/hash/blake3.cpp
  ${ZKVM_KERNELS_DIR}/hash/suite.cpp
  ${ZKVM_KERNELS_DIR}/merkle/verify.cpp)
target_link_libraries(zkvm_stark_hash PUBLIC zkvm_options)

add_library(zkvm_stark_kernels STATIC
  ${ZKVM_KERNELS_DIR}/simd/dispatch.cpp
  ${ZKVM_KERNELS_DIR}/simd/buffer.cpp
  ${ZKVM_KERNELS_DIR}/hash/rows.cpp
  ${ZKVM_KERNELS_DIR}/merkle/tree.cpp
  ${ZKVM_KERNELS_DIR}/ntt/matrix.cpp
  ${ZKVM_KERNELS_DIR}/ntt/lde.cpp)
zkvm_simd_sources(zkvm_stark_kernels
  ${ZKVM_KERNELS_DIR}/hash/hash.kernel.cpp
  ${ZKVM_KERNELS_DIR}/ntt/ntt.kernel.cpp)
target_link_libraries(zkvm_stark_kernels PUBLIC zkvm_options zkvm_stark_hash OpenMP::OpenMP_CXX)

if(ZKVM_BUILD_TESTS)
  zkvm_test(stark_simd_test SOURCES ${ZKVM_KERNELS_DIR}/simd/vec_test.cpp LIBS zkvm_stark_kernels)
  zkvm_test(stark_buffer_test SOURCES ${ZKVM_KERNELS_DIR}/simd/buffer_test.cpp LIBS zkvm_stark_kernels)
  zkvm_simd_sources(stark_simd_test ${ZKVM_KERNELS_DIR}/simd/vec_test.kernel.cpp)
  zkvm_test(stark_hash_test SOURCES ${ZKVM_KERNELS_DIR}/hash/hash_test.cpp LIBS zkvm_stark_kernels)
  zkvm_test(stark_merkle_test SOURCES ${ZKVM_KERNELS_DIR}/merkle/merkle_test.cpp LIBS zkvm_stark_kernels)
  zkvm_test(stark_ntt_test SOURCES ${ZKVM_KERNELS_DIR}/ntt/lde_test.cpp LIBS zkvm_stark_kernels)
  # Says something about optimised builds only: without optimisation inline functions are not inlined.
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND "avx2" IN_LIST ZKVM_SIMD_ISAS)
    add_test(NAME simd_symbols_stay_private
             COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DBUILD_DIR=${CMAKE_BINARY_DIR} -P
                     ${ZKVM_KERNELS_DIR}/simd/check_symbols.cmake)
  endif()
endif()

if(ZKVM_BUILD_BENCH)
  find_package(benchmark REQUIRED)
  include(${CMAKE_SOURCE_DIR}/bench/kernels.cmake)
endif()
