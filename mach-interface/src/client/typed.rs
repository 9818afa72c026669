//! What all typed clients have in common.

use crate::client::Client;
use crate::describe::Interface;

/// The clients that `#[subsystem]` makes: a [`Client`] with the routines' names.
///
/// It is for code that works with any interface, such as a pool of helpers: it finds the server, and its user calls the
/// routines.
///
/// ```
/// use mach_interface::{Client, TypedClient, subsystem};
/// use mach_ports::{ReturnCode, SendRight};
///
/// #[subsystem(base = 900)]
/// trait Adder {
///     fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode>;
/// }
///
/// /// A client of any interface, by a right that came from elsewhere.
/// fn patient<C: TypedClient>(right: SendRight) -> C {
///     C::from_client(Client::new(right).with_timeout(std::time::Duration::from_secs(60)))
/// }
///
/// let right = mach_ports::ReceiveRight::new()?.make_send()?;
/// let adder: AdderClient = patient(right);
/// assert!(adder.add(2, 3).is_err()); // nobody is there
/// assert_eq!(<AdderClient as TypedClient>::interface().name, "adder");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait TypedClient: Clone + Send + Sync + 'static {
    /// The interface as data.
    fn interface() -> &'static Interface;

    /// Calls the routines by this right and with this time for each call. Nobody checks that the server has the interface:
    /// [`connect`](crate::client::connect) does.
    fn from_client(client: Client) -> Self;
}
