# zkvm_add_guest(NAME source... [OPTIONS flag...] [INCLUDES dir...] [DEFINITIONS def...] [DEPENDS thing...] [NATIVE])
#
# Builds the guest NAME.elf for the machine. Works in two settings:
#   - in a project configured for the host: sources are compiled by guest-sdk/bin/zkvm-gcc and zkvm-g++ whatever the
#     project's own compiler is; the result is ${ZKVM_GUEST_DIR}/NAME.elf (default build folder/guests), built by the
#     target NAME. NATIVE adds the target NAME-native, the same sources as a program for the host;
#   - in a project configured with guest-sdk/toolchain.cmake: an ordinary executable NAME.elf.
# The ELF's path is the target's property ZKVM_GUEST_ELF.

include_guard(GLOBAL)

define_property(TARGET PROPERTY ZKVM_GUEST_ELF BRIEF_DOCS "Path of a guest's ELF file")

function(zkvm_add_guest NAME)
  cmake_parse_arguments(G "NATIVE" "" "OPTIONS;INCLUDES;DEFINITIONS;DEPENDS" ${ARGN})
  if(NOT G_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "zkvm_add_guest(${NAME}): no sources")
  endif()
  set(sdk ${CMAKE_CURRENT_FUNCTION_LIST_DIR})

  if(ZKVM_GUEST_TOOLCHAIN)
    add_executable(${NAME} ${G_UNPARSED_ARGUMENTS})
    target_compile_options(${NAME} PRIVATE ${G_OPTIONS})
    target_include_directories(${NAME} PRIVATE ${G_INCLUDES})
    target_compile_definitions(${NAME} PRIVATE ${G_DEFINITIONS})
    set_target_properties(${NAME} PROPERTIES SUFFIX .elf ZKVM_GUEST_ELF $<TARGET_FILE:${NAME}>)
    return()
  endif()

  if(NOT ZKVM_GUEST_DIR)
    set(ZKVM_GUEST_DIR ${CMAKE_BINARY_DIR}/guests)
  endif()
  set(runtime_stamp ${CMAKE_BINARY_DIR}/guest-sdk/runtime.txt)
  set(run ${CMAKE_COMMAND} -E env ZKVM_SDK_BUILD=${CMAKE_BINARY_DIR}/guest-sdk)
  if(NOT TARGET zkvm-guest-runtime)
    file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${sdk}/runtime/* ${sdk}/include/* ${sdk}/shim/*)
    add_custom_command(OUTPUT ${runtime_stamp}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/guest-sdk
      COMMAND ${run} ${sdk}/bin/zkvm-g++ --zkvm-build-runtime > ${runtime_stamp}
      DEPENDS ${parts} ${sdk}/driver.sh
      COMMENT "Building the guest runtime library" VERBATIM)
    add_custom_target(zkvm-guest-runtime DEPENDS ${runtime_stamp})
  endif()

  set(flags ${G_OPTIONS})
  foreach(include ${G_INCLUDES})
    get_filename_component(include ${include} ABSOLUTE)
    list(APPEND flags -I${include})
  endforeach()
  foreach(definition ${G_DEFINITIONS})
    list(APPEND flags -D${definition})
  endforeach()

  set(objects)
  foreach(source ${G_UNPARSED_ARGUMENTS})
    get_filename_component(path ${source} ABSOLUTE)
    get_filename_component(file ${source} NAME)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.guest/${file}.o)
    set(compiler ${sdk}/bin/zkvm-g++)
    if(file MATCHES "\\.[cS]$")
      set(compiler ${sdk}/bin/zkvm-gcc)
    endif()
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.guest
      COMMAND ${run} ${compiler} ${flags} -MD -MF ${object}.d -MT ${object} -c ${path} -o ${object}
      DEPENDS ${path} ${G_DEPENDS} ${sdk}/driver.sh
      DEPFILE ${object}.d
      COMMENT "Compiling guest ${NAME}: ${file}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(elf ${ZKVM_GUEST_DIR}/${NAME}.elf)
  get_filename_component(folder ${elf} DIRECTORY)
  add_custom_command(OUTPUT ${elf}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${run} ${sdk}/bin/zkvm-g++ ${objects} ${G_OPTIONS} -o ${elf}
    DEPENDS ${objects} ${sdk}/link.ld ${sdk}/driver.sh zkvm-guest-runtime ${runtime_stamp}
    COMMENT "Linking guest ${elf}" VERBATIM)
  add_custom_target(${NAME} ALL DEPENDS ${elf})
  add_dependencies(${NAME} zkvm-guest-runtime)
  set_target_properties(${NAME} PROPERTIES ZKVM_GUEST_ELF ${elf})

  if(G_NATIVE)
    add_executable(${NAME}-native ${G_UNPARSED_ARGUMENTS} ${sdk}/host/io.cpp)
    target_include_directories(${NAME}-native PRIVATE ${sdk}/include ${G_INCLUDES})
    target_compile_definitions(${NAME}-native PRIVATE ${G_DEFINITIONS})
    target_compile_features(${NAME}-native PRIVATE cxx_std_20)
    if(TARGET zkvm_options)
      target_link_libraries(${NAME}-native PRIVATE zkvm_options)
    endif()
  endif()
endfunction()
