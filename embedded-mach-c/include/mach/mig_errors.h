/* What goes wrong between client and server, and the reply that says so. */
#ifndef EMBEDDED_MACH_MIG_ERRORS_H
#define EMBEDDED_MACH_MIG_ERRORS_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig.h>
#include <mach/ndr.h>

#define MIG_TYPE_ERROR -300      /* the client found the reply of another type */
#define MIG_REPLY_MISMATCH -301  /* the reply's id is that of another request */
#define MIG_REMOTE_ERROR -302    /* the server found an error */
#define MIG_BAD_ID -303          /* the server has no such routine */
#define MIG_BAD_ARGUMENTS -304   /* the server found the request of another type */
#define MIG_NO_REPLY -305        /* the server will not reply, or not now */
#define MIG_EXCEPTION -306       /* the server raised an exception */
#define MIG_ARRAY_TOO_LARGE -307 /* the caller's array is too small */
#define MIG_SERVER_DIED -308
#define MIG_TRAILER_ERROR -309 /* the trailer is of an unknown format */

#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	kern_return_t RetCode;
} mig_reply_error_t;
#pragma pack(pop)

#endif
