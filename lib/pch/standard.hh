// The headers of the standard library that most sources include, parsed once for all of lib/ and recursor/ (Meson's
// cpp_pch). No source includes this file or may count on it: each includes what it uses, which a build with
// -Db_pch=false checks.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <coroutine>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>
