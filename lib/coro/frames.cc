// One list of free frames for each multiple of 64 octets. What is too large, or too much, goes to the allocator.
#include "lib/coro/frames.hh"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <new>
#include <vector>

namespace coro::detail {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kClasses = 32; // frames of up to 2048 octets
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ROOTWALK_NO_FREE_FRAMES
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ROOTWALK_NO_FREE_FRAMES
#endif

// Free frames of one size. None under the address sanitizer, which is to see who uses a frame that is gone.
#ifdef ROOTWALK_NO_FREE_FRAMES
constexpr std::size_t kKept = 0;
#else
constexpr std::size_t kKept = 256;
#endif

struct FreeFrame {
  FreeFrame* next;
};

struct FreeList {
  FreeFrame* first = nullptr;
  std::size_t count = 0;
};

// Counts of all threads: each writes its own, whoever wants to know adds them up.
class Census {
 public:
  using Count = std::atomic<std::int64_t>;
  void enter(const Count& count) {
    const std::lock_guard lock(d_mutex);
    d_counts.push_back(&count);
  }
  void leave(const Count& count) {
    const std::lock_guard lock(d_mutex);
    std::erase(d_counts, &count);
    d_ofThreadsGone += count.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t sum() {
    const std::lock_guard lock(d_mutex);
    std::int64_t sum = d_ofThreadsGone;
    for (const Count* count : d_counts) {
      sum += count->load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  std::mutex d_mutex;
  std::vector<const Count*> d_counts;
  std::int64_t d_ofThreadsGone = 0;
};

Census& census() {
  static auto* all = new Census(); // threads may end later than statics do
  return *all;
}

// Constant initialisation and no destructor, so that access needs no guard.
struct FreeLists {
  std::array<FreeList, kClasses> lists;
  Census::Count live = 0; // made here less freed here
  bool over = false;      // the thread ends
  void count(std::int64_t more) { live.store(live.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); }
  void clear();
};

constinit thread_local FreeLists t_free;

void FreeLists::clear() {
  for (FreeList& list : lists) {
    while (list.first != nullptr) {
      FreeFrame* frame = list.first;
      list.first = frame->next;
      ::operator delete(frame);
    }
    list.count = 0;
  }
}

// This thread among those that are counted, until it ends.
class Membership {
 public:
  Membership() { census().enter(t_free.live); }
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  ~Membership() {
    t_free.over = true;
    census().leave(t_free.live);
    t_free.clear();
  }
};

// A thread's first frame comes from here.
void* newFrame(std::size_t size) {
  thread_local const Membership membership;
  static_cast<void>(membership);
  return ::operator new(size);
}

std::size_t classOf(std::size_t size) { return (size - 1) / kStep; }

} // namespace

void* takeFrame(std::size_t size) {
  const std::size_t number = classOf(size);
  t_free.count(1);
  if (number >= kClasses) {
    return newFrame(size);
  }
  FreeList& list = t_free.lists[number];
  if (list.first == nullptr) {
    return newFrame((number + 1) * kStep);
  }
  FreeFrame* frame = list.first;
  list.first = frame->next;
  --list.count;
  return frame;
}

void giveFrame(void* frame, std::size_t size) noexcept {
  const std::size_t number = classOf(size);
  t_free.count(-1);
  if (number >= kClasses || t_free.over || t_free.lists[number].count >= kKept) {
    ::operator delete(frame);
    return;
  }
  FreeList& list = t_free.lists[number];
  list.first = new (frame) FreeFrame{list.first};
  ++list.count;
}

} // namespace coro::detail

std::int64_t coro::liveFrames() { return coro::detail::census().sum(); }
