//! The lies: each says something that no honest device would, in a well-formed envelope, or to the vault's face.

mod cards;
mod documents;
mod drafts;
mod keys;
mod logs;
mod roster;
mod signing;

pub(super) use keys::is_the_liars;

use super::world::World;

/// How often a lie is told, and by whom.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// As often as any other.
    Often,
    /// One history in ten: it is large.
    Rarely,
    /// By a liar that has the passphrase.
    WithWords,
    /// By such a one, as the last of its lies: the others then are few, or cannot let anybody in.
    Last,
}

macro_rules! lies {
    ($($(#[$doc:meta])* $lie:ident in $room:ident as $tell:ident, $told:ident;)*) => {
        /// One lie.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Lie {
            $($(#[$doc])* $lie,)*
        }

        impl Lie {
            pub(super) const ALL: &[Self] = &[$(Self::$lie,)*];

            /// When it is told.
            pub(super) fn told(self) -> Told {
                match self {
                    $(Self::$lie => Told::$told,)*
                }
            }

            /// Tells it; `None` while what it is about is not there.
            pub(super) fn tell(self, world: &mut World) -> Option<()> {
                match self {
                    $(Self::$lie => $room::$tell(world, self),)*
                }
            }
        }
    };
}

lies! {
    /// A change in the name of an honest device, under the number that its next one will have.
    AnothersChange in drafts as anothers_change, Often;
    /// Changes of another document.
    ForeignChange in drafts as foreign_change, Often;
    /// Bytes that are no change.
    NoChange in drafts as no_change, Often;
    /// Two changes under one actor and number, on each of which an honest device builds.
    NumberTwice in drafts as number_twice, Often;
    /// A change that leaves numbers out, so that none are left for others.
    NumbersLeftOut in drafts as numbers_left_out, Often;
    /// A change on one that nobody is given.
    ChangeOnNothing in drafts as change_on_nothing, Often;
    /// Changes by hundreds of actors, each beside the others.
    ManyActors in drafts as many_actors, Rarely;
    /// Hundreds of changes in one body that the document refuses.
    ManyRefused in drafts as many_refused, Rarely;
    /// Words of others deleted by an ordinary edit.
    WordsDeleted in drafts as words_deleted, Often;
    /// Words of others deleted, and the rest signed.
    DeletedThenSigned in signing as deleted_then_signed, Often;
    /// A signature that says nothing, at the draft's heads, and a closing of every envelope of it.
    NothingSigned in signing as nothing_signed, Often;
    /// A signature at heads that nobody has.
    HeadsOfNobody in signing as heads_of_nobody, Often;
    /// A signature of other words than the draft's, dated back to the first day.
    OtherWords in signing as other_words, Often;
    /// The signature of one note beside another.
    SignatureElsewhere in signing as signature_elsewhere, Often;
    /// A signature in the name of an honest device.
    AnothersSignature in signing as anothers_signature, Often;
    /// Signed bytes that name something twice.
    NamedTwice in signing as named_twice, Often;
    /// A signature that says another client, and numbers in a form that no field has.
    OddSignature in signing as odd_signature, Often;
    /// A note frozen under another client's name, another type, another compartment.
    OtherOrigin in documents as other_origin, Often;
    /// A frozen item beside a note that was written here.
    FrozenBeside in documents as frozen_beside, Often;
    /// A frozen item that says nothing.
    FrozenNothing in documents as frozen_nothing, Often;
    /// Noise for a note of the record under the name of a key of private notes.
    PrivateNoise in documents as private_noise, Often;
    /// Noise of every kind under every document's name.
    NoiseOfEveryKind in documents as noise_of_every_kind, Often;
    /// Thousands of items in one body that cannot be used.
    ManyUnusable in documents as many_unusable, Rarely;
    /// Thousands of items that wait for keys which nobody has.
    ManyWaiting in documents as many_waiting, Rarely;
    /// A note moved to nobody, for ever.
    MovedToNobody in documents as moved_to_nobody, Often;
    /// Dozens of moves of one note beside each other.
    ManyMoves in documents as many_moves, Often;
    /// Clients made part of one that there is none of.
    MergedIntoNobody in documents as merged_into_nobody, Often;
    /// Hundreds of merges of everybody into everybody.
    ManyMerges in documents as many_merges, Rarely;
    /// A deletion dated back to the first day.
    DeletedLongAgo in documents as deleted_long_ago, Often;
    /// A deletion of a day that never comes.
    DeletedInTheFuture in documents as deleted_in_the_future, Often;
    /// Everything deleted at once.
    AllDeleted in documents as all_deleted, Often;
    /// A record said to have been handed out that never was, of another client.
    NeverDisclosed in documents as never_disclosed, Often;
    /// Keys of its own for everybody's record, in a part for all.
    KeysForAll in keys as keys_for_all, Often;
    /// Noise under the names of keys that honest devices made.
    NoiseUnderNames in keys as noise_under_names, Often;
    /// Keys of private notes in a part that opens without the passphrase, and in one of a class to come.
    OtherClass in keys as other_class, Often;
    /// A part with the true keys for one reader and noise for the other.
    GoodForOne in keys as good_for_one, Often;
    /// Other secrets for epochs that are known.
    FalseEpoch in keys as false_epoch, Often;
    /// Keys and epochs said to be lacking that there are none of, again and again.
    LackingInvented in keys as lacking_invented, Often;
    /// A description under the last number there is, and another one under the same.
    DescribedTwice in keys as described_twice, Often;
    /// A relay of its own for all, under the last number there is, in place of whatever it can name.
    RelayForAll in keys as relay_for_all, Often;
    /// A closing that names every envelope there is.
    AllClosed in logs as all_closed, Often;
    /// A closing that names thousands of envelopes that there are none of.
    InventedClosed in logs as invented_closed, Rarely;
    /// A log with two ends.
    Forked in logs as forked, Often;
    /// A log with more ends than are kept.
    ManyForks in logs as many_forks, Often;
    /// A log longer than any.
    Overlong in logs as overlong, Rarely;
    /// More logs than one device has.
    ManyLogs in logs as many_logs, Rarely;
    /// A header whose body nobody is ever given.
    Withheld in logs as withheld, Often;
    /// A body that is no body.
    NoBody in logs as no_body, Often;
    /// Dozens of epochs that nobody has opened.
    InventedEpochs in logs as invented_epochs, Often;
    /// Kinds that no version has.
    UnknownKinds in logs as unknown_kinds, Often;
    /// Items of an honest device, copied.
    Copied in logs as copied, Often;
    /// Payloads that inflate beyond every limit.
    Inflated in logs as inflated, Rarely;
    /// A header in an honest device's log, and another body for one of its envelopes.
    AnothersLog in logs as anothers_log, Often;
    /// Headers of a signer whom nobody knows.
    UnknownSigner in logs as unknown_signer, Often;
    /// An acknowledgement of thousands of logs that there are none of.
    InventedHeld in logs as invented_held, Often;
    /// An acknowledgement of everything, by one that holds nothing.
    AllHeld in logs as all_held, Often;
    /// Bodies that were let go, offered again.
    GoneOffered in logs as gone_offered, Often;
    /// A card under the id of a colleague with other keys.
    AnothersCard in cards as anothers_card, Often;
    /// A card with one key of a known colleague and their name.
    OneKey in cards as one_key, Often;
    /// More colleagues than one device adds.
    ManyCards in cards as many_cards, Rarely;
    /// A list of pieces that are another file's, and that file let go.
    SharedPieces in cards as shared_pieces, Often;
    /// One file's pieces in hundreds of lists.
    ManyLists in cards as many_lists, Often;
    /// A file that is not what its item says, and pieces that are none.
    NoFile in cards as no_file, Often;
    /// Entries of the roster that follow nothing.
    Orphans in roster as orphans, Often;
    /// Cuts of devices that were not removed, and entries that are none.
    FalseCuts in roster as false_cuts, Often;
    /// A removal and an admission signed by an authority that there is none of.
    FalseAuthority in roster as false_authority, Often;
    /// Entries of kinds that no version has, by the authority.
    UnknownEntries in roster as unknown_entries, WithWords;
    /// A removal, an admission and a kit in the name of an honest device.
    AnothersName in roster as anothers_name, WithWords;
    /// A device of its own let in.
    Sybil in roster as sybil, WithWords;
    /// A recovery kit of its own.
    OwnKit in roster as own_kit, WithWords;
    /// Hundreds of recovery kits beside each other.
    ManyKits in roster as many_kits, WithWords;
    /// Dozens of cuts of a device that it let in and removed, and dozens of removals.
    ManyCuts in roster as many_cuts, WithWords;
    /// A removal that hands noise to those who stay.
    NoiseHanded in roster as noise_handed, Last;
    /// A removal that hands another authority to those who stay.
    OtherAuthority in roster as other_authority, Last;
    /// A removal with thousands of secrets of epochs that there are none of, and false ones of those that there are.
    InventedSecrets in roster as invented_secrets, Last;
    /// The eldest removed, dated back.
    EldestRemoved in roster as eldest_removed, Last;
}
