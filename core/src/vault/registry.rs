//! Every row of a vault, by name: where it lies, what it is called, what it holds (format §6).
//!
//! Two rows of one table never share a name: the parts of a name have fixed lengths, and no two rows with parts of the same length
//! begin alike.

use std::collections::BTreeSet;

use crate::catalog::{Catalogued, ClientRow, Timeline};
use crate::id::{ClientId, DeviceId, DocId, EpochId, Hash, KeyId, LogId, NoteId};
use crate::log::{Description, Setting, SignedHeader};
use crate::rows::{Listed, Mark, NamePart, One, Row};
use crate::store::Table;
use crate::vault::Millis;
use crate::vault::items::boot::Secrets;
use crate::vault::items::deletion::TrashedDocument;
use crate::vault::items::file::{Blob, LackedBlobs, MissingPieces, NamedBlobs, WantedBlobs};
use crate::vault::items::keys::{KeyRow, Lacking, OwnPart, PrivatePart, WritingKey};
use crate::vault::items::ledger::{Cards, LostEnvelopes, MetThrough, MissedRemoval, QuarantinedEnvelope};
use crate::vault::items::mass_deletion::Deletions;
use crate::vault::items::note::{KeptBeyond, PendingChanges};
use crate::vault::items::place::{Entry, Place};
use crate::vault::items::pruning::{Numbers, PrunedDraft};
use crate::vault::items::signing::{LateAddendum, SigningWishes};

macro_rules! rows {
    ($($(#[$doc:meta])* $row:ident $(<$life:lifetime>)? ($($part:ident: $type:ty),*) in $table:ident as $prefix:literal: $value:ty;)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $row $(<$life>)? ($(pub(crate) $type),*);

            impl $(<$life>)? Row for $row $(<$life>)? {
                type Value = $value;
                const TABLE: Table = Table::$table;

                fn name(&self) -> Vec<u8> {
                    #[allow(unused_mut, reason = "a name without parts does not grow")]
                    let mut name = $prefix.to_vec();
                    let Self($($part),*) = self;
                    $($part.append_to(&mut name);)*
                    name
                }
            }
        )*
    };
}

rows! {
    /// The signed header of an envelope.
    HeaderAt(envelope: Hash) in Headers as b"": SignedHeader;
    /// The body of an envelope, as it travels.
    BodyAt(envelope: Hash) in Bodies as b"": Vec<u8>;

    /// What the index knows of a document.
    DocumentAt(id: DocId) in Index as b"d": Entry;
    /// Documents that moves or signatures give to a client of whom nothing is here.
    AwaitingClientAt(client: ClientId) in Index as b"to": BTreeSet<DocId>;
    /// The envelopes at one number of a log; more than one where the log has branches.
    OrderAt(log: LogId, seq: u64) in Index as b"o": Vec<Hash>;
    /// Numbers and names of the envelopes of a log whose bodies are not here.
    MissingBodiesAt(log: LogId) in Index as b"m": BTreeSet<(u64, Hash)>;
    /// Numbers and names of the envelopes of a log whose headers were lost.
    LostHeadersAt(log: LogId) in Index as b"h": LostEnvelopes;
    /// Where the items of a large body begin and end in it.
    LayoutAt(envelope: Hash) in Index as b"l": Vec<u8>;
    /// Envelopes of a removed device's log that are not used.
    QuarantineAt(log: LogId) in Index as b"q": Vec<QuarantinedEnvelope>;
    /// That the draft of a note is pruned, and which envelopes were found to be covered by its signatures.
    PrunedDraftAt(note: NoteId) in Index as b"c": PrunedDraft;
    /// That the body of an envelope was pruned, or is to be: its signed header, where that was known.
    PrunedBodyAt(envelope: Hash) in Index as b"x": Vec<u8>;
    /// Numbers of the envelopes of a log whose bodies a device says that it let go.
    LetGoAt(device: DeviceId, log: LogId) in Index as b"y": Numbers;
    /// Numbers of the envelopes of a log whose bodies were pruned.
    PrunedRangesAt(log: LogId) in Keys as b"g": Numbers;
    /// Where a log ended of which everything was let go, its headers too.
    RetiredLogAt(log: LogId) in Keys as b"z": One<(u64, Hash)>;
    /// The list of a file's pieces, after the document whose file it is.
    BlobAt(blob: Hash) in Index as b"blob": Blob;
    /// Further documents that name a blob as theirs, beside the one with the smallest id.
    FurtherFilesAt(blob: Hash) in Index as b"files": BTreeSet<DocId>;
    /// Which pieces of a file are not here.
    MissingPiecesAt(blob: Hash) in Index as b"lack": MissingPieces;
    /// All lists of pieces.
    BlobsAt() in Index as b"blobs": NamedBlobs;
    /// The lists of pieces that one document names.
    BlobsOfAt(file: DocId) in Index as b"blobs": BTreeSet<Hash>;
    /// Lists of pieces of which some shall still come.
    WantedBlobsAt() in Index as b"wanted blobs": WantedBlobs;

    /// A client's timeline.
    TimelineAt(client: ClientId) in Catalog as b"t": Catalogued<Timeline>;
    /// The clients whose ids begin with one byte.
    ClientBucketAt(first: u8) in Catalog as b"c": Catalogued<Vec<ClientRow>>;
    /// What is in the trash.
    TrashAt() in Catalog as b"trash": Catalogued<Vec<(DocId, TrashedDocument)>>;
    /// The payloads of all merge items.
    MergesAt() in Catalog as b"merges": Catalogued<Vec<Vec<u8>>>;

    /// Notes of which something was typed that no envelope holds yet.
    PendingNotesAt() in Pending as b"all": BTreeSet<NoteId>;
    /// What was typed in one note and no envelope holds yet.
    PendingChangesAt(note: NoteId) in Pending as b"p": PendingChanges;
    /// What was written of a note beyond what it holds, with the rest of it.
    OverlongAt(note: NoteId) in Pending as b"long": KeptBeyond;
    /// Notes of which such words are kept.
    OverlongNotesAt() in Pending as b"long": BTreeSet<NoteId>;
    /// What the therapist made of an unsigned addendum.
    LateTextAt(note: NoteId) in Pending as b"late": LateAddendum;
    /// Signatures that can still be taken back.
    SigningAt() in Pending as b"signing": SigningWishes;
    /// Items that wait for a key.
    WaitingForKeyAt(key: KeyId) in Pending as b"w": BTreeSet<Place>;
    /// All keys that items wait for.
    WaitingKeysAt() in Pending as b"keys": BTreeSet<KeyId>;
    /// Envelopes that wait for the secret of an epoch.
    WaitingForEpochAt(epoch: EpochId) in Pending as b"e": BTreeSet<Hash>;
    /// Headers whose signer is not known yet: a log and its run, one after the other.
    OrphanHeadersAt() in Pending as b"held": Vec<u8>;
    /// Where entries of the roster stand that follow this one, which has not come. One that follows several waits for the first.
    WaitingForEntryAt(entry: Hash) in Pending as b"entry": BTreeSet<Place>;
    /// Entries of the roster, out of the logs of one device, that a later version may understand.
    OrphanEntriesAt(device: DeviceId) in Pending as b"orphans": Listed;
    /// Epochs that no removal here opened, and the envelope before the first that lies under each.
    MissedRemovalsAt() in Pending as b"missed": BTreeSet<MissedRemoval>;
    /// Envelopes whose bodies are here and are to be pruned.
    PrunableBodiesAt() in Pending as b"due": BTreeSet<Hash>;
    /// Files with pieces that nothing names, or shall name any more.
    GoingFilesAt() in Pending as b"going": BTreeSet<DocId>;
    /// The pieces of such a file.
    GoingPiecesAt(file: DocId) in Pending as b"going": Vec<Hash>;

    /// A compartment key, or which parts hold it.
    CompartmentKeyAt(key: KeyId) in Keys as b"k": KeyRow;
    /// A part of this device's keyring with keys of private notes.
    PrivatePartAt(author: DeviceId, part: DocId) in Keys as b"b": PrivatePart;
    /// The keys of one client's compartment, by its code; none of private notes.
    KeysOfClientAt(compartment: u8, client: ClientId) in Keys as b"c": BTreeSet<KeyId>;
    /// The key with which this device writes one client's compartment.
    WritingKeyAt(compartment: u8, client: ClientId) in Keys as b"u": WritingKey;
    /// A keyring part that this device publishes.
    OwnPartAt(part: DocId) in Keys as b"p": OwnPart;
    /// All of these parts.
    OwnPartsAt() in Keys as b"own parts": Vec<DocId>;
    /// The part that takes the next key.
    OpenPartAt() in Keys as b"open part": One<DocId>;

    /// What this device said last that it lacks.
    SaidLackingAt() in Misc as b"lacking": Lacking;
    /// All that a device ever said it lacks.
    LackingAt(device: DeviceId) in Misc as b"lacks": Lacking;
    /// Keys that were published for a device because it said that it lacks them.
    AnsweredAt(device: DeviceId) in Misc as b"answered": BTreeSet<KeyId>;
    /// The secrets of the epochs, and the practice key.
    SecretsAt() in Keys as b"epochs": Secrets;
    /// The roster's entries, in the order in which they were accepted.
    RosterAt() in Keys as b"roster": Listed;
    /// The logs in which this device writes: what it says, and drafts.
    OwnLogsAt() in Keys as b"log": One<(LogId, LogId)>;
    /// Number of the recovery kit to which the recovery slot is sealed; that of the first kit without this row, zeros where
    /// nobody knows.
    KitSealedToAt() in Keys as b"kit": One<Hash>;
    /// What a restored device says in its hello until the others know it.
    VoucherAt() in Misc as b"voucher": Vec<u8>;
    /// What a device says of itself.
    DescriptionAt(device: DeviceId) in Misc as b"says": Description;
    /// A setting of the practice, as one device said it last.
    PracticeSettingAt(kind: u8, device: DeviceId) in Misc as b"sets": Setting;
    /// The epoch under which it said that: who is out since then knows it.
    SettingEpochAt(kind: u8, device: DeviceId) in Misc as b"sets in": One<EpochId>;
    /// When another device was last here.
    LastSeenAt(device: DeviceId) in Misc as b"seen": One<Millis>;
    /// Through what another device was met last.
    MetThroughAt(device: DeviceId) in Misc as b"met": One<MetThrough>;
    /// When another device last had everything that was here, and had said so.
    HadAllAt(device: DeviceId) in Misc as b"had all": One<Millis>;
    /// Numbers of the envelopes of a log that another device said it holds: first, and one past the last.
    HeldElsewhereAt(device: DeviceId, log: LogId) in Misc as b"held": Vec<(u64, u64)>;
    /// The files that another device said last it does not hold whole.
    LackedThereAt(device: DeviceId) in Misc as b"lacked": LackedBlobs;
    /// A body that was pruned and can be taken back.
    AsideBodyAt(envelope: Hash) in Misc as b"aside body": Vec<u8>;
    /// All of these, since when, zero until the next unlocking, and since when they are found to be there long enough.
    AsideBodiesAt() in Misc as b"aside bodies": Vec<(Hash, (u64, u64))>;
    /// Pruned drafts to which changes came since, and have not been looked at.
    LateDraftsAt() in Misc as b"late drafts": BTreeSet<NoteId>;
    /// The envelopes of changes that came to a pruned draft.
    LateChangesAt(note: NoteId) in Misc as b"late changes": BTreeSet<Hash>;
    /// Private notes of all clients.
    PrivateNotesAt() in Misc as b"process": BTreeSet<NoteId>;
    /// Files beside private notes, of all clients.
    PrivateFilesAt() in Misc as b"process files": BTreeSet<DocId>;
    /// That the keys of private notes are to be published when the passphrase is given next.
    OwedPrivateKeysAt() in Misc as b"owed": Mark;
    /// Items that could not be used.
    SetAsideAt() in Misc as b"aside": BTreeSet<Place>;
    /// Deletions by other devices that are counted.
    CountedDeletionsAt() in Misc as b"deletions": Deletions;
    /// The contact cards of colleagues.
    ColleaguesAt() in Misc as b"colleagues": Cards;
    /// When an import was made, and how many rows say what it brought.
    ImportAt(id: DocId) in Misc as b"import": One<(Millis, u64)>;
    /// Some documents that an import brought, to undo it.
    ImportedAt(id: DocId, part: u64) in Misc as b"import": Vec<DocId>;
    /// All imports that can be undone.
    ImportsAt() in Misc as b"imports": Vec<DocId>;
    /// Notes that this device signed and whose drafts are not pruned.
    OpenDraftsAt() in Misc as b"drafts": BTreeSet<NoteId>;
    /// Deleted documents: when this device first saw that, zero until the next unlocking says so; and since when it finds them
    /// out of the trash, zero of those that are in it.
    DeletionsSeenAt() in Misc as b"deletions seen": Vec<(DocId, (u64, u64))>;
    /// Of a device that came to a practice: when the first envelope of another came to it, zero before that.
    NewcomerAt() in Misc as b"newcomer": One<Millis>;
    /// Something that this device keeps for itself under a name.
    SettingAt<'a>(name: &'a str) in Misc as b"setting ": Vec<u8>;
    /// How far a migration has come.
    MigrationAt() in Misc as b"migration": Vec<u8>;
}

impl DocumentAt {
    /// The document of which a row of the index with this name is.
    pub(crate) fn id_in(name: &[u8]) -> Option<DocId> {
        name.strip_prefix(b"d").and_then(|id| id.try_into().ok()).map(DocId)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every row with some parts, and all its parts zero or empty: the row's name as short as it can be.
    macro_rules! names {
        ($($row:expr),* $(,)?) => { vec![$(named(&$row)),*] };
    }

    fn named<R: Row>(row: &R) -> (Table, Vec<u8>) {
        (R::TABLE, row.name())
    }

    #[test]
    fn no_two_rows_of_a_table_have_the_same_name() {
        let (id, hash, log) = (DocId([0; 16]), Hash([0; 32]), LogId([0; 24]));
        let (key, epoch, device) = (KeyId([0; 16]), EpochId([0; EpochId::LEN]), DeviceId([0; DeviceId::LEN]));
        let all = names![
            HeaderAt(hash),
            BodyAt(hash),
            DocumentAt(id),
            AwaitingClientAt(id),
            OrderAt(log, 0),
            MissingBodiesAt(log),
            LostHeadersAt(log),
            LayoutAt(hash),
            QuarantineAt(log),
            PrunedDraftAt(id),
            PrunedBodyAt(hash),
            LetGoAt(device, log),
            PrunedRangesAt(log),
            RetiredLogAt(log),
            BlobAt(hash),
            FurtherFilesAt(hash),
            MissingPiecesAt(hash),
            BlobsAt(),
            BlobsOfAt(id),
            WantedBlobsAt(),
            TimelineAt(id),
            ClientBucketAt(0),
            TrashAt(),
            MergesAt(),
            PendingNotesAt(),
            PendingChangesAt(id),
            OverlongAt(id),
            OverlongNotesAt(),
            LateTextAt(id),
            SigningAt(),
            WaitingForKeyAt(key),
            WaitingKeysAt(),
            SaidLackingAt(),
            LackingAt(device),
            AnsweredAt(device),
            WaitingForEpochAt(epoch),
            OrphanHeadersAt(),
            WaitingForEntryAt(hash),
            OrphanEntriesAt(device),
            MissedRemovalsAt(),
            PrunableBodiesAt(),
            GoingFilesAt(),
            GoingPiecesAt(id),
            CompartmentKeyAt(key),
            KeysOfClientAt(0, id),
            PrivatePartAt(device, id),
            WritingKeyAt(0, id),
            OwnPartAt(id),
            OwnPartsAt(),
            OpenPartAt(),
            SecretsAt(),
            RosterAt(),
            OwnLogsAt(),
            KitSealedToAt(),
            VoucherAt(),
            DescriptionAt(device),
            PracticeSettingAt(0, device),
            SettingEpochAt(0, device),
            LastSeenAt(device),
            MetThroughAt(device),
            HadAllAt(device),
            HeldElsewhereAt(device, log),
            LackedThereAt(device),
            AsideBodyAt(hash),
            AsideBodiesAt(),
            LateDraftsAt(),
            LateChangesAt(id),
            PrivateNotesAt(),
            PrivateFilesAt(),
            OwedPrivateKeysAt(),
            SetAsideAt(),
            CountedDeletionsAt(),
            ColleaguesAt(),
            ImportAt(id),
            ImportedAt(id, 0),
            ImportsAt(),
            OpenDraftsAt(),
            DeletionsSeenAt(),
            NewcomerAt(),
            SettingAt(""),
            MigrationAt(),
        ];
        let names: BTreeSet<_> = all.iter().collect();
        assert_eq!(names.len(), all.len());
    }
}
