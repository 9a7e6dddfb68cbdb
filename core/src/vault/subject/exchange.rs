//! What goes to others and comes from them: paper trails and exports, colleagues and the records sealed to them.

mod colleagues;
mod error;
mod export;
mod import;
mod importing;
mod records;

use crate::id::ClientId;
use crate::vault::read::Disclosure;
use crate::vault::read::ReadError;
use crate::vault::subject::Exchange;

pub use colleagues::ColleagueRow;
pub use error::RecordError;
pub use import::{ExchangeError, Imported, UndoError, Undone};
pub use records::{Handed, Sealed, Share};

impl Exchange<'_> {
    /// To whom a client's record was handed out, newest first.
    pub fn disclosures(&self, client: &ClientId) -> Result<Vec<Disclosure>, ReadError> {
        self.core.read().documents().disclosures(client)
    }
}
