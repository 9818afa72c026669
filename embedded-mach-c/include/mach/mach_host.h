/* Calls on the host. <mach/mach_init.h> declares host_page_size as well. */
#ifndef EMBEDDED_MACH_MACH_HOST_H
#define EMBEDDED_MACH_MACH_HOST_H

#include <mach/clock_types.h>
#include <mach/host_info.h>
#include <mach/mach_init.h>
#include <mach/mach_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* SYSTEM_CLOCK or CALENDAR_CLOCK. */
extern kern_return_t host_get_clock_service(host_t host, clock_id_t clock_id, clock_serv_t *clock_serv);

/* The host's port, plain or privileged; for the system's administrator. */
extern kern_return_t host_get_special_port(host_priv_t host_priv, int node, int which, mach_port_t *port);
/* Keeps memory from being put away; with VM_PROT_NONE no longer. For the system's administrator. */
extern kern_return_t mach_vm_wire(host_priv_t host_priv, vm_map_t task, mach_vm_address_t address,
    mach_vm_size_t size, vm_prot_t desired_access);
extern kern_return_t vm_wire(host_priv_t host_priv, vm_map_t task, vm_address_t address, vm_size_t size,
    vm_prot_t desired_access);

extern kern_return_t host_info(host_t host, host_flavor_t flavor, host_info_t host_info_out,
    mach_msg_type_number_t *host_info_out_count);
extern kern_return_t host_kernel_version(host_t host, char *version);
/* New memory, without a pager and with internal set. */
extern kern_return_t mach_memory_object_memory_entry_64(host_t host, boolean_t internal,
    memory_object_offset_t size, vm_prot_t permission, mach_port_t pager, mach_port_t *entry_handle);
extern kern_return_t mach_memory_object_memory_entry(host_t host, boolean_t internal, vm_size_t size,
    vm_prot_t permission, mach_port_t pager, mach_port_t *entry_handle);

#ifdef __cplusplus
}
#endif

#endif
