//! The device's half over real parts: a whole client that is killed, and the real server it comes back to.

mod crash;
