//! Card work that only the end of the host cancels.

use super::Control;
use crate::{error::Error, halt::Halt};

/// Lets card work go on until the host ends.
pub struct UntilHalt(pub Halt);

impl Control for UntilHalt {
    fn proceed(&mut self) -> Result<(), Error> {
        if self.0.is_ending() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
