# Finds capstone 5 or later (the first version that knows RISC-V) and defines the target capstone5::capstone.
# Looks in CAPSTONE_ROOT, then in build/capstone of the source tree (made by build_capstone in guest-sdk/setup.sh on
# Debian 12), then in the system. Sets Capstone5_FOUND and Capstone5_VERSION.

if(CAPSTONE_ROOT)
  set(_capstone5_hints ${CAPSTONE_ROOT})
else()
  set(_capstone5_hints ${PROJECT_SOURCE_DIR}/build/capstone)
endif()

find_path(CAPSTONE5_INCLUDE_DIR NAMES capstone/capstone.h HINTS ${_capstone5_hints} PATH_SUFFIXES include)
find_library(CAPSTONE5_LIBRARY NAMES capstone HINTS ${_capstone5_hints} PATH_SUFFIXES lib)
mark_as_advanced(CAPSTONE5_INCLUDE_DIR CAPSTONE5_LIBRARY)

set(Capstone5_VERSION "")
if(CAPSTONE5_INCLUDE_DIR)
  file(STRINGS ${CAPSTONE5_INCLUDE_DIR}/capstone/capstone.h _capstone5_lines REGEX "define CS_(API|VERSION)_[A-Z]+")
  foreach(_part API_MAJOR API_MINOR VERSION_EXTRA)
    string(REGEX MATCH "CS_${_part}[ \t]+([0-9]+)" _unused "${_capstone5_lines}")
    list(APPEND _capstone5_parts ${CMAKE_MATCH_1})
  endforeach()
  list(JOIN _capstone5_parts "." Capstone5_VERSION)
  unset(_capstone5_parts)
  if(Capstone5_VERSION VERSION_LESS 5)
    message(STATUS "Ignoring capstone ${Capstone5_VERSION} in ${CAPSTONE5_INCLUDE_DIR}: expected 5 or later")
    unset(CAPSTONE5_INCLUDE_DIR CACHE)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Capstone5 REQUIRED_VARS CAPSTONE5_LIBRARY CAPSTONE5_INCLUDE_DIR
                                  VERSION_VAR Capstone5_VERSION)

if(Capstone5_FOUND AND NOT TARGET capstone5::capstone)
  add_library(capstone5::capstone UNKNOWN IMPORTED)
  set_target_properties(capstone5::capstone PROPERTIES
    IMPORTED_LOCATION ${CAPSTONE5_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${CAPSTONE5_INCLUDE_DIR})
endif()
