//! Every domain-separation label, in one place, so that no two constructions can share one.
//!
//! Each is ASCII and begins with `subrosa/v1/`.

/// Context of the sealed local key in the passphrase slot.
pub const SLOT: &[u8] = b"subrosa/v1/slot/passphrase";
/// A device's id, from its public signing key.
pub const DEVICE_ID: &[u8] = b"subrosa/v1/device";
/// Checksum at the end of the passphrase slot.
pub const SLOT_CHECKSUM: &[u8] = b"subrosa/v1/slot/passphrase/checksum";
/// Context of the wrap in the recovery slot.
pub const RECOVERY: &[u8] = b"subrosa/v1/slot/recovery";
/// Checksum at the end of the recovery slot.
pub const RECOVERY_CHECKSUM: &[u8] = b"subrosa/v1/slot/recovery/checksum";
/// A payload under an X-Wing key: derives the sealing key, and is the context of the seal.
pub const WRAP: &[u8] = b"subrosa/v1/wrap";
/// The short name of an X-Wing public key.
pub const WRAP_FINGERPRINT: &[u8] = b"subrosa/v1/wrap/fingerprint";
/// Salt of the pairing code's stretching.
pub const PAIRING_CODE: &[u8] = b"subrosa/v1/pairing/code";
/// What two devices have said to each other so far while pairing.
pub const PAIRING_TRANSCRIPT: &[u8] = b"subrosa/v1/pairing/transcript";
/// The key that two pairing devices agree on.
pub const PAIRING_KEY: &[u8] = b"subrosa/v1/pairing/key";
/// The inviting device's proof that it knows the code.
pub const PAIRING_INVITER: &[u8] = b"subrosa/v1/pairing/inviter";
/// The joining device's proof that it knows the code.
pub const PAIRING_JOINER: &[u8] = b"subrosa/v1/pairing/joiner";
/// The joining device's sealed introduction.
pub const PAIRING_INTRODUCTION: &[u8] = b"subrosa/v1/pairing/introduction";
/// The inviting device's sealed welcome.
pub const PAIRING_WELCOME: &[u8] = b"subrosa/v1/pairing/welcome";
/// What the joiner's request says of its half of the words that both screens show.
pub const PAIRING_COMMITMENT: &[u8] = b"subrosa/v1/pairing/commitment";
/// The words that both screens show.
pub const PAIRING_WORDS: &[u8] = b"subrosa/v1/pairing/words";
/// Key and context of the introduction in a request file.
pub const PAIRING_REQUEST: &[u8] = b"subrosa/v1/pairing/request";
/// Key and context of the welcome in an answer file.
pub const PAIRING_ANSWER: &[u8] = b"subrosa/v1/pairing/answer";
/// Context of what a device keeps between its request and the answer.
pub const PAIRING_PENDING: &[u8] = b"subrosa/v1/pairing/pending";
/// A document's id, from its type, its client and a nonce.
pub const DOCUMENT: &[u8] = b"subrosa/v1/document";
/// Hash that gives the actor of a document's root.
pub const DOCUMENT_ROOT: &[u8] = b"subrosa/v1/document/root";
/// Hash that gives the actor of the change that says what was frozen.
pub const DOCUMENT_BASE: &[u8] = b"subrosa/v1/document/base";

/// Checksum of one block of the vault file, and of its header.
pub const STORE_BLOCK: &[u8] = b"subrosa/v1/store/block";

/// Checksum of the anchor beside the vault file.
pub const STORE_ANCHOR: &[u8] = b"subrosa/v1/store/anchor";
/// A device's signature over the header of an envelope.
pub const HEADER: &[u8] = b"subrosa/v1/header";
/// Key that seals the bodies of an epoch.
pub const OUTER: &[u8] = b"subrosa/v1/outer";
/// What a device shows on the local network beside its endpoint id.
pub const NEARBY: &[u8] = b"subrosa/v1/nearby";
/// Key, context and signature of an object in a sync folder.
pub const FOLDER: &[u8] = b"subrosa/v1/folder";
/// The transport key of a week.
pub const TRANSPORT: &[u8] = b"subrosa/v1/transport";
/// Context of a sealed body.
pub const BODY: &[u8] = b"subrosa/v1/body";
/// Context of a sealed item.
pub const ITEM: &[u8] = b"subrosa/v1/item";
/// The authority's signature over a roster entry.
pub const ROSTER: &[u8] = b"subrosa/v1/roster";
/// Context of the secrets that an admission hands to the new device.
pub const ADMISSION: &[u8] = b"subrosa/v1/admission";
/// What a roster entry says of the secret of the epoch that it opens: nobody can hand over another.
pub const EPOCH: &[u8] = b"subrosa/v1/epoch";
/// Key and context of the secrets of earlier epochs, sealed under a later one.
pub const EPOCH_EARLIER: &[u8] = b"subrosa/v1/epoch/earlier";
/// Context of the epoch's secret that a removal hands over.
pub const REMOVAL: &[u8] = b"subrosa/v1/removal";
/// Context of the authority's key that a removal hands over.
pub const REMOVAL_AUTHORITY: &[u8] = b"subrosa/v1/removal/authority";
/// Signature of a device under a roster entry.
pub const ROSTER_DEVICE: &[u8] = b"subrosa/v1/roster/device";
/// Context of the sealed keys of a keyring part.
pub const PART: &[u8] = b"subrosa/v1/part";
/// A compartment key's name.
pub const KEY: &[u8] = b"subrosa/v1/key";
/// Context of the wrap that hands a part's key to a reader.
pub const PART_KEY: &[u8] = b"subrosa/v1/part/key";
/// The signature on a contact card.
pub const CARD: &[u8] = b"subrosa/v1/card";
/// The words that two colleagues compare.
pub const CARD_WORDS: &[u8] = b"subrosa/v1/card/words";
/// The signature in a sealed record, over its manifest.
pub const RECORD: &[u8] = b"subrosa/v1/record";
/// Names of rows, and the key that makes them.
pub const ROW_NAME: &[u8] = b"subrosa/v1/row/name";
/// The multiset hash over the replaceable rows.
pub const ROW_SUM: &[u8] = b"subrosa/v1/row/sum";
/// Sealed rows.
pub const ROW: &[u8] = b"subrosa/v1/row";
/// Row keys of the slots.
pub const SLOTS: &[u8] = b"subrosa/v1/slots";
/// The box of keys that the local key opens.
pub const BOX_KEYS: &[u8] = b"subrosa/v1/box/keys";
/// The box of keys that asks for the passphrase again.
pub const BOX_REAUTH: &[u8] = b"subrosa/v1/box/again";
/// The digest that the anchor beside a vault holds.
pub const ANCHOR_DIGEST: &[u8] = b"subrosa/v1/anchor";
/// The name of the same anchor in the platform's keystore.
pub const ANCHOR_NAME: &[u8] = b"subrosa/v1/anchor/name";
/// A signed note.
pub const NOTE: &[u8] = b"subrosa/v1/note";
/// A digest of all that a device holds of the logs.
pub const FRONTIER: &[u8] = b"subrosa/v1/frontier";
/// The first message between two devices.
pub const HELLO: &[u8] = b"subrosa/v1/hello";
/// The authority's signature over the key of a device that was restored from a backup.
pub const VOUCHER: &[u8] = b"subrosa/v1/voucher";
/// What is kept of the letters that are to be typed back from the recovery kit.
pub const KIT_ANSWER: &[u8] = b"subrosa/v1/kit/question";
/// Ids of imported documents.
pub const IMPORT: &[u8] = b"subrosa/v1/import";
/// The practice's key that stands on its card as the recipient of records.
pub const CARD_WRAP: &[u8] = b"subrosa/v1/card/recipient";
/// The practice's key that signs its card and its records.
pub const CARD_SIGN: &[u8] = b"subrosa/v1/card/signing";
/// A device's signature over the manifest of a backup.
pub const BACKUP: &[u8] = b"subrosa/v1/backup";
/// Ids of colleagues.
pub const COLLEAGUE: &[u8] = b"subrosa/v1/colleague";
/// Context of one sealed piece of a file.
pub const FILE_PIECE: &[u8] = b"subrosa/v1/file/piece";
/// The name of a file's pieces taken together.
pub const FILE_BLOB: &[u8] = b"subrosa/v1/file/blob";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// What begins like a label in a text, up to the sign that ends it.
    fn labels(text: &str, end: char) -> Vec<&str> {
        text.split("subrosa/v1/").skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    #[test]
    fn every_label_is_here_once_and_in_the_table_of_the_format() {
        // Up to the tests, which talk of labels too.
        let code = include_str!("labels.rs").split("#[cfg(test)]").next().unwrap();
        let made: Vec<&str> =
            code.lines().filter(|line| line.starts_with("pub const")).flat_map(|line| labels(line, '"')).collect();
        let page = include_str!("../../../docs/format.md").split("## 16 Labels").nth(1).unwrap();
        let listed: Vec<&str> =
            page.lines().filter(|line| line.starts_with("| `")).flat_map(|line| labels(line, '`')).collect();
        let (made_once, listed_once): (BTreeSet<_>, BTreeSet<_>) = (made.iter().collect(), listed.iter().collect());
        assert_eq!(made_once, listed_once, "docs/format.md, 16");
        assert_eq!((made.len(), listed.len()), (made_once.len(), listed_once.len()), "no two constructions share one");
    }
}
