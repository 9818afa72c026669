/* Generated code looks whether this header is there, and copies strings with mig_strncpy_zerofill if it is. */
#ifndef EMBEDDED_MACH_MIG_STRNCPY_ZEROFILL_SUPPORT_H
#define EMBEDDED_MACH_MIG_STRNCPY_ZEROFILL_SUPPORT_H
#endif
