/* Functions marked FT_CLONES are compiled for several generations of a processor; the loader picks one at start. */
#ifndef FT_CLONES_H
#define FT_CLONES_H

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define FT_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define FT_CLONES
#endif

#endif
