// What most unit tests include, parsed once for all of them (Meson's cpp_pch): Catch2 and the standard library.
// No test includes this file or may count on it: each includes what it uses, which a build with -Db_pch=false checks.
#include <fstream>

#include <catch2/catch.hpp>

#include "lib/pch/standard.hh"
