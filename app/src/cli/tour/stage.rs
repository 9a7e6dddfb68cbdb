//! Where the tour plays: a temporary folder, the practices in it, and what each step must find again.

use std::path::{Path, PathBuf};

use subrosa_core::id::{ClientId, NoteId};
use subrosa_core::secret::Passphrase;
use subrosa_core::vault::Vault;
use tempfile::TempDir;

use super::{Wrong, hold};
use crate::features::opening::demo::made_up;
use crate::practice::Profile;

/// The sentence that is written, found again, and looked for where it must not be.
pub(super) const SENTENCE: &str = "She laughed for the first time since April, and asked for the window to stay open.";
/// The made-up client's name.
pub(super) const NAME: &str = "Ylva Törnqvist-Sáňchez";

/// Everything that the steps share. Practices come first: they let go of their files before the folder goes.
pub(super) struct TourStage {
    pub(super) desk: Option<Vault>,
    pub(super) laptop: Option<Vault>,
    pub(super) colleague: Option<Vault>,
    pub(super) passphrase: Passphrase,
    pub(super) profile: Profile,
    pub(super) paper: made_up::Written,
    pub(super) import: Option<subrosa_core::id::DocId>,
    pub(super) kit_reads_back: bool,
    pub(super) client: Option<ClientId>,
    pub(super) note: Option<NoteId>,
    pub(super) draft: Option<NoteId>,
    pub(super) clients: usize,
    root: PathBuf,
    folder: Option<TempDir>,
}

impl TourStage {
    pub(super) fn new(profile: Profile) -> Result<Self, Wrong> {
        let folder = tempfile::Builder::new().prefix("subrosa-tour-").tempdir()?;
        Ok(Self {
            desk: None,
            laptop: None,
            colleague: None,
            // Guards made-up people, for a minute.
            passphrase: Passphrase::new("lantern gravel oboe thicket".to_owned()),
            profile,
            paper: made_up::Written::default(),
            import: None,
            kit_reads_back: false,
            client: None,
            note: None,
            draft: None,
            clients: 0,
            root: folder.path().to_owned(),
            folder: Some(folder),
        })
    }

    /// The temporary folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that the practice lies in, and nothing else.
    pub(super) fn desk_folder(&self) -> PathBuf {
        self.root.join("desk")
    }

    /// The practice's file.
    pub(super) fn desk_file(&self) -> PathBuf {
        self.desk_folder().join("practice.subrosa")
    }

    /// The second device's file.
    pub(super) fn laptop_file(&self) -> PathBuf {
        self.root.join("laptop").join("practice.subrosa")
    }

    /// The colleague's file.
    pub(super) fn colleague_file(&self) -> PathBuf {
        self.root.join("colleague").join("practice.subrosa")
    }

    /// The sealed record as it was written.
    pub(super) fn sealed_file(&self) -> PathBuf {
        self.root.join("record.age")
    }

    /// The sealed record as the colleague received it.
    pub(super) fn received_file(&self) -> PathBuf {
        self.root.join("received.age")
    }

    /// The open practice.
    pub(super) fn desk(&mut self) -> Result<&mut Vault, Wrong> {
        self.desk.as_mut().ok_or_else(|| Wrong("the practice is not open".to_owned()))
    }

    /// The practice as it is open on the second device.
    pub(super) fn laptop(&mut self) -> Result<&mut Vault, Wrong> {
        self.laptop.as_mut().ok_or_else(|| Wrong("the practice is not open on the second device".to_owned()))
    }

    /// The colleague's open practice.
    pub(super) fn colleague(&mut self) -> Result<&mut Vault, Wrong> {
        self.colleague.as_mut().ok_or_else(|| Wrong("the colleague's practice is not open".to_owned()))
    }

    /// The client that was added.
    pub(super) fn client(&self) -> Result<ClientId, Wrong> {
        self.client.ok_or_else(|| Wrong("no client was added".to_owned()))
    }

    /// The note that both devices write in.
    pub(super) fn draft(&self) -> Result<NoteId, Wrong> {
        self.draft.ok_or_else(|| Wrong("no second note was begun".to_owned()))
    }

    /// The note that was written.
    pub(super) fn note(&self) -> Result<NoteId, Wrong> {
        self.note.ok_or_else(|| Wrong("no note was written".to_owned()))
    }
}

/// Closes every practice and removes the folder.
pub(super) fn clean_up(stage: &mut TourStage) -> Result<(), Wrong> {
    stage.desk = None;
    stage.laptop = None;
    stage.colleague = None;
    match stage.folder.take() {
        Some(folder) => Ok(folder.close()?),
        None => Ok(()),
    }
}

pub(super) fn cleaned_up(stage: &mut TourStage) -> Result<String, Wrong> {
    hold(!stage.root.exists(), "the temporary folder is still there")?;
    Ok("the temporary folder is gone".to_owned())
}

/// Whether the sentence or the name stands in these bytes, as UTF-8 or UTF-16.
pub(super) fn gives_away(bytes: &[u8]) -> bool {
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    [SENTENCE, NAME].into_iter().any(|text| {
        let forms = [text.as_bytes().to_vec(), utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes)];
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_slice()))
    })
}
