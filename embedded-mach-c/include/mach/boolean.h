/* The truth value of the Mach interfaces. */
#ifndef EMBEDDED_MACH_BOOLEAN_H
#define EMBEDDED_MACH_BOOLEAN_H

/* As on macOS: unsigned on x86-64, signed elsewhere. */
#if defined(__x86_64__)
typedef unsigned int boolean_t;
#else
typedef int boolean_t;
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#endif
