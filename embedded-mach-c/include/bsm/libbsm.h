/* Reading audit tokens. */
#ifndef EMBEDDED_MACH_BSM_LIBBSM_H
#define EMBEDDED_MACH_BSM_LIBBSM_H

#include <mach/mach.h>
#include <stdint.h>
#include <sys/types.h>

typedef uid_t au_id_t;
typedef pid_t au_asid_t;

struct au_tid {
	dev_t port;
	uint32_t machine;
};
typedef struct au_tid au_tid_t;

#ifdef __cplusplus
extern "C" {
#endif

extern uid_t audit_token_to_auid(audit_token_t atoken);
extern uid_t audit_token_to_euid(audit_token_t atoken);
extern gid_t audit_token_to_egid(audit_token_t atoken);
extern uid_t audit_token_to_ruid(audit_token_t atoken);
extern gid_t audit_token_to_rgid(audit_token_t atoken);
extern pid_t audit_token_to_pid(audit_token_t atoken);
extern au_asid_t audit_token_to_asid(audit_token_t atoken);
/* Differs for processes that had the same id one after the other. */
extern int audit_token_to_pidversion(audit_token_t atoken);
/* All of it; what is not wanted is null. */
extern void audit_token_to_au32(audit_token_t atoken, uid_t *auidp, uid_t *euidp, gid_t *egidp, uid_t *ruidp,
    gid_t *rgidp, pid_t *pidp, au_asid_t *asidp, au_tid_t *tidp);

#ifdef __cplusplus
}
#endif

#endif
