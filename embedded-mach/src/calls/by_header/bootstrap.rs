//! Names for ports: `servers/bootstrap.h`.
//!
//! A server *checks in* a name and gets the receive right; clients *look it up* and get send rights.

pub use super::extra::bootstrap_register2;
pub use crate::calls::bootstrap::{
    bootstrap_check_in, bootstrap_look_up, bootstrap_port, bootstrap_register, bootstrap_status,
    bootstrap_strerror,
};
pub use crate::calls::subsets::{
    bootstrap_create_server, bootstrap_create_service, bootstrap_parent, bootstrap_subset,
    bootstrap_unprivileged,
};
pub use crate::headers::bootstrap::*;
