/* Makes system calls on the files of a database fail, for a story: LD_PRELOAD this, and say in the file named by FAILING_CALLS
 * (struct control, mapped by both sides) which call, from when on, how often and with what. Calls on other files pass untouched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { OPEN, READ, WRITE, SYNC, TRUNCATE, STAT, LOCK, MAP, UNLINK, CLOSE, KINDS };
enum manner { ONCE, FOR_GOOD, SHORT, TORN };

struct control {
    _Atomic int32_t kind;      /* which call fails; -1 is none */
    _Atomic int32_t countdown; /* calls of the kind up to the one that fails, that one included */
    _Atomic int32_t error;
    _Atomic int32_t manner;
    _Atomic int32_t hits;
    _Atomic int32_t seen[KINDS];
};

static struct control *control;
static _Atomic unsigned char ours[65536];

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAILING_CALLS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) control = mapped;
}

static int ends_with(const char *path, const char *end) {
    size_t length = strlen(path), tail = strlen(end);
    return length >= tail && strcmp(path + length - tail, end) == 0;
}

static int is_ours(const char *path) {
    return control && (ends_with(path, ".db") || ends_with(path, ".db-wal") || ends_with(path, ".db-shm") || ends_with(path, ".db-journal"));
}

static int known(int fd) {
    return control && fd >= 0 && fd < (int)sizeof ours && ours[fd];
}

/* Whether this call is to fail. A short or torn write is one call; the rest of a torn one fails as well. */
static int fails(enum kind kind) {
    control->seen[kind]++;
    if (control->kind != (int)kind) return 0;
    int left = --control->countdown;
    int hit = left == 0 || (left < 0 && control->manner == FOR_GOOD) || (left == -1 && control->manner == TORN);
    if (!hit) return 0;
    control->hits++;
    return 1;
}

static int refuse(void) {
    errno = control->error;
    return -1;
}

static int note(int fd, const char *path) {
    if (fd >= 0 && fd < (int)sizeof ours) ours[fd] = is_ours(path);
    return fd;
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list list; \
        va_start(list, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
        va_end(list); \
        if (is_ours(path) && fails(OPEN)) return refuse(); \
        return note(real(path, flags, mode), path); \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(int, name, int, const char *, int, ...); \
        va_list list; \
        va_start(list, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
        va_end(list); \
        if (is_ours(path) && fails(OPEN)) return refuse(); \
        return note(real(folder, path, flags, mode), path); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

/* As the system has it: the descriptor is gone although an error is told. */
int close(int fd) {
    REAL(int, close, int);
    int failing = known(fd) && fails(CLOSE);
    if (control && fd >= 0 && fd < (int)sizeof ours) ours[fd] = 0;
    int result = real(fd);
    return failing ? refuse() : result;
}

ssize_t read(int fd, void *to, size_t size) {
    REAL(ssize_t, read, int, void *, size_t);
    if (known(fd) && fails(READ)) return refuse();
    return real(fd, to, size);
}

#define READS(name, offset_type) \
    ssize_t name(int fd, void *to, size_t size, offset_type offset) { \
        REAL(ssize_t, name, int, void *, size_t, offset_type); \
        if (known(fd) && fails(READ)) { \
            if (control->manner == SHORT) return real(fd, to, size / 2, offset); \
            return refuse(); \
        } \
        return real(fd, to, size, offset); \
    }
READS(pread, off_t)
READS(pread64, off64_t)

/* The half of a write; the second failure in a row of a torn one is the error. */
#define HALF (control->manner == SHORT || (control->manner == TORN && control->countdown == 0))

ssize_t write(int fd, const void *from, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (known(fd) && fails(WRITE)) return HALF ? real(fd, from, size / 2) : refuse();
    return real(fd, from, size);
}

#define WRITES(name, offset_type) \
    ssize_t name(int fd, const void *from, size_t size, offset_type offset) { \
        REAL(ssize_t, name, int, const void *, size_t, offset_type); \
        if (known(fd) && fails(WRITE)) return HALF ? real(fd, from, size / 2, offset) : refuse(); \
        return real(fd, from, size, offset); \
    }
WRITES(pwrite, off_t)
WRITES(pwrite64, off64_t)

#define ON_DESCRIPTOR(name, kind, parameters, arguments, ...) \
    int name parameters { \
        REAL(int, name, __VA_ARGS__); \
        if (known(fd) && fails(kind)) return refuse(); \
        return real arguments; \
    }
ON_DESCRIPTOR(fsync, SYNC, (int fd), (fd), int)
ON_DESCRIPTOR(fdatasync, SYNC, (int fd), (fd), int)
ON_DESCRIPTOR(ftruncate, TRUNCATE, (int fd, off_t size), (fd, size), int, off_t)
ON_DESCRIPTOR(ftruncate64, TRUNCATE, (int fd, off64_t size), (fd, size), int, off64_t)
ON_DESCRIPTOR(fstat, STAT, (int fd, struct stat *to), (fd, to), int, struct stat *)
ON_DESCRIPTOR(fstat64, STAT, (int fd, struct stat64 *to), (fd, to), int, struct stat64 *)

#define CONTROLS(name) \
    int name(int fd, int command, ...) { \
        REAL(int, name, int, int, ...); \
        va_list list; \
        va_start(list, command); \
        void *argument = va_arg(list, void *); \
        va_end(list); \
        int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK; \
        if (locks && known(fd) && fails(LOCK)) return refuse(); \
        return real(fd, command, argument); \
    }
CONTROLS(fcntl)
CONTROLS(fcntl64)

#define MAPS(name, offset_type) \
    void *name(void *where, size_t size, int protection, int flags, int fd, offset_type offset) { \
        REAL(void *, name, void *, size_t, int, int, int, offset_type); \
        if (known(fd) && fails(MAP)) { \
            errno = control->error; \
            return MAP_FAILED; \
        } \
        return real(where, size, protection, flags, fd, offset); \
    }
MAPS(mmap, off_t)
MAPS(mmap64, off64_t)

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    if (is_ours(path) && fails(UNLINK)) return refuse();
    return real(path);
}
