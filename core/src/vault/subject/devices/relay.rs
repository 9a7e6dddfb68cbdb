//! The relay through which the practice's devices reach each other: a setting of the whole practice.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::DeviceId;
use crate::log::{Kind, SEEN_MAX, SETTING_MAX, Setting, SettingKind, in_force};
use crate::rows::RowError;
use crate::vault::registry::PracticeSettingAt;
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

impl PracticeRelay {
    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let mut text = || Ok(std::str::from_utf8(reader.lp(SETTING_MAX)?).map_err(|_| Malformed)?.to_owned());
        let (url, token) = (text()?, Zeroizing::new(text()?));
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

impl std::fmt::Debug for PracticeRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PracticeRelay")
    }
}

impl Devices<'_> {
    /// The relay that the practice uses, and the device that named it; `None` where none is used.
    pub fn relay(&self) -> Result<Option<(PracticeRelay, DeviceId)>, RowError> {
        let said = self.settings(SettingKind::Relay)?;
        let Some(setting) = in_force(&said).filter(|setting| !setting.value.is_empty()) else { return Ok(None) };
        let by = said.iter().find(|(_, other)| *other == setting).map(|(device, _)| *device);
        // What another device wrote in a way that is not understood here is no relay.
        Ok(PracticeRelay::parse(&setting.value).ok().zip(by))
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
        let value = relay.map(PracticeRelay::to_bytes).unwrap_or_default();
        if value.len() > SETTING_MAX {
            return Err(DeviceError::SettingTooLong);
        }
        let kind = SettingKind::Relay;
        let said = self.reads().settings(kind)?;
        let number = said.get(&self.core.device).map_or(0, |own| own.number).checked_add(1).ok_or(RowError::Damaged)?;
        let seen = said.values().map(Setting::hash).take(SEEN_MAX).collect();
        self.say_to_all(Kind::Setting, Setting { kind, number, seen, value }.to_bytes().to_vec())
    }
}
