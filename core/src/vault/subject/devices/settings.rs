//! Settings of the whole practice: the relay and the sync folder that all devices use.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::DeviceId;
use crate::log::{Kind, SEEN_MAX, SETTING_MAX, Setting, SettingKind, in_force};
use crate::rows::{One, RowError};
use crate::vault::registry::{PracticeSettingAt, SettingEpochAt};
use crate::vault::subject::{DeviceError, Devices, DevicesMut};

/// A relay, as somebody named it. What its address means is the network's affair.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PracticeRelay {
    /// Its address.
    pub url: String,
    /// What it asks for; empty where it is open to everybody.
    pub token: Zeroizing<String>,
    /// The certificate (DER) that it shows or that signs it; empty where the world trusts it.
    pub certificate: Vec<u8>,
}

/// A sync folder that all devices use, as somebody named it. What its addresses mean is the network's affair.
#[derive(Clone, PartialEq, Eq)]
pub enum PracticeFolder {
    /// A WebDAV share (RFC 4918).
    WebDav {
        /// Its address.
        url: String,
        /// Who may use it.
        user: String,
        /// Their password.
        password: Zeroizing<String>,
        /// As for a relay, in PEM.
        certificate: String,
    },
    /// A bucket of an S3 store.
    S3 {
        /// The store's address.
        endpoint: String,
        /// Where it lies, as the store calls it.
        region: String,
        /// The bucket.
        bucket: String,
        /// What the names of its objects begin with; empty for nothing.
        prefix: String,
        /// The name of the key.
        key_id: String,
        /// The key.
        secret: Zeroizing<String>,
        /// As for a relay, in PEM.
        certificate: String,
    },
}

/// Something that is asked for where devices meet, and that all of them know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The relay's token.
    Relay,
    /// What opens the sync folder.
    Folder,
}

const WEB_DAV: u8 = 1;
const S3: u8 = 2;

/// A value of the whole practice.
trait PracticeValue: Sized {
    const KIND: SettingKind;

    fn parse(bytes: &[u8]) -> Result<Self, Malformed>;

    fn to_bytes(&self) -> Zeroizing<Vec<u8>>;
}

impl PracticeValue for PracticeRelay {
    const KIND: SettingKind = SettingKind::Relay;

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let (url, token) = (text(&mut reader)?, Zeroizing::new(text(&mut reader)?));
        let certificate = reader.lp(SETTING_MAX)?.to_vec();
        reader.finish()?;
        Ok(Self { url, token, certificate })
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::new();
        writer.lp(self.url.as_bytes()).lp(self.token.as_bytes()).lp(&self.certificate);
        Zeroizing::new(writer.finish())
    }
}

impl PracticeValue for PracticeFolder {
    const KIND: SettingKind = SettingKind::Folder;

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let [kind] = reader.array()?;
        let mut next = || text(&mut reader);
        let folder = match kind {
            WEB_DAV => {
                Self::WebDav { url: next()?, user: next()?, password: Zeroizing::new(next()?), certificate: next()? }
            }
            S3 => Self::S3 {
                endpoint: next()?,
                region: next()?,
                bucket: next()?,
                prefix: next()?,
                key_id: next()?,
                secret: Zeroizing::new(next()?),
                certificate: next()?,
            },
            _ => return Err(Malformed),
        };
        reader.finish()?;
        Ok(folder)
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::new();
        match self {
            Self::WebDav { url, user, password, certificate } => {
                writer.bytes(&[WEB_DAV]);
                for text in [url, user, &**password, certificate] {
                    writer.lp(text.as_bytes());
                }
            }
            Self::S3 { endpoint, region, bucket, prefix, key_id, secret, certificate } => {
                writer.bytes(&[S3]);
                for text in [endpoint, region, bucket, prefix, key_id, &**secret, certificate] {
                    writer.lp(text.as_bytes());
                }
            }
        }
        Zeroizing::new(writer.finish())
    }
}

fn text(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    Ok(std::str::from_utf8(reader.lp(SETTING_MAX)?).map_err(|_| Malformed)?.to_owned())
}

impl std::fmt::Debug for PracticeRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PracticeRelay")
    }
}

impl std::fmt::Debug for PracticeFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PracticeFolder")
    }
}

impl Devices<'_> {
    /// The relay that the practice uses, and the device that named it; `None` where none is used.
    ///
    /// # Errors
    /// As for anything that is read.
    pub fn relay(&self) -> Result<Option<(PracticeRelay, DeviceId)>, RowError> {
        self.value_in_force()
    }

    /// The sync folder that the practice uses, and the device that named it; `None` where none is used, or each device has its own.
    ///
    /// # Errors
    /// As for anything that is read.
    pub fn folder(&self) -> Result<Option<(PracticeFolder, DeviceId)>, RowError> {
        self.value_in_force()
    }

    /// What opens the relay and the sync folder, where a device that was removed since knows it: it is to be changed where it was
    /// given, and named here anew.
    ///
    /// # Errors
    /// As for anything that is read.
    pub fn credentials_to_renew(&self) -> Result<Vec<Credential>, RowError> {
        let relay = self.relay()?.filter(|(relay, _)| !relay.token.is_empty());
        let relay = relay.map(|(_, by)| (Credential::Relay, SettingKind::Relay, by));
        let folder = self.folder()?.map(|(_, by)| (Credential::Folder, SettingKind::Folder, by));
        let mut known = Vec::new();
        for (credential, kind, by) in relay.into_iter().chain(folder) {
            let under = self.core.read().get(&SettingEpochAt(kind.code(), by))?;
            if under.is_some_and(|One(epoch)| epoch != self.core.memory.roster.epoch()) {
                known.push(credential);
            }
        }
        Ok(known)
    }

    fn value_in_force<V: PracticeValue>(&self) -> Result<Option<(V, DeviceId)>, RowError> {
        let said = self.settings(V::KIND)?;
        let Some(setting) = in_force(&said).filter(|setting| !setting.value.is_empty()) else { return Ok(None) };
        let by = said.iter().find(|(_, other)| *other == setting).map(|(device, _)| *device);
        // What another device wrote in a way that is not understood here is nothing.
        Ok(V::parse(&setting.value).ok().zip(by))
    }

    /// What each device that is or was of the practice said of a setting last.
    fn settings(&self, kind: SettingKind) -> Result<BTreeMap<DeviceId, Setting>, RowError> {
        let roster = &self.core.memory.roster;
        let mut devices: Vec<DeviceId> = roster.live().iter().map(|card| card.id).collect();
        devices.extend(roster.removed().map(|removed| removed.card.id));
        let mut said = BTreeMap::new();
        for device in devices {
            if let Some(setting) = self.core.read().get(&PracticeSettingAt(kind.code(), device))? {
                said.insert(device, setting);
            }
        }
        Ok(said)
    }
}

impl DevicesMut<'_> {
    /// Names the relay that all devices use from now on; `None` for none.
    ///
    /// # Errors
    /// [`DeviceError::SettingTooLong`]; as for anything that is written.
    pub fn use_relay(&mut self, relay: Option<&PracticeRelay>) -> Result<(), DeviceError> {
        self.set(relay)
    }

    /// Names the sync folder that all devices use from now on; `None` for none.
    ///
    /// # Errors
    /// [`DeviceError::SettingTooLong`]; as for anything that is written.
    pub fn use_folder(&mut self, folder: Option<&PracticeFolder>) -> Result<(), DeviceError> {
        self.set(folder)
    }

    fn set<V: PracticeValue>(&mut self, value: Option<&V>) -> Result<(), DeviceError> {
        let value = value.map(V::to_bytes).unwrap_or_default();
        if value.len() > SETTING_MAX {
            return Err(DeviceError::SettingTooLong);
        }
        let kind = V::KIND;
        let said = self.reads().settings(kind)?;
        let number = said.get(&self.core.device).map_or(0, |own| own.number).checked_add(1).ok_or(RowError::Damaged)?;
        let seen = said.values().map(Setting::hash).take(SEEN_MAX).collect();
        self.say_to_all(Kind::Setting, Setting { kind, number, seen, value }.to_bytes().to_vec())
    }
}
