/* Vouchers, which ride in message headers. None exist here but the null one. */
#ifndef EMBEDDED_MACH_MACH_VOUCHER_TYPES_H
#define EMBEDDED_MACH_MACH_VOUCHER_TYPES_H

#include <mach/port.h>

typedef mach_port_t mach_voucher_t;
typedef mach_port_name_t mach_voucher_name_t;
typedef mach_voucher_name_t *mach_voucher_name_array_t;
typedef mach_voucher_t ipc_voucher_t;

#define MACH_VOUCHER_NULL ((mach_voucher_t)0)
#define MACH_VOUCHER_NAME_NULL ((mach_voucher_name_t)0)
#define MACH_VOUCHER_NAME_ARRAY_NULL ((mach_voucher_name_array_t)0)
#define IPC_VOUCHER_NULL ((ipc_voucher_t)0)

#endif
