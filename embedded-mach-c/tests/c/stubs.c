/*
 * A client and a server in C of an interface that a Rust program has the other end of, with stubs written as MIG writes
 * them: its layout of messages, its checks, its reply ports.
 *
 *	stubs client NAME	calls the routines of the server with that name
 *	stubs server NAME	is one, until it is told to end
 */
#include <mach/mach.h>
#include <mach/mig_errors.h>
#include <servers/bootstrap.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(what) ((what) ? (void)0 : failed(#what, __LINE__))
#define OK(call) CHECK((call) == KERN_SUCCESS)

static void failed(const char *what, int line)
{
	fprintf(stderr, "line %d: %s\n", line, what);
	exit(1);
}

#define TEXT 64
#define TRAILER 8
#define WORDS(n) (((n) + 3U) & ~3U)

enum { SCALARS = 5001, STRINGS = 5007, OOLMEM = 5010, PCOPY = 5016, ONEWAY = 5027, REPLY = 100 };

/* The routines, as they are called. */
typedef struct {
	int32_t a;
	uint64_t b;
	boolean_t c;
	int32_t d;
} scalars_t;

#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	int32_t a;
	uint64_t b;
	boolean_t c;
	int32_t d;
} scalars_request_t;

typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	kern_return_t RetCode;
	int32_t a;
	uint64_t b;
	boolean_t c;
	int32_t d;
	uint8_t trailer[TRAILER];
} scalars_reply_t;

typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	mach_msg_type_number_t sOffset;
	mach_msg_type_number_t sCnt;
	char s[TEXT + 4];
} strings_request_t;

typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	kern_return_t RetCode;
	mach_msg_type_number_t tOffset;
	mach_msg_type_number_t tCnt;
	char t[TEXT + 4];
	uint8_t trailer[TRAILER];
} strings_reply_t;

typedef struct {
	mach_msg_header_t Head;
	mach_msg_body_t msgh_body;
	mach_msg_ool_descriptor_t m;
	NDR_record_t NDR;
	mach_msg_type_number_t mCnt;
	uint8_t trailer[TRAILER];
} oolmem_t;

typedef struct {
	mach_msg_header_t Head;
	mach_msg_body_t msgh_body;
	mach_msg_port_descriptor_t p;
	NDR_record_t NDR;
	int32_t x;
	uint8_t trailer[TRAILER];
} pcopy_t;

typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	int32_t x;
	uint8_t u[16];
} oneway_t;
#pragma pack(pop)

typedef union {
	mach_msg_header_t Head;
	mig_reply_error_t error;
	scalars_request_t scalars;
	scalars_reply_t scalars_reply;
	strings_request_t strings;
	strings_reply_t strings_reply;
	oolmem_t oolmem;
	pcopy_t pcopy;
	oneway_t oneway;
	uint8_t room[512];
} message_t;

/* --- The client. */

/* Sends a request of so many bytes; what came back, or why nothing did. */
static kern_return_t call(message_t *message, mach_port_t to, mach_msg_id_t id, size_t size, boolean_t is_complex,
    size_t room)
{
	kern_return_t code;
	mach_port_t reply = mig_get_reply_port();

	message->Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	if (is_complex)
		message->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	/* Generated stubs leave the size as it is. */
	message->Head.msgh_remote_port = to;
	message->Head.msgh_local_port = reply;
	message->Head.msgh_id = id;
	message->Head.msgh_voucher_port = MACH_PORT_NULL;
	code = mach_msg(&message->Head, MACH_SEND_MSG | MACH_RCV_MSG, (mach_msg_size_t)size, (mach_msg_size_t)room, reply, 0,
	    MACH_PORT_NULL);
	if (code != MACH_MSG_SUCCESS) {
		mig_dealloc_reply_port(reply);
		return code;
	}
	mig_put_reply_port(reply);
	if (message->Head.msgh_id != id + REPLY)
		return message->Head.msgh_id == MACH_NOTIFY_SEND_ONCE ? MIG_SERVER_DIED : MIG_REPLY_MISMATCH;
	if (message->Head.msgh_remote_port != MACH_PORT_NULL)
		return MIG_TYPE_ERROR;
	if (!(message->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) && message->error.RetCode != KERN_SUCCESS)
		return message->Head.msgh_size == offsetof(mig_reply_error_t, RetCode) + 4 ? message->error.RetCode
		                                                                           : MIG_TYPE_ERROR;
	return KERN_SUCCESS;
}

static kern_return_t call_scalars(mach_port_t to, scalars_t *values)
{
	message_t message;
	kern_return_t code;

	memset(&message, 0xa5, sizeof message);
	message.scalars.NDR = NDR_record;
	message.scalars.a = values->a;
	message.scalars.b = values->b;
	message.scalars.c = values->c;
	message.scalars.d = values->d;
	code = call(&message, to, SCALARS, sizeof message.scalars, FALSE, sizeof message.scalars_reply);
	if (code != KERN_SUCCESS)
		return code;
	if (message.Head.msgh_size != offsetof(scalars_reply_t, trailer))
		return MIG_TYPE_ERROR;
	values->a = message.scalars_reply.a;
	values->b = message.scalars_reply.b;
	values->c = message.scalars_reply.c;
	values->d = message.scalars_reply.d;
	return KERN_SUCCESS;
}

static kern_return_t call_strings(mach_port_t to, const char *s, int32_t after, char *t, int32_t *oafter)
{
	message_t message;
	kern_return_t code;
	size_t len;

	memset(&message, 0xa5, sizeof message);
	message.strings.NDR = NDR_record;
	message.strings.sOffset = 0;
	message.strings.sCnt = (mach_msg_type_number_t)mig_strncpy_zerofill(message.strings.s, s, TEXT);
	len = offsetof(strings_request_t, s) + WORDS(message.strings.sCnt);
	memcpy(message.room + len, &after, sizeof after);
	code = call(&message, to, STRINGS, len + sizeof after, FALSE, sizeof message.strings_reply);
	if (code != KERN_SUCCESS)
		return code;
	len = offsetof(strings_reply_t, t) + WORDS(message.strings_reply.tCnt);
	if (message.strings_reply.tCnt > TEXT || message.Head.msgh_size != len + sizeof after)
		return MIG_TYPE_ERROR;
	mig_strncpy_zerofill(t, message.strings_reply.t, TEXT);
	memcpy(oafter, message.room + len, sizeof after);
	return KERN_SUCCESS;
}

static kern_return_t call_oolmem(mach_port_t to, void *m, mach_msg_type_number_t mCnt, void **n,
    mach_msg_type_number_t *nCnt)
{
	message_t message;
	kern_return_t code;

	memset(&message, 0xa5, sizeof message);
	message.oolmem.msgh_body.msgh_descriptor_count = 1;
	message.oolmem.m.address = m;
	message.oolmem.m.size = mCnt;
	message.oolmem.m.deallocate = FALSE;
	message.oolmem.m.copy = MACH_MSG_VIRTUAL_COPY;
	message.oolmem.m.type = MACH_MSG_OOL_DESCRIPTOR;
	message.oolmem.NDR = NDR_record;
	message.oolmem.mCnt = mCnt;
	code = call(&message, to, OOLMEM, offsetof(oolmem_t, trailer), TRUE, sizeof message.oolmem);
	if (code != KERN_SUCCESS)
		return code;
	if (message.Head.msgh_size != offsetof(oolmem_t, trailer) || message.oolmem.m.type != MACH_MSG_OOL_DESCRIPTOR ||
	    message.oolmem.m.size != message.oolmem.mCnt)
		return MIG_TYPE_ERROR;
	*n = message.oolmem.m.address;
	*nCnt = message.oolmem.mCnt;
	return KERN_SUCCESS;
}

static kern_return_t call_pcopy(mach_port_t to, mach_port_t p, int32_t x, mach_port_t *q, int32_t *y)
{
	message_t message;
	kern_return_t code;

	memset(&message, 0xa5, sizeof message);
	message.pcopy.msgh_body.msgh_descriptor_count = 1;
	message.pcopy.p.name = p;
	message.pcopy.p.disposition = MACH_MSG_TYPE_COPY_SEND;
	message.pcopy.p.type = MACH_MSG_PORT_DESCRIPTOR;
	message.pcopy.NDR = NDR_record;
	message.pcopy.x = x;
	code = call(&message, to, PCOPY, offsetof(pcopy_t, trailer), TRUE, sizeof message.pcopy);
	if (code != KERN_SUCCESS)
		return code;
	if (message.Head.msgh_size != offsetof(pcopy_t, trailer) || message.pcopy.p.type != MACH_MSG_PORT_DESCRIPTOR ||
	    message.pcopy.p.disposition != MACH_MSG_TYPE_PORT_SEND)
		return MIG_TYPE_ERROR;
	*q = message.pcopy.p.name;
	*y = message.pcopy.x;
	return KERN_SUCCESS;
}

static kern_return_t call_oneway(mach_port_t to, int32_t x)
{
	message_t message;

	memset(&message, 0xa5, sizeof message);
	message.Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	message.Head.msgh_remote_port = to;
	message.Head.msgh_local_port = MACH_PORT_NULL;
	message.Head.msgh_voucher_port = MACH_PORT_NULL;
	message.Head.msgh_id = ONEWAY;
	message.oneway.NDR = NDR_record;
	message.oneway.x = x;
	memset(message.oneway.u, x, sizeof message.oneway.u);
	return mach_msg(&message.Head, MACH_SEND_MSG, sizeof message.oneway, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static mach_port_urefs_t references(mach_port_t name)
{
	mach_port_urefs_t refs = 0;

	OK(mach_port_get_refs(mach_task_self(), name, MACH_PORT_RIGHT_SEND, &refs));
	return refs;
}

static void client(const char *name)
{
	mach_port_t to = MACH_PORT_NULL, port = MACH_PORT_NULL, back = MACH_PORT_NULL;
	scalars_t values = {1, 1ULL << 40, TRUE, -3};
	char text[TEXT];
	char bytes[] = {0, 1, 2, 3, 4};
	void *memory = NULL;
	mach_msg_type_number_t count = 0;
	int32_t y = 0;

	OK(bootstrap_look_up(bootstrap_port, name, &to));
	OK(call_scalars(to, &values));
	CHECK(values.a == 2 && values.b == (1ULL << 40) + 1 && !values.c && values.d == -2);
	/* What the routine refuses is its own code, and the next call goes on. */
	values.a = INT32_MAX;
	CHECK(call_scalars(to, &values) == KERN_INVALID_ARGUMENT);
	OK(call_strings(to, "hello", 5, text, &y));
	CHECK(strcmp(text, "re:hello") == 0 && y == 6);
	OK(call_strings(to, "", -1, text, &y));
	CHECK(strcmp(text, "re:") == 0 && y == 0);
	OK(call_oolmem(to, bytes, sizeof bytes, &memory, &count));
	CHECK(count == 5 && memcmp(memory, "\1\2\3\4\5", 5) == 0);
	OK(vm_deallocate(mach_task_self(), (vm_address_t)memory, count));

	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	OK(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND));
	OK(call_pcopy(to, port, 7, &back, &y));
	/* The right is this task's own, and comes home. */
	CHECK(back == port && y == 8 && references(port) == 2);
	/* No right is none. */
	OK(call_pcopy(to, MACH_PORT_NULL, 1, &back, &y));
	CHECK(back == MACH_PORT_NULL && y == 2);
	OK(mach_port_destroy(mach_task_self(), port));
	OK(call_oneway(to, 42));
	OK(mach_port_deallocate(mach_task_self(), to));
}

/* --- The server: what MIG's does before and after each routine. */

static boolean_t ended;

static kern_return_t serve_scalars(message_t *in, message_t *out)
{
	if ((in->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) || in->Head.msgh_size != sizeof in->scalars)
		return MIG_BAD_ARGUMENTS;
	if (in->scalars.a == INT32_MAX)
		return KERN_INVALID_ARGUMENT;
	out->scalars_reply.a = in->scalars.a + 1;
	out->scalars_reply.b = in->scalars.b + 1;
	out->scalars_reply.c = !in->scalars.c;
	out->scalars_reply.d = in->scalars.d + 1;
	out->Head.msgh_size = offsetof(scalars_reply_t, trailer);
	return KERN_SUCCESS;
}

static kern_return_t serve_strings(message_t *in, message_t *out)
{
	char text[TEXT];
	int32_t after;
	size_t len = offsetof(strings_request_t, s);

	if ((in->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) || in->Head.msgh_size < len + 4 || in->strings.sCnt > TEXT ||
	    in->Head.msgh_size != len + WORDS(in->strings.sCnt) + 4 ||
	    memchr(in->strings.s, '\0', in->strings.sCnt) == NULL)
		return MIG_BAD_ARGUMENTS;
	memcpy(&after, in->room + len + WORDS(in->strings.sCnt), sizeof after);
	after++;
	snprintf(text, sizeof text, "re:%.60s", in->strings.s);
	out->strings_reply.tOffset = 0;
	out->strings_reply.tCnt = (mach_msg_type_number_t)mig_strncpy_zerofill(out->strings_reply.t, text, TEXT);
	len = offsetof(strings_reply_t, t) + WORDS(out->strings_reply.tCnt);
	memcpy(out->room + len, &after, sizeof after);
	out->Head.msgh_size = (mach_msg_size_t)(len + sizeof after);
	return KERN_SUCCESS;
}

static kern_return_t serve_oolmem(message_t *in, message_t *out)
{
	static uint8_t bytes[4096];
	mach_msg_type_number_t i;

	if (!(in->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) || in->oolmem.msgh_body.msgh_descriptor_count != 1 ||
	    in->Head.msgh_size != offsetof(oolmem_t, trailer))
		return MIG_BAD_ARGUMENTS;
	if (in->oolmem.m.type != MACH_MSG_OOL_DESCRIPTOR || in->oolmem.m.size != in->oolmem.mCnt ||
	    in->oolmem.mCnt > sizeof bytes)
		return MIG_TYPE_ERROR;
	for (i = 0; i < in->oolmem.mCnt; i++)
		bytes[i] = (uint8_t)(((uint8_t *)in->oolmem.m.address)[i] + 1);
	out->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	out->oolmem.msgh_body.msgh_descriptor_count = 1;
	out->oolmem.m.address = bytes;
	out->oolmem.m.size = in->oolmem.mCnt;
	out->oolmem.m.deallocate = FALSE;
	out->oolmem.m.copy = MACH_MSG_VIRTUAL_COPY;
	out->oolmem.m.type = MACH_MSG_OOL_DESCRIPTOR;
	out->oolmem.NDR = NDR_record;
	out->oolmem.mCnt = in->oolmem.mCnt;
	out->Head.msgh_size = offsetof(oolmem_t, trailer);
	/* With success the routine owns what came. */
	OK(vm_deallocate(mach_task_self(), (vm_address_t)in->oolmem.m.address, in->oolmem.m.size));
	return KERN_SUCCESS;
}

static kern_return_t serve_pcopy(message_t *in, message_t *out)
{
	if (!(in->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) || in->pcopy.msgh_body.msgh_descriptor_count != 1 ||
	    in->Head.msgh_size != offsetof(pcopy_t, trailer))
		return MIG_BAD_ARGUMENTS;
	if (in->pcopy.p.type != MACH_MSG_PORT_DESCRIPTOR || in->pcopy.p.disposition != MACH_MSG_TYPE_PORT_SEND)
		return MIG_TYPE_ERROR;
	out->Head.msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	out->pcopy.msgh_body.msgh_descriptor_count = 1;
	out->pcopy.p.name = in->pcopy.p.name;
	out->pcopy.p.disposition = MACH_MSG_TYPE_MOVE_SEND;
	out->pcopy.p.type = MACH_MSG_PORT_DESCRIPTOR;
	out->pcopy.NDR = NDR_record;
	out->pcopy.x = in->pcopy.x + 1;
	out->Head.msgh_size = offsetof(pcopy_t, trailer);
	return KERN_SUCCESS;
}

static kern_return_t serve_oneway(message_t *in)
{
	if ((in->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX) || in->Head.msgh_size != sizeof in->oneway)
		return MIG_BAD_ARGUMENTS;
	ended = in->oneway.u[15] == (uint8_t)in->oneway.x;
	return MIG_NO_REPLY;
}

static boolean_t demux(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	message_t *in = (message_t *)request, *out = (message_t *)reply;
	kern_return_t code;

	out->Head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(request->msgh_bits), 0);
	out->Head.msgh_remote_port = request->msgh_remote_port;
	out->Head.msgh_local_port = MACH_PORT_NULL;
	out->Head.msgh_voucher_port = MACH_PORT_NULL;
	out->Head.msgh_size = sizeof(mig_reply_error_t);
	out->Head.msgh_id = request->msgh_id + REPLY;
	out->error.NDR = NDR_record;
	switch (request->msgh_id) {
	case SCALARS: code = serve_scalars(in, out); break;
	case STRINGS: code = serve_strings(in, out); break;
	case OOLMEM: code = serve_oolmem(in, out); break;
	case PCOPY: code = serve_pcopy(in, out); break;
	case ONEWAY: code = serve_oneway(in); break;
	default: code = MIG_BAD_ID; break;
	}
	if (!(out->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX))
		out->error.RetCode = code;
	return code != MIG_BAD_ID;
}

static void server(const char *name)
{
	mach_port_t port = MACH_PORT_NULL;

	OK(bootstrap_check_in(bootstrap_port, name, &port));
	puts("ready");
	fflush(stdout);
	while (!ended)
		OK(mach_msg_server_once(demux, sizeof(message_t), port, MACH_MSG_OPTION_NONE));
	OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1));
}

int main(int argc, char **argv)
{
	/* Longer than whoever runs this waits. */
	alarm(120);
	CHECK(argc == 3);
	if (strcmp(argv[1], "client") == 0)
		client(argv[2]);
	else
		server(argv[2]);
	return 0;
}
