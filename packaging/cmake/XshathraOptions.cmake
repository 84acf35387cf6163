# Compiler settings that hold for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_RUNTIME_OUTPUT_DIRECTORY)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endif()

find_program(XSHATHRA_CCACHE ccache)
if(XSHATHRA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${XSHATHRA_CCACHE}")
endif()

add_library(xshathra_options INTERFACE)
add_library(Xshathra::Options ALIAS xshathra_options)
target_include_directories(xshathra_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(xshathra_options INTERFACE
  QT_NO_KEYWORDS QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_ASCII QT_NO_CAST_FROM_BYTEARRAY QT_NO_FOREACH
  XSHATHRA_VERSION="${PROJECT_VERSION}")
target_compile_options(xshathra_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${XSHATHRA_WERROR}>:-Werror>)

if(XSHATHRA_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(XSHATHRA_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(XSHATHRA_SANITIZER)
  message(FATAL_ERROR "XSHATHRA_SANITIZER is '${XSHATHRA_SANITIZER}'; allowed: address, thread, or empty")
endif()

if(XSHATHRA_BUILD_FUZZERS)
  # Coverage counters in our libraries, so that libFuzzer sees what an input reaches there.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# With sanitizers on, GCC 12 warns about members of std::optional, std::variant and std::regex that can't be read uninitialised.
if(XSHATHRA_SANITIZER)
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
