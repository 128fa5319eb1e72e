/*
 * steptime: the clock of a scenario. Preloaded into the recursor by rpl/clock.py, which builds it with cc.
 * Adds an offset, read from a page shared with the runner, to every time libc hands out; the runner moves it for
 * TIME_PASSES. It allocates nothing and takes no lock, so it works under any allocator and from any constructor.
 * It never touches CLOCK_THREAD_CPUTIME_ID and the like, nor relative waits, which stay real.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct Offsets { _Atomic int64_t realtime, monotonic; };	/* nanoseconds, in this order in the shared page */
static const struct Offsets *_Atomic s_page;
static const struct Offsets s_none;

static const struct Offsets *page(void)
{
	const struct Offsets *p = s_page;
	if (p)
		return p;
	const char *path = getenv("STEPTIME_PAGE");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
	p = &s_none;
	if (fd >= 0) {
		void *m = mmap(NULL, sizeof(*p), PROT_READ, MAP_SHARED, fd, 0);
		if (m != MAP_FAILED)
			p = m;
		syscall(SYS_close, fd);
	}
	s_page = p;
	return p;
}

static int64_t offsetOf(clockid_t id)
{
	switch (id) {
	case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: case CLOCK_TAI:
		return page()->realtime;
	case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_COARSE: case CLOCK_MONOTONIC_RAW: case CLOCK_BOOTTIME:
		return page()->monotonic;
	default:
		return 0;
	}
}

static struct timespec moved(struct timespec t, int64_t by)
{
	const int64_t second = 1000000000, at = t.tv_nsec + by % second + second;	/* by may be negative */
	t.tv_sec += by / second + at / second - 1;
	t.tv_nsec = at % second;
	return t;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, id, ts);
	if (r == 0)
		*ts = moved(*ts, offsetOf(id));
	return r;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	(void)tz;
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *t)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	if (t)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

/* Absolute deadlines go back to the kernel's clock, or a wait would last as long as all steps together. */
static struct timespec real(clockid_t id, const struct timespec *at)
{
	struct timespec t = moved(*at, -offsetOf(id));
	return t.tv_sec < 0 ? (struct timespec){0, 0} : t;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, const struct timespec *restrict at)
{
	/* glibc keeps the clock of the attribute in bit 1 of this word */
	clockid_t id = (c->__data.__wrefs & 2) ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	struct timespec t = real(id, at);
	return NEXT(pthread_cond_timedwait)(c, m, &t);
}

int pthread_cond_clockwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m, clockid_t id,
			   const struct timespec *restrict at)
{
	struct timespec t = real(id, at);
	return NEXT(pthread_cond_clockwait)(c, m, id, &t);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict m, const struct timespec *restrict at)
{
	struct timespec t = real(CLOCK_REALTIME, at);
	return NEXT(pthread_mutex_timedlock)(m, &t);
}

int sem_timedwait(sem_t *restrict s, const struct timespec *restrict at)
{
	struct timespec t = real(CLOCK_REALTIME, at);
	return NEXT(sem_timedwait)(s, &t);
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *at, struct timespec *left)
{
	struct timespec t = (flags & TIMER_ABSTIME) ? real(id, at) : *at;
	return NEXT(clock_nanosleep)(id, flags, &t, left);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *old)
{
	struct itimerspec t = *at;
	if ((flags & TFD_TIMER_ABSTIME) && (t.it_value.tv_sec || t.it_value.tv_nsec))
		t.it_value = real(CLOCK_MONOTONIC, &at->it_value);
	return (int)syscall(SYS_timerfd_settime, fd, flags, &t, old);
}
