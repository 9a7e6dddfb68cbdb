//! Vectors of what is signed outside envelopes: a voucher, a backup's manifest, a sealed record's.

use super::*;
use crate::backup::{BackupManifest, Counts, Origin, timestamp};
use crate::card::ContactKeys;
use crate::share;

impl Vectors {
    /// What a device or a practice says and signs.
    pub(super) fn statements(&mut self) {
        let (genesis, restored) = (Hash([0x9E; 32]), signer(0x10).public_key());
        let vault = Vault::create(store(), &new(&passphrase("office"), "Office"), Box::new(Os)).unwrap().vault;
        assert_eq!(vault.devices().vouched(&restored), [vault.core.memory.roster.practice().0, restored.0].concat());
        let authority = signer(2);
        let vouched = [genesis.0, restored.0].concat();
        self.signed("a voucher", &authority, labels::VOUCHER, &vouched);
        let mine = authority.sign(labels::VOUCHER, &vouched).0;
        let other = [genesis.0, signer(0x20).public_key().0].concat();
        let with = [hex(authority.public_key().0), label(labels::VOUCHER), hex(other), hex(mine)];
        self.refused("a voucher for another device", "verify", &with);

        let origin = Origin { practice: genesis, device: restored.device_id(), made: timestamp(NOW) };
        let counts = Counts { logs: 1, envelopes: 3, clients: 2, notes: 4, readable: 2, ..Counts::default() };
        let manifest = serde_json::to_vec(&BackupManifest::new(origin, counts, Hash([0xB0; 32]))).unwrap();
        self.signed("a backup's manifest", &signer(0x10), labels::BACKUP, &manifest);

        let recipient = WrapPublic::of(&key::<WrapRole>(0x31));
        let keys = ContactKeys { recipient: WrapPublic::of(&key::<WrapRole>(0x21)), signing_key: restored };
        let said = json!({
            "kind": "subrosa sealed record", "format": 2, "created": "2026-11-22", "purpose": "Handover",
            "legal_basis": "Consent", "sender": { "name": "Dr. Aino Example", "keys": keys },
            "recipient": recipient.fingerprint(),
            "files": [{ "name": "record.md", "size": 12, "sha256": Hash([0xF0; 32]) }],
        });
        // As the program writes it, from what it takes for a sealed record's manifest.
        let manifest: share::RecordManifest = serde_json::from_value(said).unwrap();
        let manifest = serde_json::to_vec_pretty(&manifest).unwrap();
        self.signed("a sealed record's manifest", &signer(0x10), labels::RECORD, &manifest);
    }

    /// Verifies; and not with the last bit turned over, nor under another label.
    fn signed(&mut self, what: &str, by: &Signer, under: &[u8], said: &[u8]) {
        let signature = by.sign(under, said);
        let with = |under, said| [hex(by.public_key().0), label(under), said, hex(signature.0)];
        self.gives(&format!("the signature of {what}"), "verify", &with(under, hex(said)), Value::Null);
        self.refused(&format!("{what}, changed"), "verify", &with(under, flipped(said)));
        self.refused(&format!("{what} under another label"), "verify", &with(labels::NOTE, hex(said)));
    }
}
