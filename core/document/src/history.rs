//! The versions that a document went through.

use subrosa_base::id::Hash;

use super::{Actor, Document, Heads};

/// One change of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The change's hash: the version is what it and all before it say.
    pub hash: Hash,
    /// Who wrote it.
    pub actor: Actor,
    /// When, in seconds since 1970, if that was recorded.
    pub seconds: Option<i64>,
    /// The versions that it was written on; none of the first.
    pub parents: Heads,
}

impl Version {
    /// For [`Document::content_at`].
    pub fn heads(&self) -> Heads {
        Heads::from(vec![self.hash])
    }
}

impl Document {
    /// Every version but the root, each after those that it was written on.
    pub fn history(&self) -> Vec<Version> {
        self.versions_outside(&Heads::default())
    }

    /// The versions that `heads` does not hold, each after those that it was written on.
    pub(super) fn versions_outside(&self, heads: &Heads) -> Vec<Version> {
        let changes = self.automerge.get_changes_meta(&self.known(heads));
        let version = |change: &automerge::ChangeMetadata<'_>| {
            let parents: Vec<_> = change.deps.iter().filter(|hash| **hash != self.root).copied().collect();
            (change.hash != self.root).then_some(())?;
            Some(Version {
                hash: Hash(change.hash.0),
                actor: Actor::from_automerge(&change.actor)?,
                seconds: (change.timestamp != 0).then_some(change.timestamp),
                parents: Heads::from_automerge(&parents),
            })
        };
        changes.iter().filter_map(version).collect()
    }
}
