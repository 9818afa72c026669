/*
 * Calls of every kind, from C: that each symbol is the call which its header declares. What the calls do in full is
 * tested elsewhere.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <bootstrap_priv.h>
#include <bsm/libbsm.h>
#include <fcntl.h>
#include <mach/clock.h>
#include <mach/clock_priv.h>
#include <mach/mach.h>
#include <mach/mach_eventlink.h>
#include <mach/mach_sync_ipc.h>
#include <mach/mach_time.h>
#include <mach/mach_vm.h>
#include <mach/mig_errors.h>
#include <mach/mk_timer.h>
#include <mach/thread_switch.h>
#include <mach_debug/ipc_info.h>
#include <servers/bootstrap.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fileport.h>
#include <unistd.h>

#define CHECK(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition); \
			exit(EXIT_FAILURE);                                        \
		}                                                                  \
	} while (0)
#define OK(call) CHECK((call) == KERN_SUCCESS)

static const mach_timespec_t SOON = { 10, 0 };

static vm_size_t page_size_at_load;
static mach_port_t bootstrap_port_at_load;

__attribute__((constructor)) static void at_load(void)
{
	page_size_at_load = vm_page_size;
	bootstrap_port_at_load = bootstrap_port;
}

static void variables(void)
{
	vm_size_t host_page = 0;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	mach_port_t host = mach_host_self();

	CHECK(page_size_at_load == page && bootstrap_port_at_load == bootstrap_port);

	CHECK(vm_page_size == page && vm_kernel_page_size == page);
	CHECK(vm_page_mask == page - 1 && vm_kernel_page_mask == page - 1);
	CHECK((vm_size_t)1 << vm_page_shift == page && vm_kernel_page_shift == vm_page_shift);
	CHECK(round_page((vm_size_t)1) == page && mach_vm_trunc_page(page + 1) == page);
	OK(host_page_size(host, &host_page));
	CHECK(host_page == page);
	OK(mach_port_deallocate(mach_task_self(), host));

	CHECK((mach_task_self)() == mach_task_self_ && task_self_trap() == mach_task_self_);
	CHECK(bootstrap_port != MACH_PORT_NULL);
	CHECK(sizeof NDR_record == 8 && NDR_record.int_rep == NDR_INT_LITTLE_ENDIAN);
}

static void times(void)
{
	mach_timebase_info_data_t base;
	uint64_t now = mach_absolute_time();

	OK(mach_timebase_info(&base));
	CHECK(base.numer == 1 && base.denom == 1);
	OK(mach_wait_until(now + 1000));
	CHECK(mach_absolute_time() >= now + 1000);
	CHECK(mach_continuous_time() >= now && mach_approximate_time() > 0 && mach_continuous_approximate_time() > 0);
	OK(thread_switch(MACH_PORT_NULL, SWITCH_OPTION_NONE, 0));
}

static void memory(void)
{
	mach_vm_address_t first = 0, second = 0;
	memory_object_size_t size = 1;
	mach_port_t entry = MACH_PORT_NULL;
	vm_offset_t copy = 0;
	mach_msg_type_number_t count = 0;
	vm_prot_t now = 0, most = 0;

	OK(mach_make_memory_entry_64(mach_task_self(), &size, 0, MAP_MEM_NAMED_CREATE | VM_PROT_DEFAULT, &entry,
	    MACH_PORT_NULL));
	CHECK(size == vm_page_size);
	OK(mach_vm_map(mach_task_self(), &first, size, 0, VM_FLAGS_ANYWHERE, entry, 0, FALSE, VM_PROT_DEFAULT,
	    VM_PROT_DEFAULT, VM_INHERIT_NONE));
	OK(mach_vm_remap(mach_task_self(), &second, size, 0, VM_FLAGS_ANYWHERE, mach_task_self(), first, FALSE, &now,
	    &most, VM_INHERIT_NONE));
	strcpy((char *)(uintptr_t)first, "shared");
	CHECK(strcmp((char *)(uintptr_t)second, "shared") == 0 && now == VM_PROT_DEFAULT);

	OK(vm_read(mach_task_self(), (vm_address_t)first, 7, &copy, &count));
	CHECK(count == 7 && strcmp((char *)copy, "shared") == 0);
	OK(vm_write(mach_task_self(), (vm_address_t)first + 8, copy, count));
	CHECK(strcmp((char *)(uintptr_t)second + 8, "shared") == 0);
	OK(vm_protect(mach_task_self(), (vm_address_t)second, 1, FALSE, VM_PROT_READ));
	CHECK(vm_copy(mach_task_self(), copy, 7, (vm_address_t)second) == KERN_INVALID_ADDRESS);

	OK(vm_deallocate(mach_task_self(), copy, count));
	OK(mach_vm_deallocate(mach_task_self(), first, size));
	OK(mach_vm_deallocate(mach_task_self(), second, size));
	OK(mach_port_deallocate(mach_task_self(), entry));
}

static void semaphores(void)
{
	semaphore_t one = MACH_PORT_NULL, other = MACH_PORT_NULL;
	mach_timespec_t none = { 0, 0 };

	OK(semaphore_create(mach_task_self(), &one, SYNC_POLICY_FIFO, 0));
	OK(semaphore_create(mach_task_self(), &other, SYNC_POLICY_FIFO, 1));
	CHECK(semaphore_timedwait(one, none) == KERN_OPERATION_TIMED_OUT);
	OK(semaphore_timedwait_signal(other, one, SOON));
	OK(semaphore_timedwait(one, SOON));
	CHECK(semaphore_signal_thread(one, MACH_PORT_NULL) == KERN_NOT_WAITING);
	OK(semaphore_destroy(mach_task_self(), one));
	OK(semaphore_destroy(mach_task_self(), other));
}

static void files(void)
{
	int ends[2], again;
	char byte = 'a';
	fileport_t port = FILEPORT_NULL;

	CHECK(pipe(ends) == 0);
	CHECK(fileport_makeport(ends[1], &port) == 0);
	again = fileport_makefd(port);
	CHECK(again >= 0 && (fcntl(again, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK(write(again, &byte, 1) == 1 && (byte = 0, read(ends[0], &byte, 1)) == 1 && byte == 'a');
	CHECK(fileport_makefd(mach_task_self()) == -1);
	OK(mach_port_deallocate(mach_task_self(), port));
	close(ends[0]);
	close(ends[1]);
	close(again);
}

static void names(void)
{
	char name[64];
	mach_port_t service = MACH_PORT_NULL, right = MACH_PORT_NULL;
	bootstrap_status_t status = BOOTSTRAP_STATUS_INACTIVE;
	ipc_info_space_basic_t info;

	snprintf(name, sizeof name, "org.example.library.%d", (int)getpid());
	CHECK(bootstrap_look_up(bootstrap_port, name, &right) == BOOTSTRAP_UNKNOWN_SERVICE);
	OK(bootstrap_check_in(bootstrap_port, name, &service));
	OK(bootstrap_status(bootstrap_port, name, &status));
	CHECK(status == BOOTSTRAP_STATUS_ACTIVE);
	OK(bootstrap_look_up(bootstrap_port, name, &right));
	CHECK(right == service);
	CHECK(bootstrap_parent(bootstrap_port, &right) == BOOTSTRAP_NOT_PRIVILEGED);
	CHECK(strlen(bootstrap_strerror(BOOTSTRAP_NOT_PRIVILEGED)) > 0);
	OK(mach_port_space_basic_info(mach_task_self(), &info));
	CHECK(info.iisb_table_inuse > 0 && info.iisb_table_inuse <= info.iisb_table_size);
	OK(mach_port_destroy(mach_task_self(), service));
}

typedef struct {
	mach_msg_header_t Head;
	int32_t number;
	mach_msg_max_trailer_t trailer;
} request_t;

/* What a generated server does: an error reply first, and the real one if the routine is known. */
static boolean_t server(mach_msg_header_t *in, mach_msg_header_t *out)
{
	mig_reply_error_t *reply = (mig_reply_error_t *)out;

	out->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(in->msgh_bits), 0);
	out->msgh_size = sizeof(mig_reply_error_t);
	out->msgh_remote_port = in->msgh_remote_port;
	out->msgh_id = in->msgh_id + 100;
	reply->NDR = NDR_record;
	if (in->msgh_id != 500) {
		reply->RetCode = MIG_BAD_ID;
		return FALSE;
	}
	reply->RetCode = ((request_t *)in)->number == 42 ? KERN_SUCCESS : KERN_FAILURE;
	return TRUE;
}

static kern_return_t ask(mach_port_t port, mach_msg_id_t id, int32_t number)
{
	union {
		request_t request;
		struct {
			mig_reply_error_t error;
			mach_msg_max_trailer_t trailer;
		} reply;
	} buffer;
	mach_port_t reply_port = mig_get_reply_port();

	memset(&buffer, 0, sizeof buffer);
	buffer.request.Head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	buffer.request.Head.msgh_size = offsetof(request_t, trailer);
	buffer.request.Head.msgh_remote_port = port;
	buffer.request.Head.msgh_local_port = reply_port;
	buffer.request.Head.msgh_id = id;
	buffer.request.number = number;
	OK(mach_msg_send(&buffer.request.Head));
	OK(mach_msg_server_once(server, sizeof buffer, port, MACH_MSG_OPTION_NONE));
	OK(mach_msg(&buffer.request.Head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof buffer, reply_port, 10000,
	    MACH_PORT_NULL));
	mig_put_reply_port(reply_port);
	CHECK(buffer.reply.error.Head.msgh_id == id + 100);
	return buffer.reply.error.RetCode;
}

static void generated(void)
{
	mach_port_t port = MACH_PORT_NULL;
	char text[4];

	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	OK(ask(port, 500, 42));
	CHECK(ask(port, 500, 43) == KERN_FAILURE);
	CHECK(ask(port, 501, 42) == MIG_BAD_ID);
	mig_dealloc_reply_port(mig_get_reply_port());
	OK(mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1));

	CHECK(mig_strncpy(text, "long text", sizeof text) == 4 && strcmp(text, "lon") == 0);
	memset(text, 1, sizeof text);
	CHECK(mig_strncpy_zerofill(text, NULL, sizeof text) == 0 && memcmp(text, "\0\0\0", 4) == 0);
	text[0] = 1;
	CHECK(mig_strncpy_zerofill(text, NULL, 0) == 0 && mig_strncpy_zerofill(text, "a", -1) == 0 && text[0] == 1);
	CHECK(mig_strncpy_zerofill(NULL, "a", 4) == 0);
	memset(text, 1, sizeof text);
	CHECK(mig_strncpy_zerofill(text, "a", sizeof text) == 2 && memcmp(text, "a\0\0", 4) == 0);
}

/* A request to be answered by who sent it: its reply port is the local one. */
static void reply_header(void)
{
	mach_msg_header_t request;
	mig_reply_error_t reply;

	memset(&request, 0, sizeof request);
	memset(&reply, 0x5a, sizeof reply);
	request.msgh_bits = MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
	request.msgh_remote_port = 0x103;
	request.msgh_local_port = 0x203;
	request.msgh_id = 500;
	mig_reply_setup(&request, &reply.Head);
	CHECK(reply.Head.msgh_bits == MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND_ONCE, 0));
	CHECK(reply.Head.msgh_size == 36 && reply.Head.msgh_id == 600);
	CHECK(reply.Head.msgh_remote_port == 0x203 && reply.Head.msgh_local_port == MACH_PORT_NULL);
	CHECK(memcmp(&reply.NDR, &NDR_record, sizeof NDR_record) == 0 && reply.RetCode == 0x5a5a5a5a);
}

static void special_reply_port(void)
{
	mach_port_t port = mig_get_special_reply_port(), other = MACH_PORT_NULL;
	mach_port_type_t type = 0;

	CHECK(MACH_PORT_VALID(port) && mig_get_special_reply_port() == port && mig_get_reply_port() != port);
	OK(mach_port_type(mach_task_self(), port, &type));
	CHECK((type & MACH_PORT_TYPE_SEND_RECEIVE) == MACH_PORT_TYPE_SEND_RECEIVE);
	mig_dealloc_special_reply_port(port);
	CHECK(mach_port_type(mach_task_self(), port, &type) == KERN_INVALID_NAME);

	/* The thread's own goes, whatever it is called with; what that was loses a reference. */
	port = mig_get_special_reply_port();
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_DEAD_NAME, &other));
	mig_dealloc_special_reply_port(other);
	CHECK(mach_port_type(mach_task_self(), other, &type) == KERN_INVALID_NAME);
	CHECK(mach_port_type(mach_task_self(), port, &type) == KERN_INVALID_NAME);
	mig_dealloc_special_reply_port(MACH_PORT_NULL);
}

static void tokens(void)
{
	audit_token_t token;
	mach_msg_type_number_t count = TASK_AUDIT_TOKEN_COUNT;
	uid_t user = 0;
	pid_t process = 0;
	au_tid_t terminal;

	OK(task_info(mach_task_self(), TASK_AUDIT_TOKEN, (task_info_t)&token, &count));
	CHECK(audit_token_to_pid(token) == getpid() && audit_token_to_ruid(token) == getuid());
	audit_token_to_au32(token, NULL, NULL, NULL, &user, NULL, &process, NULL, &terminal);
	CHECK(user == getuid() && process == getpid() && terminal.machine == 0);
}

static void timers(void)
{
	mach_port_t timer = mk_timer_create(), alarms = MACH_PORT_NULL;
	clock_serv_t clock = MACH_PORT_NULL;
	mach_timespec_t at = { 0, 1000000 }, woken;
	uint64_t later = mach_absolute_time() + 3600000000000ull, armed = 0;
	struct {
		mk_timer_expire_msg_t message;
		mach_msg_trailer_t trailer;
	} expired;
	struct {
		mach_msg_header_t head;
		NDR_record_t ndr;
		kern_return_t code;
		alarm_type_t kind;
		mach_timespec_t at;
		mach_msg_trailer_t trailer;
	} alarm;

	CHECK(MACH_PORT_VALID(timer));
	OK(mk_timer_arm(timer, later));
	OK(mk_timer_cancel(timer, &armed));
	CHECK(armed == later);
	OK(mk_timer_arm_leeway(timer, MK_TIMER_CONTINUOUS, mach_continuous_time() + 1000000, 1));
	OK(mach_msg(&expired.message.header, MACH_RCV_MSG, 0, sizeof expired, timer, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
	CHECK(expired.message.header.msgh_id == 0 && expired.message.header.msgh_size == 48);
	OK(mk_timer_destroy(timer));

	OK(host_get_clock_service(mach_host_self(), SYSTEM_CLOCK, &clock));
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &alarms));
	OK(clock_alarm(clock, TIME_RELATIVE, at, alarms));
	OK(mach_msg(&alarm.head, MACH_RCV_MSG, 0, sizeof alarm, alarms, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL));
	CHECK(alarm.head.msgh_id == 3125107 && alarm.code == KERN_SUCCESS && alarm.kind == TIME_RELATIVE);
	OK(clock_get_time(clock, &at));
	CHECK(CMP_MACH_TIMESPEC(&at, &alarm.at) >= 0);
	OK(clock_sleep(clock, TIME_ABSOLUTE, at, &woken));
	CHECK(CMP_MACH_TIMESPEC(&woken, &at) >= 0);
	CHECK(clock_set_time(clock, at) == KERN_FAILURE);
	OK(mach_port_deallocate(mach_task_self(), clock));
	OK(mach_port_mod_refs(mach_task_self(), alarms, MACH_PORT_RIGHT_RECEIVE, -1));
}

static void hosts_and_threads(void)
{
	host_basic_info_data_t basic;
	thread_identifier_info_data_t identity;
	task_vm_info_data_t memory_use;
	thread_precedence_policy_data_t precedence = { 7 };
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT, threads = 0, i;
	thread_act_array_t list = NULL;
	thread_act_t self = mach_thread_self();
	boolean_t usual = FALSE, found = FALSE;
	kernel_version_t version;
	mach_vm_address_t address = 1;
	natural_t type = 0;
	mach_port_t entry = MACH_PORT_NULL;
	eventlink_port_pair_t pair;

	OK(host_info(mach_host_self(), HOST_BASIC_INFO, (host_info_t)&basic, &count));
	CHECK(basic.avail_cpus > 0 && basic.max_mem > 0);
	OK(host_kernel_version(mach_host_self(), version));
	CHECK(strncmp(version, "Linux", 5) == 0);
	count = THREAD_IDENTIFIER_INFO_COUNT;
	OK(thread_info(self, THREAD_IDENTIFIER_INFO, (thread_info_t)&identity, &count));
	CHECK(identity.thread_id == (uint64_t)getpid());
	OK(thread_policy_set(self, THREAD_PRECEDENCE_POLICY, (thread_policy_t)&precedence, THREAD_PRECEDENCE_POLICY_COUNT));
	precedence.importance = 0;
	count = THREAD_PRECEDENCE_POLICY_COUNT;
	OK(thread_policy_get(self, THREAD_PRECEDENCE_POLICY, (thread_policy_t)&precedence, &count, &usual));
	CHECK(precedence.importance == 7 && !usual);
	OK(task_threads(mach_task_self(), &list, &threads));
	for (i = 0; i < threads; i++) {
		found |= list[i] == self;
		OK(mach_port_deallocate(mach_task_self(), list[i]));
	}
	CHECK(found);
	OK(vm_deallocate(mach_task_self(), (vm_address_t)list, threads * sizeof *list));
	count = TASK_VM_INFO_COUNT;
	OK(task_info(mach_task_self(), TASK_VM_INFO, (task_info_t)&memory_use, &count));
	CHECK(memory_use.region_count > 1 && memory_use.phys_footprint > 0);
	OK(mach_port_kobject(mach_task_self(), self, &type, &address));
	CHECK(type == IPC_OTYPE_THREAD_CONTROL && address == 0);
	OK(mach_memory_object_memory_entry(mach_host_self(), TRUE, vm_page_size, VM_PROT_DEFAULT, MACH_PORT_NULL, &entry));
	OK(mach_port_deallocate(mach_task_self(), entry));
	OK(mach_port_deallocate(mach_task_self(), self));

	CHECK(mach_eventlink_create(mach_task_self(), MELC_OPTION_NO_COPYIN, pair) == KERN_NOT_SUPPORTED);
	CHECK(task_suspend(mach_task_self()) == KERN_NOT_SUPPORTED);
	CHECK(thread_suspend(self) == KERN_NOT_SUPPORTED);
	CHECK(task_set_exception_ports(mach_task_self(), EXC_MASK_ALL, MACH_PORT_NULL, EXCEPTION_DEFAULT, THREAD_STATE_NONE) ==
	    KERN_NOT_SUPPORTED);
}

int main(void)
{
	alarm(30);
	variables();
	times();
	memory();
	semaphores();
	files();
	names();
	generated();
	reply_header();
	special_reply_port();
	tokens();
	timers();
	hosts_and_threads();
	return EXIT_SUCCESS;
}
