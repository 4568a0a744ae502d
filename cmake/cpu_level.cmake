# Turns SOAPSTONE_CPU_LEVEL into `cpu_level` (its name) and `cpu_level_options` (the flags).
#
# `native` becomes the named level that this machine reaches, not -march=native, so that two
# machines of one level build the same program and compute the same numbers.

function(native_cpu_level result)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    set(${result} armv8-a PARENT_SCOPE)
    return()
  endif()
  execute_process(
    COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E -x c++ /dev/null
    OUTPUT_VARIABLE macros ERROR_QUIET)
  set(v2 SSE4_2 POPCNT)
  set(v3 AVX2 FMA BMI2 F16C MOVBE)
  set(v4 AVX512F AVX512BW AVX512CD AVX512DQ AVX512VL)
  set(level x86-64)
  foreach(candidate v2 v3 v4)
    foreach(macro ${${candidate}})
      if(NOT macros MATCHES "#define __${macro}__ 1")
        set(${result} ${level} PARENT_SCOPE)
        return()
      endif()
    endforeach()
    set(level x86-64-${candidate})
  endforeach()
  set(${result} ${level} PARENT_SCOPE)
endfunction()

set(cpu_level ${SOAPSTONE_CPU_LEVEL})
if(cpu_level STREQUAL "native")
  native_cpu_level(cpu_level)
endif()

set(cpu_level_options -march=${cpu_level} -mtune=generic)
if(cpu_level STREQUAL "x86-64-v4")
  list(APPEND cpu_level_options -mprefer-vector-width=512)
endif()

include(CheckCXXSourceCompiles)
list(JOIN cpu_level_options " " CMAKE_REQUIRED_FLAGS)
string(MAKE_C_IDENTIFIER "compiler_knows_${cpu_level}" compiler_knows_level)
check_cxx_source_compiles("int main() { return 0; }" ${compiler_knows_level})
if(NOT ${compiler_knows_level})
  message(FATAL_ERROR
    "This compiler cannot build for ${cpu_level}: use GCC 11 or Clang 12 or newer (set CXX), "
    "or choose another SOAPSTONE_CPU_LEVEL.")
endif()
unset(CMAKE_REQUIRED_FLAGS)
message(STATUS "CPU level: ${cpu_level}")
