//! Clients: who they are, and which records are one person's.

mod error;
mod merge_records;
mod records;

pub use error::ClientError;
pub use records::ParticularsVersion;

use crate::catalog::ClientRow;
use crate::id::ClientId;
use crate::record::{Identity, Measure};
use crate::vault::read::ReadError;
use crate::vault::subject::Clients;

impl<'v> Clients<'v> {
    /// All clients, in the order of their ids; two records that were made one are one.
    pub fn all(&self) -> impl Iterator<Item = &'v ClientRow> + use<'v> {
        self.core.read().clients()
    }

    /// One client of the list; of a record that was made one with another, the client who stands for both.
    pub fn client(&self, id: &ClientId) -> Result<&'v ClientRow, ReadError> {
        self.core.read().documents().client(id)
    }

    /// Who a client is.
    pub fn identity(&self, id: &ClientId) -> Result<Identity, ReadError> {
        self.core.read().documents().identity(id)
    }

    /// What the other records of a merged client say about who it is.
    pub fn other_identities(&self, id: &ClientId) -> Result<Vec<(ClientId, Identity)>, ReadError> {
        self.core.read().documents().other_identities(id)
    }

    /// All measures of a client, oldest first.
    pub fn measures(&self, client: &ClientId) -> Result<Vec<Measure>, ReadError> {
        self.core.read().documents().measures(client)
    }
}
