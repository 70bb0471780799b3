# The packages that Memdyn needs, as targets: for its own build and, installed beside the library, for its users.
enable_language(C) # HDF5's module tries its libraries with a C program
find_package(Boost 1.74 REQUIRED)
find_package(Eigen3 3.4 REQUIRED)
find_package(fmt REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_package(Threads REQUIRED)
if(NOT TARGET memdyn::hdf5)
  add_library(memdyn::hdf5 INTERFACE IMPORTED)
  set_target_properties(memdyn::hdf5 PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${HDF5_INCLUDE_DIRS}"
                                                INTERFACE_LINK_LIBRARIES "${HDF5_HL_LIBRARIES};${HDF5_LIBRARIES}")
endif()
# Their package configurations ask for more than their headers need, or do not exist.
foreach(dependency "xsimd xsimd/xsimd.hpp" "random123 Random123/philox.h" "udunits udunits2.h")
  string(REPLACE " " ";" dependency ${dependency})
  list(POP_FRONT dependency name header)
  find_path(MEMDYN_${name}_INCLUDE_DIR ${header} PATH_SUFFIXES udunits2 REQUIRED)
  if(NOT TARGET memdyn::${name})
    add_library(memdyn::${name} INTERFACE IMPORTED)
    set_target_properties(memdyn::${name} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${MEMDYN_${name}_INCLUDE_DIR}")
  endif()
endforeach()
find_library(MEMDYN_UDUNITS_LIBRARY udunits2 REQUIRED)
set_target_properties(memdyn::udunits PROPERTIES INTERFACE_LINK_LIBRARIES "${MEMDYN_UDUNITS_LIBRARY}")
