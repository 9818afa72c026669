/*
 * A parent hands a child a port and a megabyte of memory.
 *
 * The parent checks a name in, starts itself again as the child, and answers the child's request with a send right and
 * out-of-line memory. The child sends back, through that right, the sum of what it found in the memory. Every wait has a
 * deadline; the exit status is 0 only if both processes found everything as it should be.
 *
 *   Linux:  cc -I embedded-mach-c/include parent_child.c -L target/release -lembedded_mach -o parent_child
 *   macOS:  cc parent_child.c -lbsm -o parent_child
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include <bsm/libbsm.h>
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	REQUEST_ID = 100,
	REPLY_ID = 200,
	RESULT_ID = 300,
	MEMORY_SIZE = 1024 * 1024,
	WAIT_MS = 10 * 1000, /* for one message */
	WHOLE_S = 30         /* for everything; then SIGALRM ends the process */
};

#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t header;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor_t memory;
} reply_t;
#pragma pack(pop)

typedef struct {
	mach_msg_header_t header;
	uint32_t sum;
} result_t;

static const char *role = "parent";
static pid_t child_pid = 0; /* the parent's, while it runs */

/* Says what went wrong, takes the child along, and ends. */
static void fail(int line, const char *what, kern_return_t kr)
{
	fprintf(stderr, "%s, line %d: %s", role, line, what);
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, ": %s (0x%x)", bootstrap_strerror(kr), (unsigned)kr);
	}
	fputc('\n', stderr);
	if (child_pid > 0) {
		kill(child_pid, SIGKILL);
		waitpid(child_pid, NULL, 0);
	}
	exit(EXIT_FAILURE);
}

#define TRY(call)                                        \
	do {                                             \
		kern_return_t kr_ = (call);              \
		if (kr_ != KERN_SUCCESS) {               \
			fail(__LINE__, #call, kr_);      \
		}                                        \
	} while (0)

#define CHECK(condition)                                                \
	do {                                                            \
		if (!(condition)) {                                     \
			fail(__LINE__, "not true: " #condition, KERN_SUCCESS); \
		}                                                       \
	} while (0)

static uint8_t pattern(size_t i)
{
	return (uint8_t)(i * 31 + i / 4096);
}

static mach_port_t new_port(void)
{
	mach_port_t port = MACH_PORT_NULL;

	TRY(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

/* Receives one message, within the deadline, with the audit trailer behind it. */
static void receive(mach_port_t port, mach_msg_header_t *msg, mach_msg_size_t room)
{
	TRY(mach_msg(msg,
	    MACH_RCV_MSG | MACH_RCV_TIMEOUT | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) |
	        MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT),
	    0, room, port, WAIT_MS, MACH_PORT_NULL));
}

/* The trailer says who sent a message: the kernel's word, not the sender's. */
static pid_t sender(const mach_msg_header_t *msg)
{
	mach_msg_audit_trailer_t trailer;

	memcpy(&trailer, (const char *)msg + round_msg(msg->msgh_size), sizeof trailer);
	CHECK(trailer.msgh_trailer_size >= sizeof trailer);
	return audit_token_to_pid(trailer.msgh_audit);
}

static uint32_t fill(uint8_t *bytes)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < MEMORY_SIZE; i++) {
		bytes[i] = pattern(i);
		sum += bytes[i];
	}
	return sum;
}

/* Answers the request with a send right to `port` and a megabyte; returns the sum of its bytes. */
static uint32_t answer(mach_msg_header_t *request, mach_port_t port)
{
	vm_address_t memory = 0;
	uint32_t sum;
	reply_t reply;

	TRY(vm_allocate(mach_task_self(), &memory, MEMORY_SIZE, VM_FLAGS_ANYWHERE));
	sum = fill((uint8_t *)memory);

	memset(&reply, 0, sizeof reply);
	reply.header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(request->msgh_bits), 0) | MACH_MSGH_BITS_COMPLEX;
	reply.header.msgh_size = sizeof reply;
	reply.header.msgh_remote_port = request->msgh_remote_port;
	reply.header.msgh_id = REPLY_ID;
	reply.body.msgh_descriptor_count = 2;
	reply.port.name = port;
	reply.port.disposition = MACH_MSG_TYPE_MAKE_SEND;
	reply.port.type = MACH_MSG_PORT_DESCRIPTOR;
	reply.memory.address = (void *)memory;
	reply.memory.size = MEMORY_SIZE;
	reply.memory.deallocate = TRUE; /* it is the child's from now on */
	reply.memory.copy = MACH_MSG_VIRTUAL_COPY;
	reply.memory.type = MACH_MSG_OOL_DESCRIPTOR;
	TRY(mach_msg(&reply.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof reply, 0, MACH_PORT_NULL, WAIT_MS,
	    MACH_PORT_NULL));
	return sum;
}

static int parent(char *self)
{
	char name[BOOTSTRAP_MAX_NAME_LEN];
	mach_port_t service = MACH_PORT_NULL;
	mach_port_t results = new_port();
	uint32_t sum;
	int status = 0;

	struct {
		mach_msg_header_t header;
		mach_msg_max_trailer_t trailer;
	} request;
	struct {
		result_t message;
		mach_msg_max_trailer_t trailer;
	} result;

	snprintf(name, sizeof name, "org.example.parent-child.%d", (int)getpid());
	TRY(bootstrap_check_in(bootstrap_port, name, &service));

	fflush(NULL);
	child_pid = fork();
	CHECK(child_pid >= 0);
	if (child_pid == 0) {
		char child_flag[] = "--child";
		char *argv[] = { self, child_flag, name, NULL };

		execvp(self, argv);
		_exit(127);
	}

	receive(service, &request.header, sizeof request);
	CHECK(request.header.msgh_id == REQUEST_ID);
	CHECK(request.header.msgh_size == sizeof request.header);
	CHECK(request.header.msgh_local_port == service);
	CHECK(MACH_MSGH_BITS_REMOTE(request.header.msgh_bits) == MACH_MSG_TYPE_PORT_SEND_ONCE);
	CHECK(sender(&request.header) == child_pid);

	sum = answer(&request.header, results);

	receive(results, &result.message.header, sizeof result);
	CHECK(result.message.header.msgh_id == RESULT_ID);
	CHECK(result.message.header.msgh_size == sizeof result.message);
	CHECK(sender(&result.message.header) == child_pid);
	CHECK(result.message.sum == sum);

	CHECK(waitpid(child_pid, &status, 0) == child_pid);
	child_pid = 0;
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);

	TRY(mach_port_mod_refs(mach_task_self(), service, MACH_PORT_RIGHT_RECEIVE, -1));
	TRY(mach_port_mod_refs(mach_task_self(), results, MACH_PORT_RIGHT_RECEIVE, -1));
	puts("parent and child agree");
	return EXIT_SUCCESS;
}

/* Asks the service, with a port of our own for the reply. */
static void call(mach_port_t service, mach_port_t reply_port, mach_msg_header_t *msg, mach_msg_size_t room)
{
	memset(msg, 0, sizeof *msg);
	msg->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	msg->msgh_size = sizeof *msg;
	msg->msgh_remote_port = service;
	msg->msgh_local_port = reply_port;
	msg->msgh_id = REQUEST_ID;
	TRY(mach_msg(msg, MACH_SEND_MSG | MACH_SEND_TIMEOUT | MACH_RCV_MSG | MACH_RCV_TIMEOUT, sizeof *msg, room,
	    reply_port, WAIT_MS, MACH_PORT_NULL));
}

static uint32_t verify(const uint8_t *bytes)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < MEMORY_SIZE; i++) {
		CHECK(bytes[i] == pattern(i));
		sum += bytes[i];
	}
	return sum;
}

static int child(const char *name)
{
	mach_port_t service = MACH_PORT_NULL;
	mach_port_t reply_port = new_port();
	mach_port_type_t type = MACH_PORT_TYPE_NONE;
	mach_port_urefs_t references = 0;
	result_t result;

	union {
		mach_msg_header_t request;
		struct {
			reply_t message;
			mach_msg_max_trailer_t trailer;
		} reply;
	} buffer;
	const reply_t *reply = &buffer.reply.message;

	TRY(bootstrap_look_up(bootstrap_port, name, &service));
	call(service, reply_port, &buffer.request, sizeof buffer);

	CHECK(reply->header.msgh_id == REPLY_ID);
	CHECK(reply->header.msgh_size == sizeof *reply);
	CHECK(MACH_MSGH_BITS_IS_COMPLEX(reply->header.msgh_bits));
	CHECK(reply->header.msgh_remote_port == MACH_PORT_NULL);
	CHECK(reply->body.msgh_descriptor_count == 2);
	CHECK(reply->port.type == MACH_MSG_PORT_DESCRIPTOR);
	CHECK(reply->port.disposition == MACH_MSG_TYPE_PORT_SEND);
	CHECK(reply->memory.type == MACH_MSG_OOL_DESCRIPTOR);
	CHECK(reply->memory.size == MEMORY_SIZE);

	TRY(mach_port_type(mach_task_self(), reply->port.name, &type));
	CHECK(type == MACH_PORT_TYPE_SEND);
	TRY(mach_port_get_refs(mach_task_self(), reply->port.name, MACH_PORT_RIGHT_SEND, &references));
	CHECK(references == 1);

	memset(&result, 0, sizeof result);
	result.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0);
	result.header.msgh_size = sizeof result;
	result.header.msgh_remote_port = reply->port.name;
	result.header.msgh_id = RESULT_ID;
	result.sum = verify((const uint8_t *)reply->memory.address);
	TRY(mach_msg(&result.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, sizeof result, 0, MACH_PORT_NULL, WAIT_MS,
	    MACH_PORT_NULL));

	TRY(vm_deallocate(mach_task_self(), (vm_address_t)reply->memory.address, reply->memory.size));
	TRY(mach_port_deallocate(mach_task_self(), service));
	TRY(mach_port_mod_refs(mach_task_self(), reply_port, MACH_PORT_RIGHT_RECEIVE, -1));
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	alarm(WHOLE_S);
	if (argc == 3 && strcmp(argv[1], "--child") == 0) {
		role = "child";
		return child(argv[2]);
	}
	return parent(argv[0]);
}
