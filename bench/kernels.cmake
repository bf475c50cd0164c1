# Kernel benchmarks (Google Benchmark): build/bench/zkvm_bench_kernels. Included by stark/kernels.cmake.
add_executable(zkvm_bench_kernels ${CMAKE_CURRENT_LIST_DIR}/kernels.cpp)
zkvm_simd_sources(zkvm_bench_kernels ${CMAKE_CURRENT_LIST_DIR}/kernels.kernel.cpp)
target_link_libraries(zkvm_bench_kernels PRIVATE zkvm_stark_kernels benchmark::benchmark)
set_target_properties(zkvm_bench_kernels PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
