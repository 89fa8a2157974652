/* Kills the process it is preloaded into at one chosen file operation, or writes down which operations there are.
 *
 *   FAULT_UNDER  only files whose path starts with this are watched
 *   FAULT_TRACE  a file that gets one line for each watched operation: "<kind> <bytes> <path>"
 *   FAULT_AT     the number (from 1) of the operation to die at
 *   FAULT_MODE   before: it is not done; after: it is done and not answered; torn: the first half of a write is done
 *
 * Kinds: write, sync, truncate, unlink, rename, create (an open that may create the file).
 * Build: cc -shared -fPIC -O1 -o faultio.so faultio.c -ldl        Linux only: paths of descriptors come from /proc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum fate { GO_ON, DIE_AFTER, TEAR };

static const char *under, *mode = "before";
static long fatal_number, seen;
static int trace = -1;

/* Exported: a forked child that was given other settings calls it again. */
__attribute__((constructor)) void read_environment(void)
{
    const char *number = getenv("FAULT_AT"), *chosen = getenv("FAULT_MODE"), *file = getenv("FAULT_TRACE");
    under = getenv("FAULT_UNDER");
    seen = 0;
    fatal_number = number ? atol(number) : 0;
    if (chosen)
        mode = chosen;
    /* A raw system call: our own open() below would watch it. */
    if (file)
        trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int path_is_watched(const char *path)
{
    return under && path && strncmp(path, under, strlen(under)) == 0;
}

/* The path behind a descriptor, or NULL when it is not watched. The buffer has PATH_MAX bytes. */
static const char *watched_path(int fd, char *buffer)
{
    char link[64];
    ssize_t length;
    if (!under)
        return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, buffer, PATH_MAX - 1);
    if (length < 0)
        return NULL;
    buffer[length] = 0;
    return path_is_watched(buffer) ? buffer : NULL;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Counts one operation, notes it, and dies here when its number has come and it must not be done. */
static enum fate operation(const char *kind, size_t bytes, const char *path)
{
    long number = ++seen;
    if (trace >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%s %zu %s\n", kind, bytes, path);
        if (syscall(SYS_write, trace, line, (size_t)length) != length)
            abort();
    }
    if (number != fatal_number)
        return GO_ON;
    if (strcmp(mode, "after") == 0)
        return DIE_AFTER;
    if (strcmp(mode, "torn") == 0)
        return TEAR;
    die();
    return GO_ON;
}

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) \
        real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

/* Does `call` (which may use `size`) under the fate of this operation. */
#define UNDER_FATE(result, fate, call) \
    do { \
        result answer; \
        if ((fate) == TEAR) \
            size /= 2; \
        answer = (call); \
        if ((fate) != GO_ON) \
            die(); \
        return answer; \
    } while (0)

#define WATCH_PWRITE(name) \
    ssize_t name(int fd, const void *bytes, size_t size, off_t offset) \
    { \
        char buffer[PATH_MAX]; \
        const char *path = watched_path(fd, buffer); \
        enum fate fate; \
        REAL(ssize_t, name, int, const void *, size_t, off_t); \
        fate = path ? operation("write", size, path) : GO_ON; \
        UNDER_FATE(ssize_t, fate, real(fd, bytes, size, offset)); \
    }
WATCH_PWRITE(pwrite)
WATCH_PWRITE(pwrite64)

ssize_t write(int fd, const void *bytes, size_t size)
{
    char buffer[PATH_MAX];
    const char *path = watched_path(fd, buffer);
    enum fate fate;
    REAL(ssize_t, write, int, const void *, size_t);
    fate = path ? operation("write", size, path) : GO_ON;
    UNDER_FATE(ssize_t, fate, real(fd, bytes, size));
}

#define WATCH_SYNC(name) \
    int name(int fd) \
    { \
        char buffer[PATH_MAX]; \
        const char *path = watched_path(fd, buffer); \
        size_t size = 0; \
        enum fate fate; \
        REAL(int, name, int); \
        fate = path ? operation("sync", size, path) : GO_ON; \
        UNDER_FATE(int, fate, real(fd)); \
    }
WATCH_SYNC(fsync)
WATCH_SYNC(fdatasync)

#define WATCH_TRUNCATE(name) \
    int name(int fd, off_t length) \
    { \
        char buffer[PATH_MAX]; \
        const char *path = watched_path(fd, buffer); \
        size_t size = (size_t)length; \
        enum fate fate; \
        REAL(int, name, int, off_t); \
        fate = path ? operation("truncate", size, path) : GO_ON; \
        UNDER_FATE(int, fate, real(fd, length)); \
    }
WATCH_TRUNCATE(ftruncate)
WATCH_TRUNCATE(ftruncate64)

int unlink(const char *path)
{
    size_t size = 0;
    enum fate fate;
    REAL(int, unlink, const char *);
    fate = path_is_watched(path) ? operation("unlink", size, path) : GO_ON;
    UNDER_FATE(int, fate, real(path));
}

int rename(const char *from, const char *to)
{
    size_t size = 0;
    enum fate fate;
    REAL(int, rename, const char *, const char *);
    fate = path_is_watched(to) ? operation("rename", size, to) : GO_ON;
    UNDER_FATE(int, fate, real(from, to));
}

#define WATCH_OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        size_t size = 0; \
        mode_t permissions = 0; \
        enum fate fate; \
        REAL(int, name, const char *, int, ...); \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            permissions = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        fate = (flags & O_CREAT) && path_is_watched(path) ? operation("create", size, path) : GO_ON; \
        UNDER_FATE(int, fate, real(path, flags, permissions)); \
    }
WATCH_OPEN(open)
WATCH_OPEN(open64)
